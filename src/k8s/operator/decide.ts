import { annotations, hasEnded, labels, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { building } from './buildStep.js';
import type { Pod } from './pod.js';
import { endOfLastAttempt, running } from './runStep.js';
import { beginStatus, withConditions, type StatusParts } from './status.js';
import { finished, isStanding, type Decision, type Observed } from './verdicts.js';

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
  if (hasEnded(status)) return over(observed, status, pods);
  const untold = endOfLastAttempt(observed);
  if (untold) return untold;
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

function suspended(observed: Observed, status: StatusParts, pods: readonly Pod[]): Decision {
  const { launch, now } = observed;
  const remove = pods.filter(isStanding);
  if (hasEnded(status)) return over(observed, status, pods);
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
