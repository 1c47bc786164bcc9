import { createHash } from 'node:crypto';
import { headerTypeName } from '../channelconfig/blocks.js';
import { LauncherError, messageOf } from '../errors.js';
import type { Identity, IdentityDeserializer } from '../msp/types.js';
import { common, type peer } from '../protos/index.js';
import { InvalidTransaction, txCode } from './invalidTransaction.js';
import { strict } from './strictDecode.js';

const { HeaderType } = common;
const allowedTypes: readonly number[] = [
  HeaderType.CONFIG,
  HeaderType.CONFIG_UPDATE,
  HeaderType.ENDORSER_TRANSACTION,
];

/** Names that the published definitions of today do not have any more. */
const formerTypes: ReadonlyMap<number, string> = new Map([
  [7, 'TOKEN_TRANSACTION'],
  [8, 'PEER_ADMIN_OPERATION'],
]);

/** An envelope whose headers are in order. All byte fields are the received ones. */
export interface OpenedTransaction {
  readonly type: number;
  readonly channelId: string;
  readonly txId: string;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  /** The payload, which the creator signed. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly channelHeaderBytes: Uint8Array;
  /** ChannelHeader.extension. */
  readonly extension: Uint8Array;
  /** Payload.data. */
  readonly data: Uint8Array;
}

/** The one action of an endorser transaction. */
export interface EndorsedAction {
  readonly proposalPayload: Uint8Array;
  /** ProposalResponsePayload, which the endorsers signed. */
  readonly responsePayloadBytes: Uint8Array;
  readonly responsePayload: peer.ProposalResponsePayload;
  readonly endorsements: readonly peer.Endorsement[];
}

/** Opens the envelope and checks its headers (core/common/validation: ValidateTransaction). Throws InvalidTransaction. */
export function openTransaction(bytes: Uint8Array): OpenedTransaction {
  const envelope = orInvalid(txCode.INVALID_OTHER_REASON, 'Error getting tx from block: ', () =>
    strict.envelope(bytes),
  );
  const signedBytes = envelope.getPayload_asU8();
  const payload = orInvalid(txCode.BAD_PAYLOAD, 'GetPayload returns err ', () => strict.payload(signedBytes));
  return orInvalid(txCode.BAD_COMMON_HEADER, 'validateCommonHeader returns err ', () => {
    const header = payload.getHeader();
    if (!header) throw new LauncherError('nil header');
    const channelHeader = strict.channelHeader(header.getChannelHeader_asU8());
    const signatureHeader = strict.signatureHeader(header.getSignatureHeader_asU8());
    checkChannelHeader(channelHeader);
    checkSignatureHeader(signatureHeader);
    return {
      type: channelHeader.getType(),
      channelId: channelHeader.getChannelId(),
      txId: channelHeader.getTxId(),
      creator: signatureHeader.getCreator_asU8(),
      nonce: signatureHeader.getNonce_asU8(),
      signedBytes,
      signature: envelope.getSignature_asU8(),
      channelHeaderBytes: header.getChannelHeader_asU8(),
      extension: channelHeader.getExtension_asU8(),
      data: payload.getData_asU8(),
    };
  });
}

function checkChannelHeader(header: common.ChannelHeader): void {
  const type = header.getType();
  if (!allowedTypes.includes(type)) throw new LauncherError(`invalid header type ${typeName(type)}`);
  if (header.getEpoch() !== 0) {
    throw new LauncherError(`invalid Epoch in ChannelHeader. Expected 0, got [${header.getEpoch()}]`);
  }
}

function checkSignatureHeader(header: common.SignatureHeader): void {
  if (header.getNonce_asU8().length === 0) throw new LauncherError('invalid nonce specified in the header');
  if (header.getCreator_asU8().length === 0)
    throw new LauncherError('invalid creator specified in the header');
}

/** Resolves to the creator, whose certificate and signature hold; rejects with BAD_CREATOR_SIGNATURE. */
export async function checkCreator(
  transaction: OpenedTransaction,
  channelId: string,
  deserializer: IdentityDeserializer,
): Promise<Identity> {
  try {
    if (transaction.signature.length === 0) throw new LauncherError('nil arguments');
    // Another channel's MSPs are none of this ledger's business, whether this peer has joined it or not.
    if (transaction.channelId !== channelId) throw new LauncherError("MSP error: channel doesn't exist");
    const creator = prefixed('MSP error', () => deserializer.deserializeIdentity(transaction.creator));
    prefixed('creator certificate is not valid', () => creator.validate());
    try {
      await creator.verify(transaction.signedBytes, transaction.signature);
    } catch (error) {
      throw new LauncherError(`creator's signature over the proposal is not valid: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return creator;
  } catch (error) {
    throw new InvalidTransaction(
      txCode.BAD_CREATOR_SIGNATURE,
      `checkSignatureFromCreator returns err ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Throws BAD_PROPOSAL_TXID unless the id is the hash of nonce and creator. */
export function checkTxId(transaction: OpenedTransaction): void {
  const expected = createHash('sha256').update(transaction.nonce).update(transaction.creator).digest('hex');
  if (transaction.txId !== expected) {
    throw new InvalidTransaction(
      txCode.BAD_PROPOSAL_TXID,
      `CheckTxID returns err invalid txid. got [${transaction.txId}], expected [${expected}]`,
    );
  }
}

/** The transaction's only action, bound to its header by the proposal hash. Throws INVALID_ENDORSER_TRANSACTION. */
export function openEndorserTransaction(transaction: OpenedTransaction): EndorsedAction {
  return orInvalid(txCode.INVALID_ENDORSER_TRANSACTION, 'validateEndorserTransaction returns err ', () => {
    const actions = strict.transaction(transaction.data).getActionsList();
    const action = actions[0];
    if (!action || actions.length !== 1) {
      throw new LauncherError(`only one action per transaction is supported, tx contains ${actions.length}`);
    }
    const signatureHeader = action.getHeader_asU8();
    checkSignatureHeader(strict.signatureHeader(signatureHeader));
    const payload = strict.actionPayload(action.getPayload_asU8());
    const endorsed = payload.getAction();
    if (!endorsed) throw new LauncherError('nil action');
    const responsePayloadBytes = endorsed.getProposalResponsePayload_asU8();
    const responsePayload = strict.responsePayload(responsePayloadBytes);
    const proposalPayload = payload.getChaincodeProposalPayload_asU8();
    const hash = createHash('sha256')
      .update(transaction.channelHeaderBytes)
      .update(signatureHeader)
      .update(proposalPayload)
      .digest();
    if (hash.compare(responsePayload.getProposalHash_asU8()) !== 0) {
      throw new LauncherError('proposal hash does not match');
    }
    return {
      proposalPayload,
      responsePayloadBytes,
      responsePayload,
      endorsements: endorsed.getEndorsementsList(),
    };
  });
}

/** The type's name, or the number where there is none. */
function typeName(type: number): string {
  return formerTypes.get(type) ?? headerTypeName(type);
}

function prefixed<T>(prefix: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw new LauncherError(`${prefix}: ${messageOf(error)}`, { cause: error });
  }
}

/** Any error of the step makes the transaction invalid with this code: no bytes of a block may stop the peer. */
export function orInvalid<T>(code: number, prefix: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw new InvalidTransaction(code, `${prefix}${messageOf(error)}`, { cause: error });
  }
}
