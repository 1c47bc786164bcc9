import type { Dashboard, Panel } from '../panel.js';
import { growth, orZero, perSecond, quantile, select, sum } from '../promql.js';
import { targetVariables } from '../targets.js';
import { processPanels } from './process.js';

const received = select('endorser_proposals_received');
const successful = select('endorser_successful_proposals');

/** Failures of one kind around each time: the first of them is one too. */
function failed(metric: string): string {
  return orZero(sum(growth(select(metric), '$__rate_interval')));
}

const proposals: Panel[] = [
  {
    title: 'Proposals',
    description: 'Proposals per second, system chaincode and queries included, and those that were endorsed.',
    kind: 'lines',
    unit: 'reqps',
    queries: [
      { expr: perSecond(received), legend: 'received' },
      { expr: perSecond(successful), legend: 'successful' },
    ],
  },
  {
    title: 'Proposals that failed, by cause',
    description:
      'validation: signature, identity or form. ACL: not allowed. duplicate: the transaction exists. init: instantiate or upgrade. endorsement: the chaincode answered 400 to 499, or the endorsement plugin failed. A chaincode that answers 500 is in none of them: see the next panel.',
    kind: 'areas',
    unit: 'none',
    queries: [
      { expr: failed('endorser_proposal_validation_failures'), legend: 'validation' },
      { expr: failed('endorser_proposal_acl_failures'), legend: 'ACL' },
      { expr: failed('endorser_duplicate_transaction_failures'), legend: 'duplicate' },
      { expr: failed('endorser_chaincode_instantiation_failures'), legend: 'init' },
      { expr: failed('endorser_endorsement_failures'), legend: 'endorsement' },
    ],
  },
  {
    title: 'Failed proposals by chaincode',
    description: 'Proposals that were run and not endorsed, in the time range.',
    kind: 'bars',
    unit: 'none',
    badFrom: 1,
    queries: [
      {
        expr: orZero(
          sum(growth(select('endorser_proposal_duration_count', 'success="false"'), '$__range'), 'chaincode'),
          'chaincode',
        ),
        legend: '{{chaincode}}',
      },
    ],
  },
  {
    title: 'p95 of a proposal by chaincode',
    description:
      'Time from the call to the answer. The first proposal of a chaincode launches it. The top bucket is 10 s.',
    kind: 'lines',
    unit: 's',
    width: 12,
    queries: [
      {
        expr: quantile(0.95, select('endorser_proposal_duration_bucket', 'success="true"'), 'chaincode'),
        legend: '{{chaincode}}',
      },
    ],
  },
  {
    title: 'Time of a proposal',
    description: 'All chaincodes together.',
    kind: 'lines',
    unit: 's',
    width: 12,
    queries: [0.5, 0.95, 0.99].map((q) => ({
      expr: quantile(q, select('endorser_proposal_duration_bucket')),
      legend: `p${q * 100}`,
    })),
  },
];

const chaincode: Panel[] = [
  {
    title: 'Shim requests',
    description: 'What chaincodes ask of the ledger, by message type.',
    kind: 'lines',
    unit: 'reqps',
    queries: [{ expr: perSecond(select('chaincode_shim_requests_completed'), 'type'), legend: '{{type}}' }],
  },
  {
    title: 'p95 of a shim request',
    description: 'How long the endorser takes for them.',
    kind: 'lines',
    unit: 's',
    queries: [
      { expr: quantile(0.95, select('chaincode_shim_request_duration_bucket'), 'type'), legend: '{{type}}' },
    ],
  },
  {
    title: 'Failed requests and execute timeouts',
    description:
      'In the time range. A timeout is a chaincode that did not answer within chaincode.executetimeout.',
    kind: 'bars',
    unit: 'none',
    badFrom: 1,
    queries: [
      {
        expr: orZero(
          sum(
            growth(select('chaincode_shim_requests_completed', 'success="false"'), '$__range'),
            'chaincode',
          ),
          'chaincode',
        ),
        legend: '{{chaincode}} shim request failed',
      },
      {
        expr: orZero(sum(growth(select('chaincode_execute_timeouts'), '$__range'), 'chaincode'), 'chaincode'),
        legend: '{{chaincode}} timed out',
      },
    ],
  },
];

const ledger: Panel[] = [
  {
    title: 'Ledger height',
    description: 'Blocks of each channel. Endorsers of one channel must be at the same height.',
    kind: 'lines',
    unit: 'none',
    queries: [{ expr: select('ledger_blockchain_height'), legend: '{{channel}} {{instance}}' }],
  },
  {
    title: 'Transactions by verdict',
    description: 'Committed transactions per second. All but VALID changed nothing.',
    kind: 'areas',
    unit: 'ops',
    queries: [
      {
        expr: perSecond(select('ledger_transaction_count'), 'channel, validation_code'),
        legend: '{{channel}} {{validation_code}}',
      },
    ],
  },
  {
    title: 'p95 of a block',
    description: 'Processing is checking, comparing of versions and writing; writing is the last part of it.',
    kind: 'lines',
    unit: 's',
    queries: [
      {
        expr: quantile(0.95, select('ledger_block_processing_time_bucket'), 'channel'),
        legend: '{{channel}} processing',
      },
      {
        expr: quantile(0.95, select('ledger_blockstorage_and_pvtdata_commit_time_bucket'), 'channel'),
        legend: '{{channel}} writing',
      },
    ],
  },
];

const grpc: Panel[] = [
  {
    title: 'Open connections and streams',
    description: 'gRPC connections of clients and chaincodes, and Deliver streams.',
    kind: 'lines',
    unit: 'none',
    queries: [
      {
        expr: sum(`${select('grpc_comm_conn_opened')} - ${select('grpc_comm_conn_closed')}`),
        legend: 'connections',
      },
      {
        expr: sum(`${select('deliver_streams_opened')} - ${select('deliver_streams_closed')}`),
        legend: 'Deliver streams',
      },
    ],
  },
  {
    title: 'gRPC calls by answer',
    description: 'Completed calls per second by method and code.',
    kind: 'lines',
    unit: 'reqps',
    queries: [
      {
        expr: perSecond(select('grpc_server_unary_requests_completed'), 'method, code'),
        legend: '{{method}} {{code}}',
      },
      {
        expr: perSecond(select('grpc_server_stream_requests_completed'), 'method, code'),
        legend: '{{method}} {{code}}',
      },
    ],
  },
  {
    title: 'Failed attempts to take in blocks',
    description: 'Per second; each attempt follows within ten seconds. The log says why.',
    kind: 'lines',
    unit: 'ops',
    queries: [
      {
        expr: perSecond(select('chaincode_launcher_committer_errors_total'), 'channel'),
        legend: '{{channel}}',
      },
    ],
  },
  {
    title: 'Deliver',
    description: 'Blocks sent to clients that wait for events, and requests for them.',
    kind: 'lines',
    unit: 'ops',
    queries: [
      { expr: perSecond(select('deliver_blocks_sent'), 'channel'), legend: '{{channel}} blocks' },
      { expr: perSecond(select('deliver_requests_received'), 'channel'), legend: '{{channel}} requests' },
    ],
  },
];

/** How does an endorsing peer do? */
export const endorser: Dashboard = {
  uid: 'chaincode-endorser',
  title: 'Endorser',
  description: 'Proposals, chaincode requests, ledger, connections, and the process itself.',
  variables: targetVariables('endorser'),
  rows: [
    { title: 'Proposals', panels: proposals },
    { title: 'Chaincode', panels: chaincode },
    { title: 'Ledger', panels: ledger },
    { title: 'gRPC and Deliver', panels: grpc },
    { title: 'Process', panels: processPanels('endorser') },
  ],
};
