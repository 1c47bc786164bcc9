import type { Dashboard, Panel } from '../panel.js';
import { orZero, perSecond, quantile, select, sum } from '../promql.js';
import { targetVariables } from '../targets.js';
import { processPanels } from './process.js';

const of = 'operator';

function quantiles(buckets: string): Panel['queries'] {
  return [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, buckets), legend: `p${q * 100}` }));
}

const work: Panel[] = [
  {
    title: 'Leader',
    description: 'The replica that works. Exactly one line must be at 1.',
    kind: 'lines',
    unit: 'none',
    of,
    queries: [{ expr: select('leader_election_master_status'), legend: '{{instance}}' }],
  },
  {
    title: 'Reconciles',
    description: 'How often launches were looked at, by result.',
    kind: 'lines',
    unit: 'ops',
    of,
    queries: [
      { expr: perSecond(select('controller_runtime_reconcile_total'), 'result'), legend: '{{result}}' },
    ],
  },
  {
    title: 'Reconcile errors',
    description:
      'Reconciles that ended with an error and are tried again. The log of the leader has the text.',
    kind: 'lines',
    unit: 'ops',
    of,
    queries: [
      {
        expr: perSecond(select('controller_runtime_reconcile_errors_total'), 'controller'),
        legend: '{{controller}}',
      },
    ],
  },
  {
    title: 'Time of a reconcile',
    description: 'How long it takes to bring one launch a step further.',
    kind: 'lines',
    unit: 's',
    of,
    queries: quantiles(select('controller_runtime_reconcile_time_seconds_bucket')),
  },
  {
    title: 'Launches by phase',
    description: 'ChaincodeLaunch objects that the operator knows.',
    kind: 'areas',
    unit: 'none',
    width: 16,
    of,
    queries: [
      {
        expr: sum(`max by (namespace, job, phase) (${select('chaincode_launcher_launches')})`, 'phase'),
        legend: '{{phase}}',
      },
    ],
  },
];

const queue: Panel[] = [
  {
    title: 'Queue depth',
    description: 'Launches that wait for a worker. It must come back to 0.',
    kind: 'lines',
    unit: 'none',
    of,
    queries: [{ expr: sum(select('workqueue_depth'), 'name'), legend: '{{name}}' }],
  },
  {
    title: 'Waiting in the queue',
    description: 'From a change to the begin of the work on it.',
    kind: 'lines',
    unit: 's',
    of,
    queries: quantiles(select('workqueue_queue_duration_seconds_bucket')),
  },
  {
    title: 'Workers',
    description: 'Workers in use, below how many there are (--workers).',
    kind: 'lines',
    unit: 'none',
    of,
    queries: [
      { expr: sum(select('controller_runtime_active_workers'), 'instance'), legend: '{{instance}} in use' },
      {
        expr: sum(select('controller_runtime_max_concurrent_reconciles'), 'instance'),
        legend: '{{instance}} there are',
      },
    ],
  },
  {
    title: 'Added and tried again',
    description: 'Keys put into the queue, and those that came back after an error.',
    kind: 'lines',
    unit: 'ops',
    of,
    queries: [
      { expr: perSecond(select('workqueue_adds_total')), legend: 'added' },
      { expr: perSecond(select('workqueue_retries_total')), legend: 'tried again' },
    ],
  },
  {
    title: 'Time of one piece of work',
    description: 'From the taking of a key to its end.',
    kind: 'lines',
    unit: 's',
    of,
    queries: quantiles(select('workqueue_work_duration_seconds_bucket')),
  },
];

const api: Panel[] = [
  {
    title: 'API requests by code',
    description:
      'What the API server answered. 403: rights are missing; 409: somebody else wrote first; 429: too many.',
    kind: 'lines',
    unit: 'reqps',
    of,
    queries: [{ expr: perSecond(select('rest_client_requests_total'), 'code'), legend: '{{code}}' }],
  },
  {
    title: 'p95 of API requests',
    description: 'How long the API server took, by verb.',
    kind: 'lines',
    unit: 's',
    of,
    queries: [
      {
        expr: quantile(0.95, select('rest_client_request_duration_seconds_bucket'), 'verb'),
        legend: '{{verb}}',
      },
    ],
  },
  {
    title: 'Watches that began anew',
    description: 'closed is usual every few minutes; idle, error and expired are not.',
    kind: 'lines',
    unit: 'ops',
    of,
    queries: [
      {
        expr: orZero(
          perSecond(select('chaincode_launcher_watch_reconnects_total'), 'kind, reason'),
          'reason',
        ),
        legend: '{{kind}} {{reason}}',
      },
    ],
  },
];

/** Does the operator work, keep up, and get through to the API server? */
export const operator: Dashboard = {
  uid: 'chaincode-operator',
  title: 'Chaincode operator',
  description: 'Who leads, how reconciles go, whether the queue is drained, and how the API server answers.',
  variables: targetVariables('operator'),
  rows: [
    { title: 'Work', panels: work },
    { title: 'Queue', panels: queue },
    { title: 'API server', panels: api },
    { title: 'Process', panels: processPanels(of) },
  ],
};
