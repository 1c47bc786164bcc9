import type { Identity, IdentityDeserializer } from '../msp/types.js';
import type { EndorsedAction } from './openTransaction.js';

/** An endorser transaction whose signatures were verified. */
export interface EndorsedTransaction {
  readonly action: EndorsedAction;
  readonly creator: Identity;
  readonly endorsers: readonly Identity[];
}

/**
 * The endorsers whose signatures hold. As in Fabric 1.4 each identity counts once and with its FIRST signature, so
 * that a second, better one does not help; an endorsement that cannot be used counts as absent.
 */
export async function verifiedEndorsers(
  action: EndorsedAction,
  deserializer: IdentityDeserializer,
): Promise<Identity[]> {
  const first = new Map<string, { identity: Identity; signed: Uint8Array; signature: Uint8Array }>();
  for (const endorsement of action.endorsements) {
    const endorser = endorsement.getEndorser_asU8();
    const identity = decoded(endorser, deserializer);
    if (!identity) continue;
    const key = `${identity.mspId}/${identity.id}`;
    if (first.has(key)) continue;
    first.set(key, {
      identity,
      signed: Buffer.concat([action.responsePayloadBytes, endorser]),
      signature: endorsement.getSignature_asU8(),
    });
  }
  const checked = await Promise.all(
    [...first.values()].map(async ({ identity, signed, signature }) => {
      try {
        await identity.verify(signed, signature);
        return identity;
      } catch {
        // The policy decides whether the others are enough.
        return undefined;
      }
    }),
  );
  return checked.filter((identity) => identity !== undefined);
}

function decoded(endorser: Uint8Array, deserializer: IdentityDeserializer): Identity | undefined {
  try {
    return deserializer.deserializeIdentity(endorser);
  } catch {
    // An endorser that nobody here knows counts as absent.
    return undefined;
  }
}

/** Do two endorsements come from the same bytes of an identity? Only for the text of the v12 rules. */
export function hasRepeatedEndorser(action: EndorsedAction): boolean {
  const seen = new Set(
    action.endorsements.map((one) => Buffer.from(one.getEndorser_asU8()).toString('latin1')),
  );
  return seen.size < action.endorsements.length;
}
