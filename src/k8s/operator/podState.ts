import { constants } from 'node:os';
import { registeredGate } from '../api/chaincodeLaunch.js';
import { fetchContainer, type ContainerStatus, type Pod, type PodCondition } from './pod.js';

/** Something that keeps a Pod from running. */
export interface Trouble {
  /** One CamelCase word, Kubernetes' own where it has one. */
  readonly reason: string;
  readonly message: string;
  /** May it go away by itself? */
  readonly heals: boolean;
}

/** How the main container ended. */
export interface ContainerExit {
  readonly code: number;
  readonly reason: string;
  readonly signal?: string;
  /** The last lines of its log, when it ended with an error. */
  readonly lastLines: readonly string[];
}

/** A Pod as the reconcile loop sees it. */
export interface PodState {
  readonly scheduled: boolean;
  readonly started: boolean;
  readonly gateOpen: boolean;
  readonly exit?: ContainerExit;
  /** The Pod is lost without its container having told how it ended: evicted, node gone, deleted. */
  readonly lost?: Trouble;
  readonly trouble?: Trouble;
}

/** Waiting reasons of the kubelet that no waiting mends. */
const hopeless = new Set([
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);
const pulling = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'ImageInspectError']);

/** Reads a Pod. @param main the container that the Pod is there for */
export function podState(pod: Pod, main: string): PodState {
  const state = pod.status?.containerStatuses?.find(({ name }) => name === main)?.state;
  const terminated = state?.terminated;
  const lost = lostReason(pod);
  return {
    scheduled: isTrue(pod, 'PodScheduled') || pod.spec?.nodeName !== undefined,
    started: state?.running !== undefined || terminated !== undefined,
    gateOpen: isTrue(pod, registeredGate),
    exit: terminated && terminated.reason !== 'ContainerStatusUnknown' ? exitOf(terminated, lost) : undefined,
    lost,
    trouble: troubleOf(pod),
  };
}

function isTrue(pod: Pod, type: string): boolean {
  return condition(pod, type)?.status === 'True';
}

function condition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((each) => each.type === type);
}

type TerminatedState = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

function exitOf(terminated: TerminatedState, lost: Trouble | undefined): ContainerExit {
  const { exitCode, message } = terminated;
  const own = terminated.reason ?? (exitCode === 0 ? 'Completed' : 'Error');
  return {
    code: exitCode,
    reason: own === 'OOMKilled' ? own : (lost?.reason ?? own),
    signal: exitCode > 128 ? signalName(exitCode - 128) : undefined,
    lastLines: lastLines(message),
  };
}

/** The end of a log as the status may carry it. */
export function lastLines(log: string | undefined, most = 20): string[] {
  return (log ?? '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-most)
    .map((line) => line.slice(0, 512));
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}

/** Reasons of a Pod's status that say it is lost. */
const lostReasons = new Set([
  'Evicted',
  'NodeLost',
  'NodeAffinity',
  'NodeShutdown',
  'Terminated',
  'Preempting',
]);

function lostReason(pod: Pod): Trouble | undefined {
  const { reason = '', message, phase } = pod.status ?? {};
  const disruption = condition(pod, 'DisruptionTarget');
  if (disruption?.status === 'True') {
    const evicted = reason === 'Evicted' || /Evict|Preempt|Termination/.test(disruption.reason ?? '');
    const why = disruption.message ?? message ?? 'the Pod was evicted';
    return hopelessTrouble(evicted ? 'Evicted' : (disruption.reason ?? 'Disrupted'), why);
  }
  if (lostReasons.has(reason)) return hopelessTrouble(reason, message ?? `the Pod was lost: ${reason}`);
  if (pod.metadata.deletionTimestamp !== undefined) {
    return hopelessTrouble('PodDeleted', `Pod ${pod.metadata.name} was deleted`);
  }
  return phase === 'Failed'
    ? hopelessTrouble(reason || 'PodFailed', message ?? 'the Pod has failed')
    : undefined;
}

function hopelessTrouble(reason: string, message: string): Trouble {
  return { reason, message, heals: false };
}

function troubleOf(pod: Pod): Trouble | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const status of statuses) {
    const trouble = waitingTrouble(status) ?? fetchTrouble(status);
    if (trouble) return trouble;
  }
  return unschedulable(pod);
}

function waitingTrouble({ name, state }: ContainerStatus): Trouble | undefined {
  const { reason = '', message = reason } = state?.waiting ?? {};
  if (!hopeless.has(reason) && !pulling.has(reason)) return undefined;
  return { reason, message: `container ${name}: ${message}`, heals: pulling.has(reason) };
}

function fetchTrouble({ name, state }: ContainerStatus): Trouble | undefined {
  const ended = state?.terminated;
  if (name !== fetchContainer || !ended || ended.exitCode === 0) return undefined;
  const why = lastLines(ended.message, 3).join('; ') || (ended.reason ?? 'Error');
  return hopelessTrouble('FetchFailed', `the files of the chaincode could not be fetched: ${why}`);
}

function unschedulable(pod: Pod): Trouble | undefined {
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  const { reason = 'Unschedulable', message = 'unschedulable' } = scheduled;
  return { reason, message: `no node for the Pod: ${message}`, heals: true };
}
