import { messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import { chaincodeLaunches, labels, operatorManager, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { EventRecorder, type KubeEvent } from '../client/eventRecorder.js';
import type { KubeClient } from '../client/kubeClient.js';
import { events, leases, networkPolicies, pods, splitKey } from '../client/objects.js';
import { LeaderElection, type LeaderElectionOptions, type Lease } from '../client/leaderElection.js';
import { Resource } from '../client/resource.js';
import { WorkQueue } from '../client/workQueue.js';
import { CachedLaunches } from './launchCache.js';
import type { PodSettings } from './manifests.js';
import type { OperatorMetrics } from './metrics.js';
import { peerNetworkPolicy, type NetworkPolicy } from './networkPolicy.js';
import type { Pod } from './pod.js';
import { Reconciler } from './reconciler.js';

export interface OperatorOptions {
  readonly client: KubeClient;
  readonly settings: PodSettings;
  /** Namespace whose launches are served; absent = all. */
  readonly namespace?: string;
  /** Absent = no election: this process is the only one. */
  readonly election?: Omit<LeaderElectionOptions, 'leases' | 'logger'>;
  /** A watch that is silent for so long is taken for dead. */
  readonly watchIdleMs?: number;
  /** Launches worked on at the same time. @default 8 */
  readonly workers?: number;
  readonly metrics: OperatorMetrics;
  readonly logger: Logger;
}

const component = 'chaincode-launcher';
/** Several launches of one endorser come together: their policy is written once. */
const policyDelayMs = 300;

/** Keys of endorsers, whose NetworkPolicy is looked after, beside those of launches. */
const peerKey = (namespace: string, peer: string): string => `peer:${namespace}/${peer}`;

/** Turns ChaincodeLaunch objects into Pods: follows both, and reconciles what changed while this process leads. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #cache: CachedLaunches;
  readonly #recorder: EventRecorder;
  readonly #reconciler: Reconciler;
  readonly #policies: Resource<NetworkPolicy>;
  readonly #election: LeaderElection | undefined;
  readonly #stop = new AbortController();
  /** What each policy was made from, so that nothing is written twice. */
  readonly #policyWritten = new Map<string, string>();
  /** Exists only while this process leads. */
  #queue: WorkQueue | undefined;
  readonly #listeners = new Set<(key: string) => void>();
  #running: Promise<void> | undefined;
  #synced = false;

  constructor(options: OperatorOptions) {
    const { client, logger, metrics, settings, election } = options;
    this.#options = options;
    const launchResource = new Resource<ChaincodeLaunch>(client, chaincodeLaunches);
    const podResource = new Resource<Pod>(client, pods);
    this.#policies = new Resource(client, networkPolicies);
    this.#recorder = new EventRecorder({
      events: new Resource<KubeEvent>(client, events),
      component,
      logger,
    });
    this.#cache = new CachedLaunches({
      client,
      launches: launchResource,
      pods: podResource,
      ...(options.namespace !== undefined && { namespace: options.namespace }),
      onChange: (key, launch, before) => this.#changed(key, launch, before),
      onLaunch: (key) => {
        for (const listener of this.#listeners) listener(key);
      },
      idleMs: options.watchIdleMs,
      metrics,
      logger,
    });
    this.#reconciler = new Reconciler({
      cache: this.#cache,
      client,
      launches: launchResource,
      pods: podResource,
      events: this.#recorder,
      settings,
      metrics,
      logger,
      again: (key, afterMs) => this.#queue?.addAfter(key, afterMs),
    });
    this.#election =
      election && new LeaderElection({ ...election, leases: new Resource<Lease>(client, leases), logger });
  }

  get leads(): boolean {
    return this.#queue !== undefined;
  }

  /** The launches as the API server has them; a standby knows them as well as the leader does. */
  launches(): Iterable<ChaincodeLaunch> {
    return this.#cache.launches();
  }

  /** @param key `namespace/name` */
  launch(key: string): ChaincodeLaunch | undefined {
    return this.#cache.launch(key);
  }

  /** Told the key after every change of a launch. Returns what ends it. */
  onChange(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  state(): { leads: boolean; synced: boolean; trouble: unknown } {
    return { leads: this.leads, synced: this.#synced, trouble: this.#cache.trouble };
  }

  /** Rejects with what is missing while the operator cannot work. */
  async ready(): Promise<void> {
    const { trouble } = this.#cache;
    if (trouble !== undefined) throw trouble instanceof Error ? trouble : new Error(messageOf(trouble));
    if (!this.#synced) throw new Error('the first list of launches and Pods is not here yet');
  }

  /** Runs until stop(). Rejects when the lease was lost: then the process must end. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Ends the work in hand and gives the lease up. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const stopped = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    const synced = this.#cache.start().then(() => {
      this.#synced = true;
    });
    try {
      // A standby keeps its caches warm, so that it can take over at once.
      await Promise.race([synced, stopped]);
      if (signal.aborted) return;
      await this.#lead(signal, stopped);
    } finally {
      await this.#cache.stop();
      await this.#recorder.flush();
    }
  }

  async #lead(signal: AbortSignal, stopped: Promise<void>): Promise<void> {
    const election = this.#election;
    const { logger, metrics } = this.#options;
    const name = this.#options.election?.name ?? component;
    if (election) {
      metrics.leading(name, false);
      logger.info('waiting for the lease');
      try {
        await election.acquire(signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
    }
    metrics.leading(name, true);
    logger.info('leading');
    this.#startQueue();
    try {
      await (election ? election.hold(signal) : stopped);
    } finally {
      await this.#stopQueue();
      metrics.leading(name, false);
      if (signal.aborted) {
        await election
          ?.release()
          .catch((error: unknown) =>
            logger.warn({ err: error }, `the lease was not given up: ${messageOf(error)}`),
          );
      }
    }
  }

  #startQueue(): void {
    const { metrics, logger, workers } = this.#options;
    this.#queue = new WorkQueue({
      workers: workers ?? 8,
      work: (key) => this.#work(key),
      onError: (key, error, againInMs) =>
        logger.warn({ launch: key, err: error }, `not done, again in ${againInMs} ms: ${messageOf(error)}`),
      observer: metrics.queue,
    });
    for (const key of this.#cache.keys()) this.#changed(key, this.#cache.launch(key), undefined);
  }

  async #stopQueue(): Promise<void> {
    const queue = this.#queue;
    this.#queue = undefined;
    await queue?.stop();
  }

  #changed(key: string, launch: ChaincodeLaunch | undefined, before: ChaincodeLaunch | undefined): void {
    const queue = this.#queue;
    if (!queue) return;
    queue.add(key);
    if (launch === before) return;
    const { namespace } = splitKey(key);
    const peer = (launch ?? before)?.metadata.labels?.[labels.peer];
    const specChanged = launch?.metadata.generation !== before?.metadata.generation;
    if (peer !== undefined && (specChanged || !launch))
      queue.addAfter(peerKey(namespace, peer), policyDelayMs);
  }

  async #work(key: string): Promise<void> {
    if (key.startsWith('peer:')) return this.#policy(key);
    await this.#options.metrics.reconcile(() => this.#reconciler.reconcile(key));
  }

  async #policy(key: string): Promise<void> {
    const { namespace, name: peer } = splitKey(key.slice('peer:'.length));
    const wanting = this.#cache
      .launchesOf(namespace, peer)
      .filter(({ spec, metadata }) => spec.networkPolicy && metadata.deletionTimestamp === undefined)
      .sort((a, b) => ageOf(a).localeCompare(ageOf(b)));
    const policy = peerNetworkPolicy(peer, wanting);
    const text = JSON.stringify(policy ?? null);
    // The policy goes with its last owner; nothing need be deleted.
    if (!policy) this.#policyWritten.delete(key);
    if (!policy || this.#policyWritten.get(key) === text) return;
    await this.#policies.apply(policy, operatorManager);
    this.#policyWritten.set(key, text);
  }
}

/** Oldest first, so that the owner of a policy stays the same while it lives. */
function ageOf({ metadata }: ChaincodeLaunch): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
}
