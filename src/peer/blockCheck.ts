import {
  blockDataHash,
  blockHeaderBytes,
  blockTransactions,
  metadataIndex,
} from '../channelconfig/blocks.js';
import type { ChannelResources } from '../channelconfig/types.js';
import { LauncherError, messageOf } from '../errors.js';
import type { SignedData } from '../msp/types.js';
import { common, decode } from '../protos/index.js';

/** The policy that an orderer's signature on a block has to satisfy. */
const blockValidationPolicy = '/Channel/Orderer/BlockValidation';

/** A block that must not be committed: it does not follow the chain, or its orderer did not sign it. */
export class BlockRefusedError extends LauncherError {
  override readonly name = 'BlockRefusedError';
}

/** The end of the chain that a block has to continue. */
export interface ChainEnd {
  readonly height: number;
  /** Header hash of the last block. */
  readonly lastHash: Uint8Array;
}

/** Throws BlockRefusedError unless the block is the chain's next one and its data is what its header says. */
export function checkLinks(block: common.Block, end: ChainEnd): void {
  const header = block.getHeader();
  if (!header) throw new BlockRefusedError('block without a header');
  const number = header.getNumber();
  if (number !== end.height) {
    throw new BlockRefusedError(`expected block number ${end.height}, received ${number}`);
  }
  if (!same(header.getPreviousHash_asU8(), end.lastHash)) {
    throw new BlockRefusedError(
      `block ${number} names ${hex(header.getPreviousHash_asU8())} as its previous hash, but the last block has ${hex(end.lastHash)}`,
    );
  }
  if (!same(header.getDataHash_asU8(), blockDataHash(blockTransactions(block)))) {
    throw new BlockRefusedError(
      `Header.DataHash is different from Hash(block.Data) for block with id [${number}]`,
    );
  }
}

/** Rejects with BlockRefusedError unless the orderers' signatures satisfy the channel (peer/gossip: mcs.VerifyBlock). */
export async function checkOrdererSignature(block: common.Block, resources: ChannelResources): Promise<void> {
  const header = block.getHeader();
  if (!header) throw new BlockRefusedError('block without a header');
  const policy = resources.policies.getPolicy(blockValidationPolicy);
  if (!policy)
    throw new BlockRefusedError(`channel ${resources.channelId} has no policy ${blockValidationPolicy}`);
  try {
    await policy.evaluateSignedData(signaturesOf(block, blockHeaderBytes(header)));
  } catch (error) {
    throw new BlockRefusedError(
      `Failed verifying signatures of block [${header.getNumber()}] of channel [${resources.channelId}]: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function signaturesOf(block: common.Block, headerBytes: Uint8Array): SignedData[] {
  const bytes = block.getMetadata()?.getMetadataList_asU8()[metadataIndex.signatures];
  if (!bytes) return [];
  const metadata = decode(common.Metadata, bytes, 'Metadata');
  return metadata.getSignaturesList().map((one) => {
    const signatureHeader = one.getSignatureHeader_asU8();
    return {
      data: Buffer.concat([metadata.getValue_asU8(), signatureHeader, headerBytes]),
      identity: decode(common.SignatureHeader, signatureHeader, 'SignatureHeader').getCreator_asU8(),
      signature: one.getSignature_asU8(),
    };
  });
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
