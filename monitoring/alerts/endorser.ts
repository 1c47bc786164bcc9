import type { Alert, AlertGroup, Sample } from '../alert.js';
import { growth } from '../promql.js';

const target = (instance = 'peer0'): string =>
  `namespace="fabric",job="endorser",instance="${instance}:9443"`;
const job = { namespace: 'fabric', job: 'endorser' };
const peer0 = { ...job, instance: 'peer0:9443' };

const received = (values: string, instance?: string): Sample => ({
  series: `endorser_proposals_received{${target(instance)}}`,
  values,
});
const up = (values: string, instance?: string): Sample => ({ series: `up{${target(instance)}}`, values });

const down: Alert = {
  name: 'ChaincodeEndorserDown',
  severity: 'critical',
  expr: 'up == 0 and on (namespace, job, instance) last_over_time(endorser_proposals_received[1d])',
  for: '2m',
  summary: 'Endorser {{ $labels.instance }} is down',
  description:
    'The operations endpoint of {{ $labels.instance }} does not answer. It endorses and commits nothing.',
  fires: {
    given: [up('1+0x5 0+0x20'), received('4+0x5 stale')],
    atMinute: 10,
    as: [
      {
        labels: peer0,
        summary: 'Endorser peer0:9443 is down',
        description:
          'The operations endpoint of peer0:9443 does not answer. It endorses and commits nothing.',
      },
    ],
  },
  // Something else is down.
  quiet: { given: [up('1+0x5 0+0x20', 'other'), up('1+0x25'), received('4+0x25')], atMinute: 10 },
};

const gone: Alert = {
  name: 'ChaincodeEndorserGone',
  severity: 'critical',
  expr: 'group by (namespace, job) (last_over_time(endorser_proposals_received[1h])) unless group by (namespace, job) (up)',
  for: '5m',
  summary: 'No endorser is left',
  description:
    'Job {{ $labels.job }} had an endorser during the last hour, and now Prometheus finds none to scrape.',
  fires: {
    given: [up('1+0x5 stale'), received('4+0x5 stale')],
    atMinute: 15,
    as: [
      {
        labels: job,
        summary: 'No endorser is left',
        description:
          'Job endorser had an endorser during the last hour, and now Prometheus finds none to scrape.',
      },
    ],
  },
  // One was replaced by another.
  quiet: {
    given: [
      up('1+0x5 stale'),
      received('4+0x5 stale'),
      up('_x5 1+0x20', 'peer1'),
      received('_x5 0+0x20', 'peer1'),
    ],
    atMinute: 15,
  },
};

const timeouts = (values: string): Sample[] => [
  { series: `chaincode_execute_timeouts{${target()},chaincode="kv:1.0"}`, values },
];

const executeTimeouts: Alert = {
  name: 'ChaincodeExecuteTimeouts',
  severity: 'warning',
  expr: `sum by (namespace, job, chaincode) ${growth('chaincode_execute_timeouts', '15m')} > 0`,
  summary: 'Chaincode {{ $labels.chaincode }} does not answer in time',
  description:
    'Calls of {{ $labels.chaincode }} that took longer than chaincode.executetimeout within 15 minutes: {{ $value | printf "%.0f" }}.',
  fires: {
    given: timeouts('_x4 2+0x20'),
    atMinute: 6,
    as: [
      {
        labels: { ...job, chaincode: 'kv:1.0' },
        summary: 'Chaincode kv:1.0 does not answer in time',
        description: 'Calls of kv:1.0 that took longer than chaincode.executetimeout within 15 minutes: 2.',
      },
    ],
  },
  quiet: { given: timeouts('2+0x40'), atMinute: 30 },
};

const proposals = (all: string, good: string): Sample[] => [
  received(all),
  { series: `endorser_successful_proposals{${target()}}`, values: good },
];

/** A few wrong proposals of one client are no trouble of the endorser. */
const proposalsFail: Alert = {
  name: 'ChaincodeProposalsFail',
  severity: 'warning',
  expr:
    '1 - sum by (namespace, job, instance) (increase(endorser_successful_proposals[10m])) / sum by (namespace, job, instance) (increase(endorser_proposals_received[10m])) > 0.25' +
    ' and on (namespace, job, instance) sum by (namespace, job, instance) (increase(endorser_proposals_received[10m])) > 20',
  for: '5m',
  summary: 'Many proposals to {{ $labels.instance }} fail',
  description: '{{ $value | humanizePercentage }} of the proposals of the last 10 minutes were not endorsed.',
  fires: {
    given: proposals('0+10x40', '0+5x40'),
    atMinute: 20,
    as: [
      {
        labels: peer0,
        summary: 'Many proposals to peer0:9443 fail',
        description: '50% of the proposals of the last 10 minutes were not endorsed.',
      },
    ],
  },
  quiet: { given: proposals('0+1x40', '0+0x40'), atMinute: 20 },
};

const height = (instance: string, values: string): Sample => ({
  series: `ledger_blockchain_height{${target(instance)},channel="mychannel"}`,
  values,
});

const committing = (errors: string, blocks: string): Sample[] => [
  { series: `chaincode_launcher_committer_errors_total{${target()},channel="mychannel"}`, values: errors },
  height('peer0', blocks),
];

const doesNotCommit: Alert = {
  name: 'ChaincodeEndorserDoesNotCommit',
  severity: 'critical',
  expr:
    'increase(chaincode_launcher_committer_errors_total[5m]) > 10' +
    ' and on (namespace, job, instance, channel) changes(ledger_blockchain_height[5m]) == 0',
  for: '5m',
  summary: 'Endorser {{ $labels.instance }} gets no blocks of {{ $labels.channel }}',
  description:
    'For more than 5 minutes it tries in vain to get the next block from the ordering service, or to commit it. Its log says why.',
  fires: {
    given: committing('0+6x40', '7+0x40'),
    atMinute: 15,
    as: [
      {
        labels: { ...peer0, channel: 'mychannel' },
        summary: 'Endorser peer0:9443 gets no blocks of mychannel',
        description:
          'For more than 5 minutes it tries in vain to get the next block from the ordering service, or to commit it. Its log says why.',
      },
    ],
  },
  // The orderer was restarted, and no transaction has come since.
  quiet: { given: committing('0+6x4 24+0x40', '7+0x40'), atMinute: 15 },
};

/**
 * Proposals alone do not tell whether there should be blocks: queries make none. That another endorser of the channel has
 * more of them does.
 */
const behind: Alert = {
  name: 'ChaincodeEndorserBehind',
  severity: 'critical',
  expr:
    'ledger_blockchain_height < on (namespace, channel) group_left () max by (namespace, channel) (ledger_blockchain_height)' +
    ' and changes(ledger_blockchain_height[10m]) == 0',
  for: '5m',
  summary: 'Endorser {{ $labels.instance }} does not commit on {{ $labels.channel }}',
  description:
    'It stands at height {{ $value | printf "%.0f" }} for more than 10 minutes, while another endorser of the channel has more blocks. Its log says why.',
  fires: {
    given: [height('peer0', '7+0x40'), height('peer1', '7+1x40')],
    atMinute: 20,
    as: [
      {
        labels: { ...peer0, channel: 'mychannel' },
        summary: 'Endorser peer0:9443 does not commit on mychannel',
        description:
          'It stands at height 7 for more than 10 minutes, while another endorser of the channel has more blocks. Its log says why.',
      },
    ],
  },
  // It is behind, and catches up.
  quiet: { given: [height('peer0', '7+1x40'), height('peer1', '100+1x40')], atMinute: 20 },
};

const memoryLimit: Sample = {
  series: `chaincode_launcher_memory_limit_bytes{${target()}}`,
  values: '1000000000+0x40',
};
const lag = (values: string): Sample => ({ series: `nodejs_eventloop_lag_p99_seconds{${target()}}`, values });

const eventLoop: Alert = {
  name: 'ChaincodeEventLoopBlocked',
  severity: 'warning',
  expr: 'avg_over_time(nodejs_eventloop_lag_p99_seconds[5m]) > 0.25 and on (namespace, job, instance) chaincode_launcher_memory_limit_bytes',
  for: '5m',
  summary: '{{ $labels.instance }} is slow at everything',
  description:
    'Its event loop is {{ $value | humanizeDuration }} late (p99): it has more work than one core does, or too little CPU.',
  fires: {
    given: [memoryLimit, lag('0.5+0x40')],
    atMinute: 20,
    as: [
      {
        labels: peer0,
        summary: 'peer0:9443 is slow at everything',
        description:
          'Its event loop is 500ms late (p99): it has more work than one core does, or too little CPU.',
      },
    ],
  },
  // One long pause.
  quiet: { given: [memoryLimit, lag('0.01+0x15 2 0.01+0x20')], atMinute: 20 },
};

const resident = (values: string): Sample => ({
  series: `process_resident_memory_bytes{${target()}}`,
  values,
});

const memory: Alert = {
  name: 'ChaincodeMemoryNearLimit',
  severity: 'warning',
  expr: 'process_resident_memory_bytes / chaincode_launcher_memory_limit_bytes > 0.9',
  for: '5m',
  summary: '{{ $labels.instance }} will soon be killed for its memory',
  description: 'It uses {{ $value | humanizePercentage }} of the memory that it may use.',
  fires: {
    given: [memoryLimit, resident('950000000+0x40')],
    atMinute: 10,
    as: [
      {
        labels: peer0,
        summary: 'peer0:9443 will soon be killed for its memory',
        description: 'It uses 95% of the memory that it may use.',
      },
    ],
  },
  quiet: { given: [memoryLimit, resident('800000000+0x40')], atMinute: 10 },
};

export const endorserAlerts: AlertGroup = {
  name: 'chaincode-endorser',
  alerts: [down, gone, executeTimeouts, proposalsFail, doesNotCommit, behind],
};

/** For every program of this project. */
export const processAlerts: AlertGroup = {
  name: 'chaincode-launcher-process',
  alerts: [eventLoop, memory],
};
