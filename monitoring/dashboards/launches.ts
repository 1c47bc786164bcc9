import type { Dashboard, Panel, Query } from '../panel.js';
import { growth, orZero, quantile, select, sum } from '../promql.js';
import { targetVariables } from '../targets.js';

const launchPhases = select('chaincode_launcher_launch_phase_duration_seconds_bucket', 'success="true"');
const podPhases = select('chaincode_launcher_pod_phase_duration_seconds_bucket');

/** Every replica of an operator counts all launches: the highest count, not the sum of them. */
function launchesNow(by: string, phases: string): string {
  return sum(`max by (namespace, job, phase) (${select('chaincode_launcher_launches', phases)})`, by);
}

const onTheWay = 'phase=~"Pending|Building|Scheduling|Starting|Registering"';

/** Few launches make few samples: their lengths are looked at over a longer time than rates are. */
const window = '15m';

function medianAndHigh(buckets: string, over: string): Query[] {
  return [
    { expr: quantile(0.5, buckets, 'phase', over), legend: '{{phase}} p50' },
    { expr: quantile(0.95, buckets, 'phase', over), legend: '{{phase}} p95' },
  ];
}

const now: Panel[] = [
  {
    title: 'Launching now',
    description: 'Launches that the endorsers have begun and that are neither registered nor failed yet.',
    kind: 'numbers',
    unit: 'none',
    width: 6,
    queries: [{ expr: sum(select('chaincode_launcher_launches_in_progress')), legend: 'launching' }],
  },
  {
    title: 'On the way in Pods',
    description: 'ChaincodeLaunch objects between Pending and Registering.',
    kind: 'numbers',
    unit: 'none',
    width: 6,
    of: 'operator',
    queries: [{ expr: launchesNow('', onTheWay), legend: 'on the way' }],
  },
  {
    title: 'Ready in Pods',
    description: 'Chaincodes that run in Pods and have registered.',
    kind: 'numbers',
    unit: 'none',
    width: 6,
    of: 'operator',
    queries: [{ expr: launchesNow('', 'phase="Ready"'), legend: 'ready' }],
  },
  {
    title: 'Failed in the time range',
    description: 'Launches that ended before their chaincode had registered, in Pods or processes.',
    kind: 'numbers',
    unit: 'none',
    width: 6,
    badFrom: 1,
    queries: [
      {
        expr: sum(
          `increase(${select('chaincode_launcher_launch_phase_duration_seconds_count', 'success="false"')}[$__range])`,
        ),
        legend: 'failed',
      },
    ],
  },
  {
    title: 'Launches by phase',
    description:
      'What is launching, and how far it is. A phase that does not get thinner is where launches wait.',
    kind: 'areas',
    unit: 'none',
    width: 12,
    of: 'operator',
    queries: [{ expr: launchesNow('phase', onTheWay), legend: '{{phase}}' }],
  },
  {
    title: 'Launches that are settled',
    description:
      'Ready, Warm, Stopped and Failed objects. Stopped and Failed ones are kept for a day to look at.',
    kind: 'areas',
    unit: 'none',
    width: 12,
    of: 'operator',
    queries: [{ expr: launchesNow('phase', 'phase=~"Ready|Warm|Stopped|Failed"'), legend: '{{phase}}' }],
  },
];

const lengths: Panel[] = [
  {
    title: 'Phases as the endorser sees them',
    description: 'Package, build, start and register, of the launches in the time range that succeeded.',
    kind: 'bars',
    unit: 's',
    width: 12,
    queries: medianAndHigh(launchPhases, '$__range'),
  },
  {
    title: 'Phases of Pods',
    description: 'How long each phase took in the cluster, of the launches in the time range.',
    kind: 'bars',
    unit: 's',
    width: 12,
    of: 'operator',
    queries: medianAndHigh(podPhases, '$__range'),
  },
  {
    title: 'p95 of each phase over time, endorser',
    description: `Did launches become slower, and in which phase? Each point looks ${window} back.`,
    kind: 'lines',
    unit: 's',
    width: 12,
    queries: [{ expr: quantile(0.95, launchPhases, 'phase', window), legend: '{{phase}}' }],
  },
  {
    title: 'p95 of each phase over time, Pods',
    description: `Did launches become slower, and in which phase? Each point looks ${window} back.`,
    kind: 'lines',
    unit: 's',
    width: 12,
    of: 'operator',
    queries: [{ expr: quantile(0.95, podPhases, 'phase', window), legend: '{{phase}}' }],
  },
];

const failures: Panel[] = [
  {
    title: 'Failed and timed out, by chaincode',
    description: 'Which chaincode did not start in the time range. `launches explain` says why.',
    kind: 'bars',
    unit: 'none',
    badFrom: 1,
    queries: [
      {
        expr: orZero(sum(growth(select('chaincode_launch_failures'), '$__range'), 'chaincode'), 'chaincode'),
        legend: '{{chaincode}} failed',
      },
      {
        expr: orZero(sum(growth(select('chaincode_launch_timeouts'), '$__range'), 'chaincode'), 'chaincode'),
        legend: '{{chaincode}} timed out',
      },
    ],
  },
  {
    title: 'Failed Pods, by reason',
    description: 'Why launches failed in the cluster, in the time range. Reasons: docs/troubleshooting.md.',
    kind: 'bars',
    unit: 'none',
    badFrom: 1,
    of: 'operator',
    queries: [
      {
        expr: orZero(
          sum(growth(select('chaincode_launcher_pod_failures_total'), '$__range'), 'reason'),
          'reason',
        ),
        legend: '{{reason}}',
      },
    ],
  },
  {
    title: 'Failures over time, by the phase that failed',
    description: 'When did launches fail, and in which phase?',
    kind: 'areas',
    unit: 'none',
    queries: [
      {
        expr: sum(
          `increase(${select('chaincode_launcher_launch_phase_duration_seconds_count', 'success="false"')}[$__rate_interval])`,
          'phase',
        ),
        legend: '{{phase}}',
      },
    ],
  },
];

/** What is launching, how long does it take, and what fails? */
export const launches: Dashboard = {
  uid: 'chaincode-launches',
  title: 'Chaincode launches',
  description: 'What is launching now, how long each phase takes, and what fails and why.',
  variables: targetVariables('any'),
  rows: [
    { title: 'What is launching', panels: now },
    { title: 'How long it takes', panels: lengths },
    { title: 'What fails, and why', panels: failures },
  ],
};
