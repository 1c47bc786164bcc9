import { hasEnded, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { chaincodeContainer, type Pod } from './pod.js';
import { podState, type PodState } from './podState.js';
import { beginStatus, isStreaming, withConditions, type StatusParts } from './status.js';
import {
  fails,
  isStanding,
  lastingTrouble,
  lost,
  refused,
  roleOf,
  seconds,
  timed,
  waiting,
  waitsFor,
  type Decision,
  type Limit,
  type Observed,
  type Why,
} from './verdicts.js';

/** How long a prewarmed Pod is looked for that is not in the cache. */
const adoptPatienceMs = 3_000;

/** The next step of a launch that has what its Pod needs. */
export function running(
  observed: Observed,
  begun: StatusParts,
  current: readonly Pod[],
  old: readonly Pod[],
): Decision {
  const { launch, now, refusal } = observed;
  const builds = current.filter((pod) => roleOf(pod) === 'build');
  const remove = [...old, ...builds].filter(isStanding);
  const builtAt = launch.spec.build ? (begun.times.built ?? now.toISOString()) : undefined;
  const status: StatusParts =
    builtAt === undefined ? begun : { ...begun, times: { ...begun.times, built: builtAt } };
  if (refusal) {
    const limit = { since: builtAt ?? begun.times.begun, limitMs: seconds(launch, 'scheduleSeconds') };
    return refused(observed, status, refusal, remove, limit);
  }
  const pod = current.find((each) => roleOf(each) === 'chaincode');
  if (pod) return withPod(observed, status, pod, remove);
  if (status.pod) return lost(observed, status, podGone(status.pod.name));
  if (launch.spec.adopt) return adopting(observed, status, remove);
  if (waitsFor(old, now)) return waiting(observed, status, remove);
  return { create: 'chaincode', remove, status: withConditions(launch, status, now) };
}

/**
 * The end of the attempt before this one, where its status does not tell it yet: the endorser asks for the next attempt
 * as soon as the stream is gone, often before the kubelet has said how the container ended.
 */
export function endOfLastAttempt(observed: Observed): Decision | undefined {
  const { spec, status = {} } = observed.launch;
  const { attempt = spec.launch, pod: last } = status;
  if (!last || attempt === spec.launch || hasEnded(status)) return undefined;
  const then = { ...observed, launch: asAskedFor(observed.launch, attempt) };
  const begun = beginStatus(then.launch, observed.now);
  const pod = observed.pods.find(({ metadata }) => metadata.uid === last.uid);
  if (!pod) return lost(then, begun, podGone(last.name));
  const state = podState(pod, chaincodeContainer);
  const told = withPodFacts(then, begun, pod, state);
  if (state.exit) return exited(then, told, state.exit);
  return state.lost && lost(then, told, state.lost);
}

/** The launch as it was when its status was told, which is of this attempt. */
function asAskedFor(launch: ChaincodeLaunch, attempt: number): ChaincodeLaunch {
  return {
    ...launch,
    metadata: { ...launch.metadata, generation: launch.status?.observedGeneration },
    spec: { ...launch.spec, launch: attempt },
  };
}

function podGone(pod: string): Why {
  return { reason: 'PodDeleted', message: `Pod ${pod} is gone` };
}

/** The chaincode runs in the prewarmed Pod already; what is left is to say whose it is. */
function adopting(observed: Observed, status: StatusParts, remove: readonly Pod[]): Decision {
  const { launch, prewarmed, now } = observed;
  if (prewarmed) return { adopt: prewarmed, remove };
  // The watch may not have told of it yet; it will not be made anew.
  const limit = { since: status.times.begun, limitMs: seconds(launch, 'scheduleSeconds') };
  const told: StatusParts = {
    ...status,
    phase: 'Pending',
    reason: 'WaitingForPrewarmedPod',
    message: `the prewarmed Pod of ${launch.spec.adopt?.launch ?? ''} is not there`,
  };
  const gone = now.getTime() - Date.parse(status.times.begun ?? now.toISOString()) > adoptPatienceMs;
  if (gone) return lost(observed, told, { reason: 'PodDeleted', message: told.message ?? '' });
  const decision = timed(observed, told, remove, { ...limit, what: 'waiting for the prewarmed Pod' });
  return { ...decision, againInMs: adoptPatienceMs };
}

function withPod(observed: Observed, begun: StatusParts, pod: Pod, remove: readonly Pod[]): Decision {
  const state = podState(pod, chaincodeContainer);
  const status = withPodFacts(observed, begun, pod, state);
  if (state.exit) return exited(observed, status, state.exit);
  if (state.lost && pod.status?.phase !== 'Running') return lost(observed, status, state.lost);
  const trouble = lastingTrouble(observed, state, status.times.podCreated);
  if (trouble) return fails(observed, status, trouble);
  if (status.times.registered !== undefined) return registered(observed, status, pod, state, remove);
  return onTheWay(observed, status, state, remove);
}

function registered(
  { launch, now }: Observed,
  status: StatusParts,
  pod: Pod,
  state: PodState,
  remove: readonly Pod[],
): Decision {
  const message = state.lost ? `the Pod is ending: ${state.lost.message}` : 'the chaincode has registered';
  const reason = isStreaming(launch, status.attempt) ? 'Registered' : 'StreamEnded';
  return {
    remove,
    status: withConditions(launch, { ...status, phase: 'Ready', reason, message }, now),
    ...(!state.gateOpen && { openGate: pod }),
  };
}

/** Scheduling, Starting or Registering, each with its own time limit. */
function onTheWay(
  observed: Observed,
  status: StatusParts,
  state: PodState,
  remove: readonly Pod[],
): Decision {
  const { launch } = observed;
  const { times } = status;
  const at = (phase: StatusParts['phase'], usual: Why, limit: Limit): Decision => {
    const { reason, message } = state.trouble ?? usual;
    return timed(observed, { ...status, phase, reason, message }, remove, limit);
  };
  if (!state.scheduled) {
    const usual = { reason: 'Scheduling', message: 'waiting for a node' };
    const limitMs = seconds(launch, 'scheduleSeconds');
    return at('Scheduling', usual, { since: times.podCreated, limitMs, what: 'waiting for a node' });
  }
  if (!state.started) {
    const usual = { reason: 'Starting', message: 'images are pulled and containers started' };
    return at('Starting', usual, {
      since: times.scheduled,
      limitMs: seconds(launch, 'startSeconds'),
      what: 'starting',
    });
  }
  if (launch.spec.warm) {
    const warm: StatusParts = { ...status, phase: 'Warm', reason: 'Warm', message: 'waits for a chaincode' };
    return { remove, status: withConditions(launch, warm, observed.now) };
  }
  const usual = { reason: 'Started', message: 'the chaincode runs and has not registered yet' };
  const limitMs = seconds(launch, 'registerSeconds');
  return at('Registering', usual, { since: times.started, limitMs, what: 'waiting for the registration' });
}

/** Everything that the Pod tells, with the time at which it was seen first. */
function withPodFacts(
  { launch, now }: Observed,
  status: StatusParts,
  pod: Pod,
  state: PodState,
): StatusParts {
  const seen = now.toISOString();
  const { times, attempt } = status;
  const { name, uid = '' } = pod.metadata;
  const registeredAt = isStreaming(launch, attempt) ? launch.status?.registration?.time : undefined;
  return {
    ...status,
    pod: { name, uid, node: pod.spec?.nodeName },
    times: {
      ...times,
      podCreated: times.podCreated ?? seen,
      scheduled: times.scheduled ?? (state.scheduled ? seen : undefined),
      started: times.started ?? (state.started ? seen : undefined),
      registered: times.registered ?? registeredAt,
    },
  };
}

/** Endings that say nothing beyond the exit code. */
function isPlain(reason: string): boolean {
  return reason === 'Completed' || reason === 'Error';
}

function exited(observed: Observed, status: StatusParts, exit: NonNullable<PodState['exit']>): Decision {
  const lines = exit.lastLines.length > 0 ? exit.lastLines : (observed.output ?? []);
  const plain = isPlain(exit.reason);
  const foreign = lines.some((line) => /exec format error/i.test(line));
  const ended: StatusParts = {
    ...status,
    exit: {
      code: exit.code,
      reason: exit.reason,
      signal: exit.signal,
      lastLines: lines.length > 0 ? [...lines] : undefined,
    },
  };
  return lost(observed, ended, {
    reason: plain ? 'ContainerExited' : exit.reason,
    message:
      `container exited with ${exit.code}${plain ? '' : ` (${exit.reason})`}` +
      (foreign
        ? ': exec format error, the image or the build is for another architecture than the node'
        : ''),
  });
}
