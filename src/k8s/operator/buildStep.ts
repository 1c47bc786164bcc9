import { builderContainer, type Pod } from './pod.js';
import { podState, type PodState } from './podState.js';
import { withConditions, type StatusParts } from './status.js';
import {
  fails,
  isStanding,
  lastingTrouble,
  refused,
  roleOf,
  seconds,
  timed,
  waiting,
  waitsFor,
  type Decision,
  type Observed,
  type Since,
  type Why,
} from './verdicts.js';

/** The next step of a launch whose package is not built yet. */
export function building(
  observed: Observed,
  begun: StatusParts,
  current: readonly Pod[],
  old: readonly Pod[],
): Decision {
  const { launch, now, refusal } = observed;
  const remove = old.filter(isStanding);
  const status: StatusParts = {
    ...begun,
    phase: 'Building',
    reason: 'Building',
    message: 'building the package',
  };
  const limit = { since: status.times.begun, limitMs: seconds(launch, 'buildSeconds') };
  if (refusal) return refused(observed, status, refusal, remove, limit);
  const pod = current.find((each) => roleOf(each) === 'build');
  if (pod) return withBuildPod(observed, status, pod, remove, limit);
  if (status.buildPod) {
    return fails(observed, status, {
      reason: 'BuildPodDeleted',
      message: `Pod ${status.buildPod.name} was deleted while it was building`,
    });
  }
  if (waitsFor(old, now)) return waiting(observed, status, remove);
  return { create: 'build', remove, status: withConditions(launch, status, now) };
}

function withBuildPod(
  observed: Observed,
  status: StatusParts,
  pod: Pod,
  remove: readonly Pod[],
  limit: Since,
): Decision {
  const known: StatusParts = {
    ...status,
    buildPod: { name: pod.metadata.name, uid: pod.metadata.uid ?? '' },
  };
  const state = podState(pod, builderContainer);
  if (state.exit && state.exit.code !== 0) return fails(observed, known, buildFailure(observed, state.exit));
  const trouble = lastingTrouble(observed, state, limit.since);
  if (trouble) return fails(observed, known, trouble);
  if (state.lost && !state.exit) return fails(observed, known, state.lost);
  const told = state.trouble && { reason: state.trouble.reason, message: state.trouble.message };
  return timed(observed, { ...known, ...told }, remove, { ...limit, what: 'building' });
}

/** Fabric's words, with the end of what the build has printed (contract 5.6). */
function buildFailure({ output = [] }: Observed, exit: NonNullable<PodState['exit']>): Why {
  const lines = exit.lastLines.length > 0 ? exit.lastLines : output;
  const why = exit.reason === 'OOMKilled' ? 'OOMKilled: ' : '';
  return {
    reason: 'BuildFailed',
    message: `Failed to generate platform-specific docker build: Error returned from build: ${exit.code} "${why}${lines.join('\n')}"`,
  };
}
