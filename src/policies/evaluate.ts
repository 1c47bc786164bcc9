import type { Identity, IdentityDeserializer, SignedData } from '../msp/types.js';

/**
 * The identities whose signatures hold, each once (common/policies: SignatureSetToValidIdentities).
 * A signature that does not verify, or whose signer does not decode, counts as absent.
 */
export async function verifiedIdentities(
  signatures: readonly SignedData[],
  deserializer: IdentityDeserializer,
): Promise<Identity[]> {
  const checked = await Promise.all(signatures.map((one) => verified(one, deserializer)));
  const byId = new Map<string, Identity>();
  for (const identity of checked) {
    if (identity && !byId.has(`${identity.mspId}/${identity.id}`)) {
      byId.set(`${identity.mspId}/${identity.id}`, identity);
    }
  }
  return [...byId.values()];
}

async function verified(
  signed: SignedData,
  deserializer: IdentityDeserializer,
): Promise<Identity | undefined> {
  try {
    const identity = deserializer.deserializeIdentity(signed.identity);
    await identity.verify(signed.data, signed.signature);
    return identity;
  } catch {
    // An unusable signature is no error: the policy decides whether the others are enough.
    return undefined;
  }
}

/** True when the identity satisfies the check that throws otherwise. */
export function holds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
