import type { Alert, AlertGroup } from '../alert.js';

const target = (instance: string): string => `namespace="fabric",job="operator",instance="${instance}:9444"`;
const job = { namespace: 'fabric', job: 'operator' };

const leads = (instance: string, values: string): Alert['fires']['given'][number] => ({
  series: `leader_election_master_status{${target(instance)},name="chaincode-launcher"}`,
  values,
});

const noLeader: Alert = {
  name: 'ChaincodeOperatorHasNoLeader',
  severity: 'critical',
  expr: 'max by (namespace, job, name) (leader_election_master_status) == 0',
  for: '2m',
  summary: 'No operator leads',
  description:
    'No replica of {{ $labels.job }} holds the Lease {{ $labels.name }}: no chaincode is launched. Running chaincodes go on.',
  fires: {
    given: [leads('op0', '1+0x3 0+0x20'), leads('op1', '0+0x24')],
    atMinute: 8,
    as: [
      {
        labels: { ...job, name: 'chaincode-launcher' },
        summary: 'No operator leads',
        description:
          'No replica of operator holds the Lease chaincode-launcher: no chaincode is launched. Running chaincodes go on.',
      },
    ],
  },
  // The lease goes from one to the other.
  quiet: { given: [leads('op0', '1+0x3 0+0x20'), leads('op1', '0+0x4 1+0x20')], atMinute: 8 },
};

const gone: Alert = {
  name: 'ChaincodeOperatorGone',
  severity: 'critical',
  expr: 'group by (namespace, job) (last_over_time(leader_election_master_status[1h])) unless group by (namespace, job) (leader_election_master_status)',
  for: '2m',
  summary: 'The operator tells nothing any more',
  description:
    'No replica of {{ $labels.job }} was scraped, and an hour ago there was one: no chaincode is launched. Running chaincodes go on.',
  fires: {
    given: [leads('op0', '1+0x3 stale')],
    atMinute: 10,
    as: [
      {
        labels: job,
        summary: 'The operator tells nothing any more',
        description:
          'No replica of operator was scraped, and an hour ago there was one: no chaincode is launched. Running chaincodes go on.',
      },
    ],
  },
  quiet: { given: [leads('op0', '1+0x3 stale'), leads('op1', '0+0x3 1+0x20')], atMinute: 10 },
};

const reconciles = (failing: string): Alert['fires']['given'] => [
  {
    series: `controller_runtime_reconcile_errors_total{${target('op0')},controller="chaincodelaunch"}`,
    values: failing,
  },
  {
    series: `controller_runtime_reconcile_total{${target('op0')},controller="chaincodelaunch",result="success"}`,
    values: '0+30x40',
  },
  {
    series: `controller_runtime_reconcile_total{${target('op0')},controller="chaincodelaunch",result="error"}`,
    values: failing,
  },
];

const reconcileErrors: Alert = {
  name: 'ChaincodeOperatorReconcileErrors',
  severity: 'warning',
  expr: 'sum by (namespace, job) (rate(controller_runtime_reconcile_errors_total[10m])) / sum by (namespace, job) (rate(controller_runtime_reconcile_total[10m])) > 0.1',
  for: '10m',
  summary: 'Reconciles of the operator fail',
  description:
    '{{ $value | humanizePercentage }} of the reconciles of {{ $labels.job }} end with an error. The log of the leader has the text.',
  fires: {
    given: reconciles('0+10x40'),
    atMinute: 30,
    as: [
      {
        labels: job,
        summary: 'Reconciles of the operator fail',
        description:
          '25% of the reconciles of operator end with an error. The log of the leader has the text.',
      },
    ],
  },
  quiet: { given: reconciles('0+2x40'), atMinute: 30 },
};

const depth = (values: string): Alert['fires']['given'] => [
  { series: `workqueue_depth{${target('op0')},name="chaincodelaunch"}`, values },
];

const queue: Alert = {
  name: 'ChaincodeOperatorQueueNotDrained',
  severity: 'warning',
  expr: 'sum by (namespace, job, name) (min_over_time(workqueue_depth[5m])) > 0',
  for: '10m',
  summary: 'The operator does not keep up',
  description:
    'For more than 10 minutes the queue of {{ $labels.job }} was never empty; at least {{ $value | printf "%.0f" }} launches wait for a worker.',
  fires: {
    given: depth('5+0x40'),
    atMinute: 20,
    as: [
      {
        labels: { ...job, name: 'chaincodelaunch' },
        summary: 'The operator does not keep up',
        description:
          'For more than 10 minutes the queue of operator was never empty; at least 5 launches wait for a worker.',
      },
    ],
  },
  // Busy, and drained now and then.
  quiet: { given: depth('5+0x3 0 5+0x3 0 5+0x3 0 5+0x3 0 5+0x3 0 5+0x3'), atMinute: 20 },
};

/** For networks whose chaincode runs in Pods. */
export const operatorAlerts: AlertGroup = {
  name: 'chaincode-operator',
  alerts: [noLeader, gone, reconcileErrors, queue],
};
