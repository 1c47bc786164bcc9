import { LauncherError } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import { labels, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { PodDirectory, PodRole } from '../artifacts/artifactServer.js';
import type { PodIdentity } from '../artifacts/tokenVerifier.js';
import { explainMissingCrd } from '../api/missingCrd.js';
import { Informer } from '../client/informer.js';
import type { KubeClient } from '../client/kubeClient.js';
import type { Resource } from '../client/resource.js';

export interface LaunchWatchOptions {
  readonly client: KubeClient;
  readonly launches: Resource<ChaincodeLaunch>;
  readonly namespace: string;
  /** Hash of the endorser. */
  readonly peer: string;
  readonly logger: Logger;
  /** How long a Pod is waited for that the operator has made but not told of yet. @default 10 s */
  readonly patienceMs?: number;
}

type Listener = (launch: ChaincodeLaunch | undefined) => void;

/** Follows the launches of one endorser, and lets others wait until one of them says something. */
export class LaunchWatch implements PodDirectory {
  readonly #options: LaunchWatchOptions;
  readonly #informer: Informer<ChaincodeLaunch>;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(options: LaunchWatchOptions) {
    this.#options = options;
    this.#informer = new Informer({
      client: options.client,
      resource: options.launches,
      selection: { namespace: options.namespace, labelSelector: `${labels.peer}=${options.peer}` },
      logger: options.logger,
      explain: explainMissingCrd,
      onChange: (_key, launch, before) => {
        const name = (launch ?? before)?.metadata.name ?? '';
        for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(launch);
      },
    });
  }

  /** Resolves with the launches that exist when the first list is in. */
  async start(): Promise<ChaincodeLaunch[]> {
    this.#informer.start();
    await this.#informer.synced;
    return [...this.#informer.list()];
  }

  async stop(): Promise<void> {
    await this.#informer.stop();
  }

  get trouble(): unknown {
    return this.#informer.lastError;
  }

  get(name: string): ChaincodeLaunch | undefined {
    return this.#informer.get(`${this.#options.namespace}/${name}`);
  }

  remember(launch: ChaincodeLaunch): void {
    this.#informer.remember(launch);
  }

  /**
   * Asks `look` now and at every change, until it gives something else than undefined. Rejects with the signal's reason.
   * @param look gets undefined when the launch was deleted
   */
  async until<T>(
    name: string,
    look: (launch: ChaincodeLaunch | undefined) => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    signal.throwIfAborted();
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        this.#unlisten(name, listener);
        signal.removeEventListener('abort', onAbort);
      };
      const listener: Listener = (launch) => {
        try {
          const found = look(launch);
          if (found === undefined) return;
          end();
          resolve(found);
        } catch (error) {
          end();
          reject(error instanceof Error ? error : new LauncherError(String(error)));
        }
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason instanceof Error ? signal.reason : new LauncherError('aborted'));
      };
      const listeners = this.#listeners.get(name) ?? new Set();
      listeners.add(listener);
      this.#listeners.set(name, listeners);
      signal.addEventListener('abort', onAbort, { once: true });
      const known = this.get(name);
      if (known) listener(known);
    });
  }

  /** The operator writes the UID of each Pod that it makes into the status; a token with that UID is the Pod's own. */
  async roleOf(launch: string, attempt: number, pod: PodIdentity): Promise<PodRole | undefined> {
    if (pod.namespace !== this.#options.namespace) return undefined;
    const role = (seen: ChaincodeLaunch | undefined): PodRole | undefined => {
      if (seen?.status?.attempt !== attempt) return undefined;
      if (seen.status.pod?.uid === pod.podUid) return 'chaincode';
      return seen.status.buildPod?.uid === pod.podUid ? 'build' : undefined;
    };
    try {
      return await this.until(launch, role, AbortSignal.timeout(this.#options.patienceMs ?? 10_000));
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') return undefined;
      throw error;
    }
  }

  #unlisten(name: string, listener: Listener): void {
    const listeners = this.#listeners.get(name);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(name);
  }
}
