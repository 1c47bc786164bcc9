import { LauncherError } from '../errors.js';
import { parsePem } from '../msp/certificates.js';
import { LruCache } from '../msp/lruCache.js';
import { parseSerializedIdentity } from '../msp/serializedIdentity.js';

const rememberedIdentities = 2_000;

/** Refuses creators whose certificate has expired (core/handlers/auth/filter). MSPs do not look at that. */
export class IdentityExpiry {
  readonly #now: () => number;
  /** Creator bytes → end of validity in milliseconds. */
  readonly #ends = new LruCache<number>(rememberedIdentities);

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws `identity expired`. Who cannot be read has no end: others find out what is wrong with him. */
  check(creator: Uint8Array): void {
    if (this.#now() > this.#endOf(creator)) throw new LauncherError('identity expired');
  }

  #endOf(creator: Uint8Array): number {
    const key = Buffer.from(creator.buffer, creator.byteOffset, creator.byteLength).toString('latin1');
    const known = this.#ends.get(key);
    if (known !== undefined) return known;
    const end = expiryOf(creator);
    this.#ends.set(key, end);
    return end;
  }
}

function expiryOf(creator: Uint8Array): number {
  try {
    const end = Date.parse(parsePem(parseSerializedIdentity(creator).certificatePem).validTo);
    return Number.isNaN(end) ? Infinity : end;
  } catch {
    return Infinity;
  }
}
