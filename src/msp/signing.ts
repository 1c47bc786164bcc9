import { common } from '../protos/index.js';
import type { SigningIdentity } from './types.js';

/** Marshalled SignatureHeader of a new message. */
export function newSignatureHeader(signer: SigningIdentity, nonce: Uint8Array): Uint8Array {
  const header = new common.SignatureHeader();
  header.setCreator(signer.serialized);
  header.setNonce(nonce);
  return header.serializeBinary();
}

/** The payload with its signer's signature (protos/utils: CreateSignedEnvelope). */
export async function signEnvelope(
  signer: SigningIdentity,
  payload: common.Payload,
): Promise<common.Envelope> {
  const envelope = new common.Envelope();
  const bytes = payload.serializeBinary();
  envelope.setPayload(bytes);
  envelope.setSignature(await signer.sign(bytes));
  return envelope;
}
