import type { Readable } from 'node:stream';
import { LauncherError } from '../../errors.js';
import type { VMFile } from '../../launcher/types.js';
import type { BuildInput, OutputStore } from './outputStore.js';

/** What one attempt of a launch may fetch. */
export interface Offer {
  readonly files: readonly VMFile[];
  readonly codePackage: Uint8Array;
  readonly packageDigest: string;
  /** Digest of the build output, once there is one. */
  output?: string;
  /** How the output is made, when a build must make it. */
  readonly build?: BuildInput;
  /** Resolves with the output's digest when the build has brought it. */
  readonly built: Promise<string>;
  /** UID of the prewarmed Pod that this attempt was given to. */
  assignedTo?: string;
}

/** What a prewarmed Pod is told when a chaincode is given to it. */
export interface Assignment {
  readonly launch: string;
  readonly attempt: number;
  readonly tls: boolean;
  /** Digest of the build output; empty = none. */
  readonly digest: string;
  /** Shell script that sets the environment and starts the chaincode. */
  readonly start: string;
}

/** A prewarmed Pod that is listening. */
export interface WaitingPod {
  /** Its ChaincodeLaunch. */
  readonly launch: string;
  readonly uid: string;
  readonly give: (assignment: Assignment) => void;
}

interface Entry {
  readonly attempt: number;
  readonly offer: Offer;
  readonly settle: (digest: string) => void;
}

/** Keeps, in memory, what the launches under way may fetch. An offer lives as long as its launch is not given up. */
export class ArtifactDesk {
  readonly #outputs: OutputStore;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new Set<WaitingPod>();

  constructor(outputs: OutputStore) {
    this.#outputs = outputs;
  }

  /** Offers the files of a new attempt; what the last one could fetch is withdrawn. */
  offer(launch: string, attempt: number, what: Omit<Offer, 'built'>): Offer {
    let settle!: (digest: string) => void;
    const built = new Promise<string>((resolve) => {
      settle = resolve;
    });
    const offer: Offer = { ...what, built };
    this.#entries.set(launch, { attempt, offer, settle });
    return offer;
  }

  /** Ends the right to fetch. */
  withdraw(launch: string, attempt: number): void {
    if (this.#entries.get(launch)?.attempt === attempt) this.#entries.delete(launch);
  }

  /**
   * A prewarmed Pod asks for its chaincode. Resolves when it is given one; undefined when the signal aborts before.
   */
  async assignment(launch: string, uid: string, signal: AbortSignal): Promise<Assignment | undefined> {
    return new Promise((resolve) => {
      const pod: WaitingPod = { launch, uid, give: resolve };
      this.#waiting.add(pod);
      signal.addEventListener(
        'abort',
        () => {
          this.#waiting.delete(pod);
          resolve(undefined);
        },
        { once: true },
      );
    });
  }

  /** Takes one listening Pod of these launches for oneself. */
  takeWaiting(launches: ReadonlySet<string>): WaitingPod | undefined {
    const pod = [...this.#waiting].find((each) => launches.has(each.launch));
    if (pod) this.#waiting.delete(pod);
    return pod;
  }

  find(launch: string, attempt: number): Offer | undefined {
    const entry = this.#entries.get(launch);
    return entry?.attempt === attempt ? entry.offer : undefined;
  }

  /** Takes a build's output. @throws when nobody waits for it */
  async receive(launch: string, attempt: number, content: Readable): Promise<string> {
    const entry = this.#entries.get(launch);
    if (entry?.attempt !== attempt || !entry.offer.build) {
      throw new LauncherError('nobody waits for this build');
    }
    const digest = await this.#outputs.keep(entry.offer.build, content);
    entry.offer.output = digest;
    entry.settle(digest);
    return digest;
  }

  openOutput(digest: string): Promise<{ content: Readable; size: number }> {
    return this.#outputs.open(digest);
  }
}
