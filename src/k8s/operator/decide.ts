import { annotations, labels, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { LaunchStatus } from '../api/schema.js';
import { builderContainer, chaincodeContainer, type Pod } from './pod.js';
import { podState, type PodState } from './podState.js';
import { beginStatus, isStreaming, withConditions, type StatusParts } from './status.js';

export type PodRole = 'chaincode' | 'build';

/** What is to be done for a launch now. All of it may be done again without harm. */
export interface Decision {
  readonly create?: PodRole;
  /** A prewarmed Pod becomes this launch's. */
  readonly adopt?: Pod;
  readonly remove: readonly Pod[];
  /** The Pod whose readiness gate opens. */
  readonly openGate?: Pod;
  /** What status shall say; absent = nothing to say. */
  readonly status?: LaunchStatus;
  readonly deleteLaunch?: boolean;
  /** Look again after so long, even if nothing changes. */
  readonly againInMs?: number;
}

export interface Observed {
  readonly launch: ChaincodeLaunch;
  /** All Pods with the launch's label. */
  readonly pods: readonly Pod[];
  /** The prewarmed Pod that spec.adopt names, where it is there. */
  readonly prewarmed?: Pod | undefined;
  readonly now: Date;
  /** The last lines of the log of the chaincode that has just ended, where its status does not have them. */
  readonly output?: readonly string[];
  /** The API server refused to make the Pod. */
  readonly refusal?: { readonly reason: string; readonly message: string; readonly heals: boolean };
}

/** How long a Pod of the last attempt that does not go away holds up the next one. */
const longestFarewellMs = 40_000;

/** How long a prewarmed Pod is looked for that is not in the cache. */
const adoptPatienceMs = 3_000;

const nothing: Decision = { remove: [] };

/** Looks at a launch and its Pods, and says the next step: level-based, whatever happened before (design: Operator). */
export function decide(observed: Observed): Decision {
  const { launch, pods, now } = observed;
  if (launch.metadata.deletionTimestamp !== undefined) return nothing;
  if (launch.metadata.annotations?.[annotations.paused] === 'true') return nothing;
  const { spec } = launch;
  const current = pods.filter((pod) => isOf(pod, launch));
  const old = pods.filter((pod) => !current.includes(pod));
  const status = beginStatus(launch, now);
  if (spec.suspended) return suspended(observed, status, pods);
  if (isOver(status)) return over(observed, status, pods);
  if (spec.build && spec.source.package !== undefined && spec.source.output === undefined) {
    return building(observed, status, current, old);
  }
  return running(observed, status, current, old);
}

function isOf(pod: Pod, launch: ChaincodeLaunch): boolean {
  return (
    pod.metadata.labels?.[labels.attempt] === String(launch.spec.launch) &&
    (pod.metadata.ownerReferences ?? []).some(({ uid }) => uid === launch.metadata.uid)
  );
}

function roleOf(pod: Pod): PodRole {
  return pod.metadata.labels?.[labels.role] === 'build' ? 'build' : 'chaincode';
}

/** This attempt is at its end: nothing more is started for it. */
function isOver(status: StatusParts): boolean {
  return status.phase === 'Failed' || status.phase === 'Stopped';
}

function suspended(observed: Observed, status: StatusParts, pods: readonly Pod[]): Decision {
  const { launch, now } = observed;
  const remove = pods.filter(isStanding);
  if (isOver(status)) return over(observed, status, pods);
  const message = launch.spec.suspendReason ?? 'suspended';
  // A launch that was given up before it registered has failed; one that had registered was stopped.
  const failed = status.times.registered === undefined && status.pod !== undefined;
  const ended: StatusParts = failed
    ? { ...status, phase: 'Failed', reason: 'GivenUp', message }
    : { ...status, phase: 'Stopped', reason: 'Suspended', message };
  return { remove, status: finished(launch, ended, now) };
}

function over({ launch, now }: Observed, status: StatusParts, pods: readonly Pod[]): Decision {
  const remove = pods.filter(isStanding);
  const ttl = launch.spec.ttlSecondsAfterFinished;
  const done: Decision = { remove, status: withConditions(launch, status, now) };
  if (ttl === undefined || status.times.ended === undefined) return done;
  const left = Date.parse(status.times.ended) + ttl * 1000 - now.getTime();
  return left <= 0 ? { remove, deleteLaunch: true } : { ...done, againInMs: left };
}

function isStanding(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined;
}

/** Pods of former attempts go first; one that will not go does not hold the next attempt up for ever. */
function waitsFor(old: readonly Pod[], now: Date): boolean {
  return old.some((pod) => {
    const { deletionTimestamp } = pod.metadata;
    const late =
      deletionTimestamp !== undefined && now.getTime() - Date.parse(deletionTimestamp) > longestFarewellMs;
    const main = roleOf(pod) === 'build' ? builderContainer : chaincodeContainer;
    return podState(pod, main).exit === undefined && !isFinished(pod) && !late;
  });
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function building(
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

function running(
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
  if (status.pod)
    return lost(observed, status, { reason: 'PodDeleted', message: `Pod ${status.pod.name} is gone` });
  if (launch.spec.adopt) return adopting(observed, status, remove);
  if (waitsFor(old, now)) return waiting(observed, status, remove);
  return { create: 'chaincode', remove, status: withConditions(launch, status, now) };
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

/** The end of an attempt: of a good one when it had registered. The Pod goes with the next look, after this is kept. */
function lost({ launch, now }: Observed, status: StatusParts, why: Why): Decision {
  const phase = status.times.registered === undefined ? 'Failed' : 'Stopped';
  const { reason, message } = why;
  return { remove: [], status: finished(launch, { ...status, phase, reason, message }, now), againInMs: 0 };
}

function fails({ launch, now }: Observed, status: StatusParts, { reason, message }: Why): Decision {
  return {
    remove: [],
    status: finished(launch, { ...status, phase: 'Failed', reason, message }, now),
    againInMs: 0,
  };
}

function finished(launch: ChaincodeLaunch, status: StatusParts, now: Date): LaunchStatus {
  const times = { ...status.times, ended: status.times.ended ?? now.toISOString() };
  return withConditions(launch, { ...status, times }, now);
}

function waiting({ launch, now }: Observed, status: StatusParts, remove: readonly Pod[]): Decision {
  const told: StatusParts = {
    ...status,
    phase: 'Pending',
    reason: 'WaitingForOldPod',
    message: 'the Pod of the last launch is ending',
  };
  return { remove, status: withConditions(launch, told, now), againInMs: longestFarewellMs };
}

/** Trouble that will not heal, or has had its time. */
function lastingTrouble(
  { launch, now }: Observed,
  state: PodState,
  since: string | undefined,
): PodState['trouble'] {
  const { trouble } = state;
  if (!trouble || !state.scheduled) return undefined;
  if (!trouble.heals) return trouble;
  const waited = now.getTime() - Date.parse(since ?? now.toISOString());
  return waited >= pullGraceMs(launch) ? trouble : undefined;
}

function refused(
  observed: Observed,
  status: StatusParts,
  refusal: NonNullable<Observed['refusal']>,
  remove: readonly Pod[],
  limit: Since,
): Decision {
  const { reason, message, heals } = refusal;
  if (!heals) return fails(observed, status, refusal);
  const told: StatusParts = { ...status, phase: 'Pending', reason, message };
  return timed(observed, told, remove, { ...limit, what: 'waiting for its Pod to be allowed' });
}

interface Why {
  readonly reason: string;
  readonly message: string;
}

interface Since {
  readonly since: string | undefined;
  readonly limitMs: number;
}

interface Limit extends Since {
  /** What took too long, for the message. */
  readonly what: string;
}

/** The status as it is, or a failure when this phase has taken too long. */
function timed(observed: Observed, status: StatusParts, remove: readonly Pod[], limit: Limit): Decision {
  const { launch, now } = observed;
  const since = Date.parse(limit.since ?? now.toISOString());
  const left = since + limit.limitMs - now.getTime();
  if (left <= 0) {
    const message = `timeout of ${limit.limitMs / 1000} s expired while ${limit.what}: ${status.message ?? ''}`;
    return fails(observed, status, { reason: 'Timeout', message });
  }
  // A failing pull is looked at again when its grace is over.
  const grace =
    Date.parse(status.times.podCreated ?? now.toISOString()) + pullGraceMs(launch) - now.getTime();
  return {
    remove,
    status: withConditions(launch, status, now),
    againInMs: grace > 0 ? Math.min(left, grace) : left,
  };
}

type TimeoutName = 'buildSeconds' | 'scheduleSeconds' | 'startSeconds' | 'registerSeconds';

function seconds(launch: ChaincodeLaunch, name: TimeoutName): number {
  return (launch.spec.timeouts?.[name] ?? 300) * 1000;
}

function pullGraceMs(launch: ChaincodeLaunch): number {
  return (launch.spec.timeouts?.imagePullGraceSeconds ?? 30) * 1000;
}
