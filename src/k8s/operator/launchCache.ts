import type { Logger } from '../../ops/log.js';
import { labels, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { explainMissingCrd } from '../api/missingCrd.js';
import { Informer } from '../client/informer.js';
import type { KubeClient } from '../client/kubeClient.js';
import { keyOf } from '../client/objects.js';
import type { Resource } from '../client/resource.js';
import type { OperatorMetrics } from './metrics.js';
import { keptOfPod, type Pod } from './pod.js';
import type { LaunchCache } from './reconciler.js';

export interface CachedLaunchesOptions {
  readonly client: KubeClient;
  readonly launches: Resource<ChaincodeLaunch>;
  readonly pods: Resource<Pod>;
  /** Absent = all namespaces. */
  readonly namespace?: string;
  /** A launch or one of its Pods has changed. */
  readonly onChange: (
    key: string,
    launch: ChaincodeLaunch | undefined,
    before: ChaincodeLaunch | undefined,
  ) => void;
  /** What the store has of a launch is another now: by the watch, or by an answer to a write of our own. */
  readonly onLaunch: (key: string) => void;
  /** A watch that is silent for so long is taken for dead. */
  readonly idleMs?: number | undefined;
  readonly metrics: OperatorMetrics;
  readonly logger: Logger;
}

/** Launches and their Pods as the API server has them, and which Pod is whose. */
export class CachedLaunches implements LaunchCache {
  readonly #options: CachedLaunchesOptions;
  readonly #launches: Informer<ChaincodeLaunch>;
  readonly #pods: Informer<Pod>;
  /** Key of the launch → keys of its Pods. */
  readonly #podKeys = new Map<string, Set<string>>();

  constructor(options: CachedLaunchesOptions) {
    const { client, logger, metrics, onChange, idleMs } = options;
    this.#options = options;
    const scope = options.namespace === undefined ? {} : { namespace: options.namespace };
    this.#launches = new Informer({
      client,
      resource: options.launches,
      selection: scope,
      idleMs,
      keep: keptOfLaunch,
      explain: explainMissingCrd,
      onChange: (key, launch, before) => {
        this.#replaced(key, launch, before);
        onChange(key, launch, before);
      },
      onReconnect: (reason) => metrics.reconnected('ChaincodeLaunch', reason),
      logger,
    });
    this.#pods = new Informer({
      client,
      resource: options.pods,
      selection: { ...scope, labelSelector: labels.launch },
      idleMs,
      keep: keptOfPod,
      onChange: (podKey, pod, before) => {
        const key = launchKeyOf(pod ?? before);
        const former = launchKeyOf(before);
        if (key === undefined) return;
        if (former !== undefined && former !== key) this.#index(former, podKey, false);
        this.#index(key, podKey, pod !== undefined);
        onChange(key, this.#launches.get(key), this.#launches.get(key));
      },
      onReconnect: (reason) => metrics.reconnected('Pod', reason),
      logger,
    });
  }

  /** Resolves when both lists are in. */
  async start(): Promise<void> {
    this.#launches.start();
    this.#pods.start();
    await Promise.all([this.#launches.synced, this.#pods.synced]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#launches.stop(), this.#pods.stop()]);
  }

  /** Why the store does not follow the API server at the moment. */
  get trouble(): unknown {
    return this.#launches.lastError ?? this.#pods.lastError;
  }

  keys(): string[] {
    return [...this.#launches.list()].map(keyOf);
  }

  launches(): Iterable<ChaincodeLaunch> {
    return this.#launches.list();
  }

  /** The launches of one endorser in one namespace. */
  launchesOf(namespace: string, peer: string): ChaincodeLaunch[] {
    return [...this.#launches.list()].filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[labels.peer] === peer,
    );
  }

  launch(key: string): ChaincodeLaunch | undefined {
    return this.#launches.get(key);
  }

  podsOf(key: string): Pod[] {
    return [...(this.#podKeys.get(key) ?? [])].flatMap((podKey) => this.#pods.get(podKey) ?? []);
  }

  podOf(namespace: string, launch: string, uid: string): Pod | undefined {
    return this.podsOf(`${namespace}/${launch}`).find(({ metadata }) => metadata.uid === uid);
  }

  /** The watch tells nothing of what is here already, so that this is the only word of it. */
  rememberLaunch(launch: ChaincodeLaunch): void {
    const key = keyOf(launch);
    const before = this.#launches.get(key);
    this.#launches.remember(launch);
    const after = this.#launches.get(key);
    if (after !== before) this.#replaced(key, after, before);
  }

  #replaced(key: string, launch: ChaincodeLaunch | undefined, before: ChaincodeLaunch | undefined): void {
    const { metrics, onLaunch } = this.#options;
    metrics.phaseChanged(before && phaseOf(before), launch && phaseOf(launch));
    onLaunch(key);
  }

  rememberPod(pod: Pod): void {
    const key = launchKeyOf(pod);
    if (key === undefined) return;
    const former = launchKeyOf(this.#pods.get(keyOf(pod)));
    if (former !== undefined && former !== key) this.#index(former, keyOf(pod), false);
    this.#pods.remember(pod);
    this.#index(key, keyOf(pod), true);
  }

  #index(key: string, podKey: string, there: boolean): void {
    const keys = this.#podKeys.get(key) ?? new Set();
    if (there) keys.add(podKey);
    else keys.delete(podKey);
    if (keys.size === 0) this.#podKeys.delete(key);
    else this.#podKeys.set(key, keys);
  }
}

function launchKeyOf(pod: Pod | undefined): string | undefined {
  const launch = pod?.metadata.labels?.[labels.launch];
  return launch === undefined ? undefined : `${pod?.metadata.namespace ?? ''}/${launch}`;
}

function phaseOf(launch: ChaincodeLaunch): string {
  return launch.status?.phase ?? 'Pending';
}

/**
 * Without managedFields, which are longer than all the rest, and with spec and status as text: ten thousand launches take a
 * third of the memory that their objects would.
 */
function keptOfLaunch(launch: ChaincodeLaunch): ChaincodeLaunch {
  const { managedFields: _unread, ...metadata } = launch.metadata as ChaincodeLaunch['metadata'] & {
    managedFields?: unknown;
  };
  const kept = { metadata };
  readLater(kept, 'spec', launch.spec);
  if (launch.status) readLater(kept, 'status', launch.status);
  return kept as ChaincodeLaunch;
}

function readLater(object: object, name: 'spec' | 'status', value: unknown): void {
  const text = JSON.stringify(value);
  Object.defineProperty(object, name, { enumerable: true, get: () => JSON.parse(text) as unknown });
}
