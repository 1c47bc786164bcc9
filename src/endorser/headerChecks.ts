import { createHash } from 'node:crypto';
import { headerTypeName } from '../channelconfig/bundle.js';
import { LauncherError } from '../errors.js';
import { checkUtf8, common, peer } from '../protos/index.js';
import { hasWireField, walkFields } from '../protos/wire.js';

const { HeaderType } = common;

/** Types of Fabric 1.4 that the published definitions have no names for. */
const peerAdminOperation = 8;
const tokenTransaction = 9;

/** The types that a proposal's header may name at all; the two that can be endorsed are told apart later. */
const knownTypes: ReadonlySet<number> = new Set([
  HeaderType.ENDORSER_TRANSACTION,
  HeaderType.CONFIG_UPDATE,
  HeaderType.CONFIG,
  tokenTransaction,
]);

/** Throws `invalid header type ‹T›` and `invalid Epoch in ChannelHeader. Expected 0, got [‹n›]`. */
export function checkChannelHeader(channelHeader: common.ChannelHeader): void {
  const type: number = channelHeader.getType();
  if (!knownTypes.has(type)) {
    const name = type === peerAdminOperation ? 'PEER_ADMIN_OPERATION' : headerTypeName(type);
    throw new LauncherError(`invalid header type ${name}`);
  }
  const epoch = channelHeader.getEpoch();
  if (epoch !== 0) {
    throw new LauncherError(`invalid Epoch in ChannelHeader. Expected 0, got [${epoch}]`);
  }
}

/** Throws `invalid nonce …` or `invalid creator specified in the header`. */
export function checkSignatureHeader(nonce: Uint8Array, creator: Uint8Array): void {
  if (nonce.length === 0) throw new LauncherError('invalid nonce specified in the header');
  if (creator.length === 0) throw new LauncherError('invalid creator specified in the header');
}

/** Lowercase hex SHA-256 of nonce ‖ creator. */
export function computeTxId(nonce: Uint8Array, creator: Uint8Array): string {
  return createHash('sha256').update(nonce).update(creator).digest('hex');
}

/** Throws `invalid txid. got [‹a›], expected [‹b›]`; an id in upper case is another id. */
export function checkTxId(txId: string, nonce: Uint8Array, creator: Uint8Array): void {
  const expected = computeTxId(nonce, creator);
  if (txId !== expected) throw new LauncherError(`invalid txid. got [${txId}], expected [${expected}]`);
}

/** The chaincode that is to run: the one of the header's extension, whatever the spec inside names. */
export function chaincodeOf(channelHeader: common.ChannelHeader): peer.ChaincodeID {
  const type = channelHeader.getType();
  if (type !== HeaderType.ENDORSER_TRANSACTION && type !== HeaderType.CONFIG) {
    throw new LauncherError(`unsupported proposal type ${type}`);
  }
  const bytes = channelHeader.getExtension_asU8();
  const chaincodeId = chaincodeIdIn(bytes);
  if (!chaincodeId) throw new LauncherError('ChaincodeHeaderExtension.ChaincodeId is nil');
  if (hasWireField(bytes, 1)) throw new LauncherError('invalid payload visibility field');
  return chaincodeId;
}

function chaincodeIdIn(extension: Uint8Array): peer.ChaincodeID | undefined {
  try {
    walkFields(extension, ({ number, content }) => {
      if (number === 2 && content) checkUtf8(content, { number: 2, name: 'protos.ChaincodeID.name' });
      return false;
    });
    return peer.ChaincodeHeaderExtension.deserializeBinary(extension).getChaincodeId();
  } catch (error) {
    throw new LauncherError('invalid header extension for type CHAINCODE', { cause: error });
  }
}
