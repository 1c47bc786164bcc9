import { messageOf } from '../errors.js';
import { checkShape, type WireShape } from '../packages/wire.js';
import { common, decode, ledger, peer, ProtoError } from '../protos/index.js';

// A code must not depend on the decoder: Go refuses a field of another wire type, google-protobuf reads it as garbage.
// So every message of a transaction is held against its shape first.

const chaincodeId: WireShape = { 1: 'string', 2: 'string', 3: 'string' };
const version: WireShape = { 1: 'varint', 2: 'varint' };
const read: WireShape = { 1: 'string', 2: { message: version } };
const metadataEntry: WireShape = { 1: 'string', 2: 'bytes' };
const rangeQuery: WireShape = {
  1: 'string',
  2: 'string',
  3: 'varint',
  4: { message: { 1: { message: read } } },
  5: { message: { 1: 'varint', 2: 'varint', 3: 'bytes' } },
};
const chaincodeInput: WireShape = { 1: 'bytes', 2: { message: metadataEntry }, 3: 'varint' };
const chaincodeSpec: WireShape = {
  1: 'varint',
  2: { message: chaincodeId },
  3: { message: chaincodeInput },
  4: 'varint',
};
const staticCollection: WireShape = {
  1: 'string',
  2: {
    message: { 1: { message: { 1: 'varint', 2: 'bytes', 3: { message: { 1: 'varint', 2: 'bytes' } } } } },
  },
  3: 'varint',
  4: 'varint',
  5: 'varint',
  6: 'varint',
  7: 'varint',
};

interface MessageClass<T> {
  deserializeBinary(bytes: Uint8Array): T;
}

/** Decodes bytes; throws `error unmarshaling ‹type›: ‹why›` for all that Go's decoder refuses. */
type Decoder<T> = (bytes: Uint8Array) => T;

function decoder<T>(messageClass: MessageClass<T>, typeName: string, shape: WireShape): Decoder<T> {
  return (bytes) => {
    try {
      checkShape(bytes, shape);
    } catch (error) {
      throw new ProtoError(`error unmarshaling ${typeName}: ${messageOf(error)}`, { cause: error });
    }
    return decode(messageClass, bytes, typeName);
  };
}

/** Strict decoders of all that a transaction consists of. */
export const strict = {
  envelope: decoder(common.Envelope, 'Envelope', { 1: 'bytes', 2: 'bytes' }),
  payload: decoder(common.Payload, 'Payload', { 1: { message: { 1: 'bytes', 2: 'bytes' } }, 2: 'bytes' }),
  channelHeader: decoder(common.ChannelHeader, 'ChannelHeader', {
    1: 'varint',
    2: 'varint',
    3: { message: { 1: 'varint', 2: 'varint' } },
    4: 'string',
    5: 'string',
    6: 'varint',
    7: 'bytes',
    8: 'bytes',
  }),
  signatureHeader: decoder(common.SignatureHeader, 'SignatureHeader', { 1: 'bytes', 2: 'bytes' }),
  headerExtension: decoder(peer.ChaincodeHeaderExtension, 'ChaincodeHeaderExtension', {
    1: 'bytes',
    2: { message: chaincodeId },
  }),
  transaction: decoder(peer.Transaction, 'Transaction', { 1: { message: { 1: 'bytes', 2: 'bytes' } } }),
  actionPayload: decoder(peer.ChaincodeActionPayload, 'ChaincodeActionPayload', {
    1: 'bytes',
    2: { message: { 1: 'bytes', 2: { message: { 1: 'bytes', 2: 'bytes' } } } },
  }),
  responsePayload: decoder(peer.ProposalResponsePayload, 'ProposalResponsePayload', {
    1: 'bytes',
    2: 'bytes',
  }),
  action: decoder(peer.ChaincodeAction, 'ChaincodeAction', {
    1: 'bytes',
    2: 'bytes',
    3: { message: { 1: 'varint', 2: 'string', 3: 'bytes' } },
    4: { message: chaincodeId },
  }),
  event: decoder(peer.ChaincodeEvent, 'ChaincodeEvent', {
    1: 'string',
    2: 'string',
    3: 'string',
    4: 'bytes',
  }),
  proposalPayload: decoder(peer.ChaincodeProposalPayload, 'ChaincodeProposalPayload', {
    1: 'bytes',
    2: { message: metadataEntry },
  }),
  invocationSpec: decoder(peer.ChaincodeInvocationSpec, 'ChaincodeInvocationSpec', {
    1: { message: chaincodeSpec },
  }),
  deploymentSpec: decoder(peer.ChaincodeDeploymentSpec, 'ChaincodeDeploymentSpec', {
    1: { message: chaincodeSpec },
    3: 'bytes',
    4: 'varint',
  }),
  readWriteSet: decoder(ledger.rwset.TxReadWriteSet, 'TxReadWriteSet', {
    1: 'varint',
    2: { message: { 1: 'string', 2: 'bytes', 3: { message: { 1: 'string', 2: 'bytes', 3: 'bytes' } } } },
  }),
  keyValueSet: decoder(ledger.rwset.kvrwset.KVRWSet, 'KVRWSet', {
    1: { message: read },
    2: { message: rangeQuery },
    3: { message: { 1: 'string', 2: 'varint', 3: 'bytes' } },
    4: { message: { 1: 'string', 2: { message: metadataEntry } } },
  }),
  hashedSet: decoder(ledger.rwset.kvrwset.HashedRWSet, 'HashedRWSet', {
    1: { message: { 1: 'bytes', 2: { message: version } } },
    2: { message: { 1: 'bytes', 2: 'varint', 3: 'bytes' } },
    3: { message: { 1: 'bytes', 2: { message: metadataEntry } } },
  }),
  collections: decoder(peer.CollectionConfigPackage, 'CollectionConfigPackage', {
    1: { message: { 1: { message: staticCollection } } },
  }),
} as const;

/** The decoder's own words, without `error unmarshaling ‹type›: `, for texts that have another prefix. */
export function bareReason(error: unknown): string {
  return messageOf(error).replace(/^error unmarshaling [A-Za-z]+: /, '');
}
