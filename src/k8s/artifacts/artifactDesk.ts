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
