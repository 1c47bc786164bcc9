import type { Alert, AlertGroup } from '../alert.js';
import { growth } from '../promql.js';

const target = 'namespace="fabric",job="endorser",instance="peer0:9443"';
const operator = 'namespace="fabric",job="operator",instance="op0:9444"';

/** A counter of chaincodes that came to life with its first event; old totals are no news. */
function countedLaunches(metric: string): Pick<Alert, 'expr' | 'quiet'> & { first: Alert['fires']['given'] } {
  const series = `${metric}{${target},chaincode="kv:1.0"}`;
  return {
    expr: `sum by (namespace, job, chaincode) ${growth(metric, '15m')} > 0`,
    // The endorser was restarted since, and its counters with it.
    first: [{ series, values: '_x4 1 stale' }],
    quiet: { given: [{ series, values: '3+0x40' }], atMinute: 30 },
  };
}

const failed = countedLaunches('chaincode_launch_failures');
const timedOut = countedLaunches('chaincode_launch_timeouts');
const kv = { namespace: 'fabric', job: 'endorser', chaincode: 'kv:1.0' };

const fails: Alert = {
  name: 'ChaincodeLaunchFails',
  severity: 'warning',
  expr: failed.expr,
  summary: 'Chaincode {{ $labels.chaincode }} does not start',
  description:
    'Failed launches of {{ $labels.chaincode }} within 15 minutes: {{ $value | printf "%.0f" }}. Each proposal to it tries again. `chaincode-launcher launches explain` says why.',
  fires: {
    given: failed.first,
    atMinute: 6,
    as: [
      {
        labels: kv,
        summary: 'Chaincode kv:1.0 does not start',
        description:
          'Failed launches of kv:1.0 within 15 minutes: 1. Each proposal to it tries again. `chaincode-launcher launches explain` says why.',
      },
    ],
  },
  quiet: failed.quiet,
};

const timesOut: Alert = {
  name: 'ChaincodeLaunchTimesOut',
  severity: 'warning',
  expr: timedOut.expr,
  summary: 'Chaincode {{ $labels.chaincode }} does not register in time',
  description:
    'Launches of {{ $labels.chaincode }} that were given up at chaincode.startuptimeout within 15 minutes: {{ $value | printf "%.0f" }}.',
  fires: {
    given: timedOut.first,
    atMinute: 6,
    as: [
      {
        labels: kv,
        summary: 'Chaincode kv:1.0 does not register in time',
        description:
          'Launches of kv:1.0 that were given up at chaincode.startuptimeout within 15 minutes: 1.',
      },
    ],
  },
  quiet: timedOut.quiet,
};

/** Launches that all took more than a minute and less than two, or less than a minute. */
function startsOf(underAMinute: boolean): Alert['fires']['given'] {
  const bucket = (le: string, values: string): Alert['fires']['given'][number] => ({
    series: `chaincode_launcher_launch_phase_duration_seconds_bucket{${target},phase="start",success="true",le="${le}"}`,
    values,
  });
  const all = '0+1x40';
  return [bucket('60', underAMinute ? all : '0+0x40'), bucket('120', all), bucket('+Inf', all)];
}

const slow: Alert = {
  name: 'ChaincodeLaunchSlow',
  severity: 'warning',
  expr: 'histogram_quantile(0.95, sum by (namespace, job, phase, le) (increase(chaincode_launcher_launch_phase_duration_seconds_bucket{success="true"}[30m]))) > 60',
  summary: 'Launches take more than a minute in phase {{ $labels.phase }}',
  description:
    'p95 of phase {{ $labels.phase }} is {{ $value | printf "%.0f" }} s over the last 30 minutes. Clients wait for a launch in their first proposal.',
  fires: {
    given: startsOf(false),
    atMinute: 35,
    as: [
      {
        labels: { namespace: 'fabric', job: 'endorser', phase: 'start' },
        summary: 'Launches take more than a minute in phase start',
        description:
          'p95 of phase start is 117 s over the last 30 minutes. Clients wait for a launch in their first proposal.',
      },
    ],
  },
  quiet: { given: startsOf(true), atMinute: 35 },
};

const waiting = {
  series: `chaincode_launcher_launches{${operator},phase="Scheduling"}`,
  values: '2+0x40',
};
const passed = `chaincode_launcher_pod_phase_duration_seconds_count{${operator},phase="Scheduling"}`;

/** Launches waited all the time, and none has got through: where some get through, it is load, not a standstill. */
const stuck: Alert = {
  name: 'ChaincodeLaunchStuck',
  severity: 'critical',
  expr:
    'min_over_time(max by (namespace, job, phase) (chaincode_launcher_launches{phase=~"Pending|Building|Scheduling|Starting|Registering"})[10m:1m]) > 0' +
    ' unless on (namespace, job, phase) sum by (namespace, job, phase) (increase(chaincode_launcher_pod_phase_duration_seconds_count[10m])) > 0',
  for: '5m',
  summary: 'Launches do not get out of phase {{ $labels.phase }}',
  description:
    'For more than 10 minutes launches are in phase {{ $labels.phase }} (at least {{ $value | printf "%.0f" }}), and none has got through it.',
  fires: {
    given: [waiting, { series: passed, values: '7+0x40' }],
    atMinute: 20,
    as: [
      {
        labels: { namespace: 'fabric', job: 'operator', phase: 'Scheduling' },
        summary: 'Launches do not get out of phase Scheduling',
        description:
          'For more than 10 minutes launches are in phase Scheduling (at least 2), and none has got through it.',
      },
    ],
  },
  quiet: { given: [waiting, { series: passed, values: '7+1x40' }], atMinute: 20 },
};

export const launchAlerts: AlertGroup = {
  name: 'chaincode-launches',
  alerts: [fails, timesOut, slow, stuck],
};
