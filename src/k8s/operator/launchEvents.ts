import type { LaunchStatus } from '../api/schema.js';
import type { EventType } from '../client/eventRecorder.js';

export interface LaunchEvent {
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
}

/** The event that tells of this change of status; none for mere progress. */
export function launchEvent(before: LaunchStatus | undefined, after: LaunchStatus): LaunchEvent | undefined {
  const known = before?.attempt === after.attempt ? before : undefined;
  const changed = known?.phase !== after.phase;
  const { attempt = 0, message = '', reason = after.phase ?? '' } = after;
  switch (after.phase) {
    case 'Failed':
      return changed ? warning(reason, `launch ${attempt} failed: ${message}`) : undefined;
    case 'Stopped':
      return changed ? ended(after, reason, `launch ${attempt} ended: ${message}`) : undefined;
    case 'Ready':
      if (known?.times?.registered !== undefined) return undefined;
      return normal('Registered', `launch ${attempt} has registered with its endorser`);
    default:
      return started(known, after) ?? trouble(before, after);
  }
}

function ended({ exit }: LaunchStatus, reason: string, message: string): LaunchEvent {
  return exit && exit.code !== 0 ? warning(reason, message) : normal(reason, message);
}

/** A Pod that was not known before. */
function started(
  known: LaunchStatus | undefined,
  { pod, buildPod, attempt = 0 }: LaunchStatus,
): LaunchEvent | undefined {
  if (pod && known?.pod?.uid !== pod.uid) {
    return normal('PodCreated', `made Pod ${pod.name} for launch ${attempt}`);
  }
  if (!pod && buildPod && known?.buildPod?.uid !== buildPod.uid) {
    return normal('BuildStarted', `building in Pod ${buildPod.name}`);
  }
  return undefined;
}

function trouble(
  before: LaunchStatus | undefined,
  { reason = '', message = '' }: LaunchStatus,
): LaunchEvent | undefined {
  if (reason === before?.reason || progress.has(reason)) return undefined;
  return warning(reason, message);
}

const progress = new Set([
  'Pending',
  'Building',
  'Scheduling',
  'Starting',
  'Started',
  'WaitingForOldPod',
  'StreamEnded',
]);

function normal(reason: string, message: string): LaunchEvent {
  return { type: 'Normal', reason, message };
}

function warning(reason: string, message: string): LaunchEvent {
  return { type: 'Warning', reason, message };
}
