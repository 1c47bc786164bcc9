import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import {
  chaincodeLaunches,
  hasEnded,
  labels,
  operatorManager,
  registeredGate,
  type ChaincodeLaunch,
} from '../api/chaincodeLaunch.js';
import type { LaunchStatus } from '../api/schema.js';
import { ApiError, isConflict, isNotFound } from '../client/apiError.js';
import type { EventRecorder } from '../client/eventRecorder.js';
import type { KubeClient } from '../client/kubeClient.js';
import { resourcePath, pods as podKind } from '../client/objects.js';
import type { Resource } from '../client/resource.js';
import { decide } from './decide.js';
import { launchEvent } from './launchEvents.js';
import { podManifest, type PodSettings } from './manifests.js';
import type { OperatorMetrics } from './metrics.js';
import { phaseTimes } from './phaseTimes.js';
import { builderContainer, chaincodeContainer, keptOfPod, type Pod } from './pod.js';
import { lastLines, podState } from './podState.js';
import type { Decision, Observed, PodRole } from './verdicts.js';

/** What the reconciler sees of the cluster. */
export interface LaunchCache {
  launch(key: string): ChaincodeLaunch | undefined;
  podsOf(key: string): readonly Pod[];
  /** The Pods of another launch of the same namespace. */
  podOf(namespace: string, launch: string, uid: string): Pod | undefined;
  rememberLaunch(launch: ChaincodeLaunch): void;
  rememberPod(pod: Pod): void;
}

export interface ReconcilerOptions {
  readonly cache: LaunchCache;
  readonly client: KubeClient;
  readonly launches: Resource<ChaincodeLaunch>;
  readonly pods: Resource<Pod>;
  readonly events: EventRecorder;
  readonly settings: PodSettings;
  readonly metrics: OperatorMetrics;
  readonly logger: Logger;
  /** Looks at this key again after so long. */
  readonly again: (key: string, afterMs: number) => void;
  readonly now?: () => Date;
  /** Progress is written at most this often; ends, and which Pod it is, at once. @default 2 s */
  readonly progressIntervalMs?: number;
}

type Refusal = NonNullable<Observed['refusal']>;

/** Carries out what decide() says, one step after the other; may be killed between any two. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #now: () => Date;
  /** When progress of a launch was written last; only of launches that are under way. */
  readonly #written = new Map<string, number>();
  readonly #unwritten = new Map<string, LaunchStatus>();
  /** Refusals of the API server to make a Pod: since when the same is tried again. */
  readonly #refusals = new Map<string, Refusal>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): Date => new Date());
  }

  /** Brings one launch a step further. @throws when the API server did not do it: to be tried again */
  async reconcile(key: string): Promise<'success' | 'requeue_after'> {
    const { cache } = this.#options;
    const seen = cache.launch(key);
    if (!seen) {
      this.#forget(key);
      return 'success';
    }
    const launch = this.#withUnwritten(key, seen);
    const decision = await this.#decide(key, launch);
    await this.#remove(decision.remove);
    if (decision.adopt) {
      await this.#adopt(launch, decision.adopt);
      this.#options.again(key, 0);
      return 'requeue_after';
    }
    if (decision.create) {
      await this.#create(key, launch, decision.create);
      // Behind those that wait already: with thousands of launches all Pods are made before their states are told.
      this.#options.again(key, 0);
      return 'requeue_after';
    }
    if (decision.status) await this.#writeStatus(key, seen, decision.status);
    if (decision.openGate) await this.#openGate(decision.openGate);
    if (decision.deleteLaunch) await this.#deleteLaunch(launch);
    return this.#later(key, decision);
  }

  #forget(key: string): void {
    this.#written.delete(key);
    this.#unwritten.delete(key);
    this.#refusals.delete(key);
  }

  /** Progress that was seen and not written yet: its times are those of the seeing. */
  #withUnwritten(key: string, launch: ChaincodeLaunch): ChaincodeLaunch {
    const status = this.#unwritten.get(key);
    if (status?.attempt !== launch.spec.launch) return launch;
    return { ...launch, status: { ...status, registration: launch.status?.registration } };
  }

  async #decide(key: string, launch: ChaincodeLaunch): Promise<Decision> {
    const pods = this.#options.cache.podsOf(key);
    const refusal = this.#refusals.get(key);
    const { adopt } = launch.spec;
    const prewarmed =
      adopt && this.#options.cache.podOf(launch.metadata.namespace ?? '', adopt.launch, adopt.podUid);
    const observed: Observed = { launch, pods, prewarmed, now: this.#now(), ...(refusal && { refusal }) };
    const decision = decide(observed);
    if (!decision.status || !this.#wantsOutput(launch, decision.status)) return decision;
    const output = await this.#lastOutput(pods, decision.status.attempt);
    return output.length === 0 ? decision : decide({ ...observed, output });
  }

  /** The kubelet keeps the end of the log only of a container that ended with an error; shims end with 0. */
  #wantsOutput(launch: ChaincodeLaunch, status: LaunchStatus): boolean {
    return (
      status.exit !== undefined && status.exit.lastLines === undefined && launch.status?.exit === undefined
    );
  }

  async #lastOutput(pods: readonly Pod[], attempt: number | undefined): Promise<string[]> {
    const { client, logger } = this.#options;
    // The Pod of the build may still be there, with the same attempt.
    const pod = pods.find(
      ({ metadata: { labels: own } }) =>
        own?.[labels.attempt] === String(attempt) && own[labels.role] === 'chaincode',
    );
    if (!pod) return [];
    const query = new URLSearchParams({
      container: chaincodeContainer,
      tailLines: '20',
      limitBytes: '10000',
    });
    const path = `${resourcePath(podKind, pod.metadata.namespace, pod.metadata.name)}/log?${query.toString()}`;
    try {
      return lastLines(await client.text({ method: 'GET', path }));
    } catch (error) {
      logger.warn({ err: error }, `the log of Pod ${pod.metadata.name} cannot be read: ${messageOf(error)}`);
      return [];
    }
  }

  async #remove(pods: readonly Pod[]): Promise<void> {
    for (const pod of pods) {
      const { namespace = '', name, uid } = pod.metadata;
      const main = pod.metadata.labels?.[labels.role] === 'build' ? builderContainer : chaincodeContainer;
      // What has ended needs no time to end.
      const gone = podState(pod, main).exit !== undefined;
      try {
        await this.#options.pods.delete(namespace, name, {
          ...(uid !== undefined && { uid }),
          ...(gone && { gracePeriodSeconds: 1 }),
        });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
  }

  async #create(key: string, launch: ChaincodeLaunch, role: PodRole): Promise<void> {
    const { pods, settings, cache, logger } = this.#options;
    const manifest = podManifest(launch, role, settings);
    try {
      const pod = await pods.create(manifest);
      cache.rememberPod(keptOfPod(pod));
      this.#refusals.delete(key);
      logger.info(
        { launch: key, attempt: launch.spec.launch, pod: pod.metadata.name },
        `made the ${role} Pod`,
      );
    } catch (error) {
      if (isConflict(error)) {
        // Made by a predecessor, and the watch has not told yet.
        const { namespace = '', name } = manifest.metadata;
        cache.rememberPod(keptOfPod(await pods.get(namespace, name)));
        return;
      }
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      this.#refusals.set(key, refusal);
      if (refusal.heals) this.#options.again(key, 1000);
    }
  }

  /** Gives a prewarmed Pod to the launch that runs in it; the object that it was made for goes. */
  async #adopt(launch: ChaincodeLaunch, pod: Pod): Promise<void> {
    const { pods, launches, cache } = this.#options;
    const { namespace = '', name, uid } = pod.metadata;
    const {
      labels: own,
      annotations,
      ownerReferences,
    } = podManifest(launch, 'chaincode', this.#options.settings).metadata;
    const metadata = { uid, labels: own, annotations, ownerReferences };
    cache.rememberPod(keptOfPod(await pods.merge(namespace, name, { metadata })));
    const warm = launch.spec.adopt?.launch;
    if (warm === undefined) return;
    await launches.delete(namespace, warm).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  async #writeStatus(key: string, launch: ChaincodeLaunch, status: LaunchStatus): Promise<void> {
    if (isKnown(launch, status)) return;
    if (this.#maySkip(key, launch, status)) {
      this.#unwritten.set(key, status);
      return;
    }
    this.#unwritten.delete(key);
    const { namespace = '', name } = launch.metadata;
    try {
      const written = await this.#options.launches.apply(
        { metadata: { namespace, name }, status } as ApplyLaunch,
        operatorManager,
        'status',
      );
      this.#options.cache.rememberLaunch(written);
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    this.#written.set(key, performance.now());
    for (const time of phaseTimes(launch.status, status)) this.#options.metrics.phaseTook(time);
    this.#tell(launch, status);
  }

  /** Progress between the begin and the end of a launch is told now and then: fast launches need one write less. */
  #maySkip(key: string, launch: ChaincodeLaunch, status: LaunchStatus): boolean {
    if (!isMereProgress(launch.status, status)) return false;
    const interval = this.#options.progressIntervalMs ?? 2000;
    const left = (this.#written.get(key) ?? 0) + interval - performance.now();
    if (left <= 0) return false;
    this.#options.again(key, left);
    return true;
  }

  #tell(launch: ChaincodeLaunch, status: LaunchStatus): void {
    const { events, metrics, logger } = this.#options;
    const event = launchEvent(launch.status, status);
    if (!event) return;
    events.record(chaincodeLaunches, launch, event.type, event.reason, event.message);
    if (status.phase === 'Failed') metrics.failed(event.reason);
    const { namespace, name } = launch.metadata;
    logger.info(
      {
        launch: `${namespace ?? ''}/${name}`,
        attempt: status.attempt,
        phase: status.phase,
        reason: event.reason,
      },
      event.message.split('\n', 1)[0] ?? '',
    );
  }

  async #openGate(pod: Pod): Promise<void> {
    const { namespace = '', name, labels: podLabels } = pod.metadata;
    const condition = {
      type: registeredGate,
      status: 'True',
      reason: 'Registered',
      message: `launch ${podLabels?.[labels.attempt] ?? ''} has registered with its endorser`,
      lastTransitionTime: this.#now()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z'),
    };
    try {
      const written = await this.#options.pods.merge(
        namespace,
        name,
        { status: { conditions: [condition] } },
        'status',
      );
      this.#options.cache.rememberPod(keptOfPod(written));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #deleteLaunch({ metadata }: ChaincodeLaunch): Promise<void> {
    const { namespace = '', name, uid } = metadata;
    try {
      await this.#options.launches.delete(namespace, name, uid === undefined ? {} : { uid });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  #later(key: string, decision: Decision): 'success' | 'requeue_after' {
    if (decision.againInMs === undefined) return 'success';
    this.#options.again(key, decision.againInMs);
    return 'requeue_after';
  }
}

/** Does the object say all this already? The registration is the endorser's and not ours to say. */
function isKnown(launch: ChaincodeLaunch, status: LaunchStatus): boolean {
  const { registration: _theirs, ...known } = launch.status ?? {};
  return isDeepStrictEqual(known, JSON.parse(JSON.stringify(status)));
}

/** Same attempt, same Pods, and not at its end: nobody waits for this. */
function isMereProgress(before: LaunchStatus | undefined, after: LaunchStatus): boolean {
  const facts = (status: LaunchStatus | undefined): unknown[] => [
    status?.attempt,
    status?.observedGeneration,
    status?.pod?.uid,
    status?.buildPod?.uid,
  ];
  return isDeepStrictEqual(facts(before), facts(after)) && after.phase !== 'Ready' && !hasEnded(after);
}

interface ApplyLaunch {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status: LaunchStatus;
}

/** Why the API server does not want the Pod, and whether that may change; undefined = no such answer. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const { message, code } = error;
  if (code === 403) {
    const quota = /exceeded quota|LimitRange|limit/i.test(message);
    const security = /violates PodSecurity/.test(message);
    const account = /service account/i.test(message) && /not found/.test(message);
    if (security) return { reason: 'PodSecurity', message, heals: false };
    return { reason: quota ? 'QuotaExceeded' : 'PodForbidden', message, heals: quota || account };
  }
  if (code === 422 || code === 400) return { reason: 'PodInvalid', message, heals: false };
  return undefined;
}
