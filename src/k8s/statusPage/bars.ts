import { hasEnded } from '../api/chaincodeLaunch.js';
import type { LaunchSpec, LaunchStatus, Phase } from '../api/schema.js';
import type { Bar } from './viewTypes.js';

/** Which phase ends with which time, in the order in which an attempt goes through them. */
function stepsOf(spec: LaunchSpec): [Phase, keyof NonNullable<LaunchStatus['times']>][] {
  return [
    ...(spec.build ? [['Building', 'built'] satisfies [Phase, 'built']] : []),
    ['Pending', 'podCreated'],
    ['Scheduling', 'scheduled'],
    ['Starting', 'started'],
    [spec.warm ? 'Warm' : 'Registering', 'registered'],
    ['Ready', 'ended'],
  ];
}

/**
 * The waterfall of an attempt. Steps are reached one after the other; where two clocks disagree (the endorser writes when it
 * registered, the operator the rest) a step takes no time rather than less than none.
 */
export function barsOf(spec: LaunchSpec, status: LaunchStatus): Bar[] {
  const { times = {}, phase = 'Pending' } = status;
  const begun = Date.parse(times.begun ?? '');
  if (Number.isNaN(begun)) return [];
  const since = (time: string | undefined): number | undefined =>
    time === undefined ? undefined : Math.max(0, Date.parse(time) - begun);
  const ended = since(times.ended);
  const bars: Bar[] = [];
  let from = 0;
  for (const [step, end] of stepsOf(spec)) {
    const reached = end === 'ended' ? undefined : since(times[end]);
    if (reached === undefined) {
      bars.push(lastBar(step, from, ended, phase));
      break;
    }
    const to = Math.max(from, reached);
    bars.push({ phase: step, from, to, state: 'done' });
    from = to;
  }
  return bars;
}

/** Where the attempt is, or where it ended. */
function lastBar(step: Phase, from: number, ended: number | undefined, phase: Phase): Bar {
  if (ended !== undefined) {
    return { phase: step, from, to: Math.max(from, ended), state: phase === 'Failed' ? 'failed' : 'stopped' };
  }
  // The operator's own word counts: a launch that waits for its old Pod is Pending, not Building.
  return { phase: hasEnded({ phase }) ? step : phase, from, state: 'running' };
}
