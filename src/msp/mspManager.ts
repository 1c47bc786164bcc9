import { LauncherError, wrap } from '../errors.js';
import { LruCache } from './lruCache.js';
import type { Msp } from './msp.js';
import { parseSerializedIdentity } from './serializedIdentity.js';
import type { Identity, IdentityDeserializer } from './types.js';

const cachedIdentities = 2_000;

/** The MSPs of one channel (msp/mspmgrimpl.go), with the identities that were met lately. */
export class MspManager implements IdentityDeserializer {
  readonly #msps: ReadonlyMap<string, Msp>;
  readonly #identities = new LruCache<Identity>(cachedIdentities);

  constructor(msps: readonly Msp[]) {
    this.#msps = new Map(msps.map((one) => [one.mspId, one]));
  }

  /** The MSP with this id, if the channel has it. */
  getMsp(mspId: string): Msp | undefined {
    return this.#msps.get(mspId);
  }

  get mspIds(): string[] {
    return [...this.#msps.keys()].sort();
  }

  /** Throws `MSP ‹id› is unknown` and what Msp.deserializeIdentity throws. */
  deserializeIdentity(serialized: Uint8Array): Identity {
    const key = Buffer.from(serialized.buffer, serialized.byteOffset, serialized.byteLength).toString(
      'latin1',
    );
    const known = this.#identities.get(key);
    if (known) return known;
    const mspId = mspIdOf(serialized);
    const owner = this.#msps.get(mspId);
    if (!owner) throw new LauncherError(`MSP ${mspId} is unknown`);
    // The caller's bytes may be a view on a large message: keep a copy, not the message.
    const identity = owner.deserializeIdentity(Uint8Array.from(serialized));
    this.#identities.set(key, identity);
    return identity;
  }
}

function mspIdOf(serialized: Uint8Array): string {
  try {
    return parseSerializedIdentity(serialized).mspId;
  } catch (error) {
    throw wrap('could not deserialize a SerializedIdentity', error);
  }
}
