import { blockTransactions, openEnvelope } from '../../channelconfig/blocks.js';
import { channelResourcesFromBlock } from '../../channelconfig/bundle.js';
import { LauncherError, messageOf } from '../../errors.js';
import { common, whyUndecodable } from '../../protos/index.js';

/** Reads the argument of JoinChain. Throws Fabric's texts of contract 8. */
export function genesisBlockOf(bytes: Uint8Array): { block: common.Block; channelId: string } {
  let block: common.Block;
  try {
    block = common.Block.deserializeBinary(bytes);
  } catch (error) {
    throw new LauncherError(
      `Failed to reconstruct the genesis block, error unmarshaling block: ${whyUndecodable(bytes)}`,
      { cause: error },
    );
  }
  const channelId = channelIdOf(block);
  try {
    channelResourcesFromBlock(block);
  } catch (error) {
    throw new LauncherError(
      `"JoinChain" for chainID = ${channelId} failed because of validation of configuration block, because of ${messageOf(error)}`,
      { cause: error },
    );
  }
  return { block, channelId };
}

function channelIdOf(block: common.Block): string {
  try {
    const first = blockTransactions(block)[0];
    if (!first) throw new LauncherError('failed to retrieve channel id - block is empty');
    return openEnvelope(first).channelHeader.getChannelId();
  } catch (error) {
    throw new LauncherError(
      `"JoinChain" request failed to extract channel id from the block due to [${messageOf(error)}]`,
      { cause: error },
    );
  }
}
