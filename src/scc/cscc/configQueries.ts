import { metadataIndex } from '../../channelconfig/blocks.js';
import { proposeConfigUpdate } from '../../channelconfig/configUpdate.js';
import type { ChannelResources } from '../../channelconfig/types.js';
import { LauncherError } from '../../errors.js';
import type { PeerLedger } from '../../ledger/types.js';
import { common, decode, peer, whyUndecodable } from '../../protos/index.js';

/** The block that holds the channel's present configuration. */
export function configBlock(ledger: PeerLedger | undefined, channelId: string): Uint8Array {
  if (!ledger) throw unknownChannel(channelId);
  const newest = ledger.getBlockByNumber(ledger.height - 1);
  return ledger.getBlockByNumber(lastConfigOf(newest)).serializeBinary();
}

/** The number of the configuration block that a block's metadata points to; a genesis block points nowhere. */
function lastConfigOf(block: common.Block): number {
  const bytes = block.getMetadata()?.getMetadataList_asU8()[metadataIndex.lastConfig];
  if (!bytes || bytes.length === 0) return 0;
  const value = decode(common.Metadata, bytes, 'Metadata').getValue_asU8();
  return decode(common.LastConfig, value, 'LastConfig').getIndex();
}

/** ConfigTree with the channel's present configuration. */
export function configTree(resources: ChannelResources | undefined, channelId: string): Uint8Array {
  if (!resources) throw unknownChannel(channelId);
  const tree = new peer.ConfigTree();
  tree.setChannelConfig(resources.config);
  return tree.serializeBinary();
}

/** Would this CONFIG_UPDATE be accepted? Fabric ends its peer when the second argument is missing. */
export async function simulateConfigUpdate(
  resources: ChannelResources | undefined,
  channelId: string,
  envelope: Uint8Array | undefined,
): Promise<string> {
  if (envelope === undefined) throw new LauncherError('Config delta bytes must not be nil');
  if (!resources) throw unknownChannel(channelId);
  try {
    common.Envelope.deserializeBinary(envelope);
  } catch (error) {
    throw new LauncherError(whyUndecodable(envelope), { cause: error });
  }
  await proposeConfigUpdate(resources, envelope);
  return 'Simulation is successful';
}

function unknownChannel(channelId: string): LauncherError {
  return new LauncherError(`Unknown chain ID, ${channelId}`);
}
