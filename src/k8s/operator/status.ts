import type { ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { LaunchStatus, Phase } from '../api/schema.js';
import type { Condition } from '../client/objects.js';

/** Status while it is being put together: without the conditions, which follow from the rest. */
export interface StatusParts {
  readonly phase: Phase;
  readonly reason?: string;
  readonly message?: string;
  readonly attempt: number;
  readonly pod?: NonNullable<LaunchStatus['pod']>;
  readonly buildPod?: NonNullable<LaunchStatus['buildPod']>;
  readonly exit?: NonNullable<LaunchStatus['exit']>;
  readonly times: NonNullable<LaunchStatus['times']>;
}

/** What was known of this attempt; of a new attempt nothing is known yet. */
export function beginStatus(launch: ChaincodeLaunch, now: Date): StatusParts {
  const { status, spec } = launch;
  if (status?.attempt !== spec.launch) {
    return { phase: 'Pending', reason: 'Pending', attempt: spec.launch, times: { begun: now.toISOString() } };
  }
  const { phase = 'Pending', reason, message, pod, buildPod, exit, times } = status;
  return {
    phase,
    reason,
    message,
    attempt: spec.launch,
    pod,
    buildPod,
    exit,
    times: times ?? { begun: now.toISOString() },
  };
}

/** The whole status, with conditions; the time of a condition changes only with its status. */
export function withConditions(launch: ChaincodeLaunch, parts: StatusParts, now: Date): LaunchStatus {
  const generation = launch.metadata.generation ?? 0;
  const before = launch.status?.conditions ?? [];
  const conditions = conditionsOf(launch, parts).map((wanted): Condition => {
    const old = before.find(({ type }) => type === wanted.type);
    const same = old?.status === wanted.status;
    return {
      ...wanted,
      lastTransitionTime: same ? old.lastTransitionTime : now.toISOString(),
      observedGeneration: generation,
    };
  });
  return { ...parts, observedGeneration: generation, conditions: [...conditions] };
}

type Wanted = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Phases in which nothing is on its way. */
const settled: ReadonlySet<Phase> = new Set(['Failed', 'Ready', 'Stopped', 'Warm']);

function conditionsOf(launch: ChaincodeLaunch, parts: StatusParts): Wanted[] {
  const { phase, times, message = '' } = parts;
  const reason = parts.reason ?? phase;
  const isReady = phase === 'Ready' && isStreaming(launch, parts.attempt);
  const failed = phase === 'Failed';
  const moving = !settled.has(phase);
  const step = (type: string, done: string | undefined, waiting: string): Wanted => {
    if (done !== undefined) return { type, status: 'True', reason: type, message: '' };
    return { type, status: 'False', reason: failed ? reason : waiting, message: failed ? message : '' };
  };
  const ended = {
    type: 'Registered',
    status: 'False',
    reason: 'StreamEnded',
    message: 'its stream has ended',
  } as const;
  const registered = step('Registered', times.registered, 'NotRegistered');
  return [
    { type: 'Ready', status: isReady ? 'True' : 'False', reason, message },
    ...(launch.spec.build ? [step('Built', times.built, 'Building')] : []),
    step('PodScheduled', times.scheduled, 'Scheduling'),
    step('Started', times.started, 'Starting'),
    registered.status === 'True' && !isReady ? ended : registered,
    { type: 'Reconciling', status: moving ? 'True' : 'False', reason, message: moving ? message : '' },
    { type: 'Stalled', status: failed ? 'True' : 'False', reason, message: failed ? message : '' },
  ];
}

/** The endorser has the chaincode's stream of this attempt. */
export function isStreaming(launch: ChaincodeLaunch, attempt: number): boolean {
  const registration = launch.status?.registration;
  return registration?.launch === attempt && registration.registered;
}
