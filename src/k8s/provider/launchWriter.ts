import { annotations, endorserManager, labels, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { labelValue, peerHash, type PeerIdentity } from '../api/names.js';
import type { LaunchSpec } from '../api/schema.js';
import { isNotFound } from '../client/apiError.js';
import { persist } from '../client/persist.js';
import type { OwnerReference } from '../client/objects.js';
import type { Resource } from '../client/resource.js';
import type { LaunchWatch } from './launchWatch.js';

export interface LaunchWriterOptions {
  readonly launches: Resource<ChaincodeLaunch>;
  readonly watch: LaunchWatch;
  readonly namespace: string;
  readonly peer: PeerIdentity;
  /** With whose end the launches go. */
  readonly owner?: OwnerReference;
  /** How long an API server that is away is waited for when a launch shall end. */
  readonly patienceMs: number;
}

/** Everything that the endorser writes into the cluster: its ChaincodeLaunch objects, nothing else. */
export class LaunchWriter {
  readonly #options: LaunchWriterOptions;

  constructor(options: LaunchWriterOptions) {
    this.#options = options;
  }

  /** Launch number of the last attempt; 0 = there was none. */
  async lastLaunch(name: string, signal: AbortSignal): Promise<number> {
    const { launches, namespace, watch } = this.#options;
    const seen = watch.get(name);
    if (seen) return seen.spec.launch;
    try {
      return (await persist(() => launches.get(namespace, name), signal)).spec.launch;
    } catch (error) {
      if (isNotFound(error)) return 0;
      throw error;
    }
  }

  async apply(name: string, spec: LaunchSpec, signal: AbortSignal): Promise<void> {
    const { launches, namespace, watch, peer, owner } = this.#options;
    const { chaincode } = spec;
    const metadata = {
      namespace,
      name,
      labels: {
        'app.kubernetes.io/managed-by': 'chaincode-launcher',
        [labels.peer]: peerHash(peer),
        [labels.chaincode]: labelValue(chaincode.name),
        [labels.version]: labelValue(chaincode.version),
      },
      annotations: {
        [annotations.chaincode]: chaincode.name,
        [annotations.version]: chaincode.version,
        [annotations.peerId]: peer.id,
        [annotations.mspId]: peer.mspId,
      },
      ...(owner && { ownerReferences: [owner] }),
    };
    const object: ApplyObject = { metadata, spec };
    watch.remember(await persist(() => launches.apply(object, endorserManager), signal));
  }

  /** What the handler registry knows of this attempt. A launch that was deleted meanwhile has nobody to tell. */
  async registration(name: string, launch: number, registered: boolean, signal: AbortSignal): Promise<void> {
    const { launches, namespace, watch } = this.#options;
    const status = { registration: { launch, registered, time: new Date().toISOString() } };
    const object: ApplyObject = { metadata: { namespace, name }, status };
    try {
      watch.remember(await persist(() => launches.apply(object, endorserManager, 'status'), signal));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Ends the Pod of a launch and starts none. */
  async suspend(name: string, reason: string): Promise<void> {
    const { launches, namespace, watch, patienceMs } = this.#options;
    const patch = { spec: { suspended: true, suspendReason: reason.slice(0, 1000) } };
    const work = (): Promise<ChaincodeLaunch> => launches.merge(namespace, name, patch);
    try {
      watch.remember(await persist(work, AbortSignal.timeout(patienceMs)));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** What is applied; the rest of the object is not ours. */
interface ApplyObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec?: LaunchSpec;
  readonly status?: Pick<NonNullable<ChaincodeLaunch['status']>, 'registration'>;
}
