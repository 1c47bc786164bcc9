import { decode, msp } from '../protos/index.js';

/** Marshalled SerializedIdentity of an MSP id and a PEM certificate. */
export function serializeIdentity(mspId: string, certificatePem: Uint8Array): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(certificatePem);
  return identity.serializeBinary();
}

/** The MSP id and PEM bytes inside a SerializedIdentity; throws when it does not decode. */
export function parseSerializedIdentity(serialized: Uint8Array): {
  mspId: string;
  certificatePem: Uint8Array;
} {
  const identity = decode(msp.SerializedIdentity, serialized, 'SerializedIdentity');
  return { mspId: identity.getMspid(), certificatePem: identity.getIdBytes_asU8() };
}
