import type { ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { labels } from '../api/chaincodeLaunch.js';
import type { LaunchStatus } from '../api/schema.js';
import { builderContainer, chaincodeContainer, type Pod } from './pod.js';
import { podState, type PodState } from './podState.js';
import { withConditions, type StatusParts } from './status.js';

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

export function roleOf(pod: Pod): PodRole {
  return pod.metadata.labels?.[labels.role] === 'build' ? 'build' : 'chaincode';
}

export function isStanding(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined;
}

/** Pods of former attempts go first; one that will not go does not hold the next attempt up for ever. */
export function waitsFor(old: readonly Pod[], now: Date): boolean {
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

/** The end of an attempt: of a good one when it had registered. The Pod goes with the next look, after this is kept. */
export function lost({ launch, now }: Observed, status: StatusParts, why: Why): Decision {
  const phase = status.times.registered === undefined ? 'Failed' : 'Stopped';
  const { reason, message } = why;
  return { remove: [], status: finished(launch, { ...status, phase, reason, message }, now), againInMs: 0 };
}

export function fails({ launch, now }: Observed, status: StatusParts, { reason, message }: Why): Decision {
  return {
    remove: [],
    status: finished(launch, { ...status, phase: 'Failed', reason, message }, now),
    againInMs: 0,
  };
}

export function finished(launch: ChaincodeLaunch, status: StatusParts, now: Date): LaunchStatus {
  const times = { ...status.times, ended: status.times.ended ?? now.toISOString() };
  return withConditions(launch, { ...status, times }, now);
}

export function waiting({ launch, now }: Observed, status: StatusParts, remove: readonly Pod[]): Decision {
  const told: StatusParts = {
    ...status,
    phase: 'Pending',
    reason: 'WaitingForOldPod',
    message: 'the Pod of the last launch is ending',
  };
  return { remove, status: withConditions(launch, told, now), againInMs: longestFarewellMs };
}

/** Trouble that will not heal, or has had its time. */
export function lastingTrouble(
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

export function refused(
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

export interface Why {
  readonly reason: string;
  readonly message: string;
}

export interface Since {
  readonly since: string | undefined;
  readonly limitMs: number;
}

export interface Limit extends Since {
  /** What took too long, for the message. */
  readonly what: string;
}

/** The status as it is, or a failure when this phase has taken too long. */
export function timed(
  observed: Observed,
  status: StatusParts,
  remove: readonly Pod[],
  limit: Limit,
): Decision {
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

export function seconds(launch: ChaincodeLaunch, name: TimeoutName): number {
  return (launch.spec.timeouts?.[name] ?? 300) * 1000;
}

function pullGraceMs(launch: ChaincodeLaunch): number {
  return (launch.spec.timeouts?.imagePullGraceSeconds ?? 30) * 1000;
}
