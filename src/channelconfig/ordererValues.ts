import { LauncherError } from '../errors.js';
import { sortedEntries } from '../protos/entries.js';
import { common, decode, orderer } from '../protos/index.js';
import { parseDuration } from './duration.js';
import { groupValue } from './groups.js';
import type { OrdererSettings } from './types.js';

/** The values of the Orderer group, checked (common/channelconfig/orderer.go); zeros where the channel has no such group. */
export function ordererSettings(group: common.ConfigGroup | undefined): OrdererSettings {
  const size = decode(orderer.BatchSize, groupValue(group, 'BatchSize') ?? empty, 'BatchSize');
  const settings = {
    consensusType: decode(
      orderer.ConsensusType,
      groupValue(group, 'ConsensusType') ?? empty,
      'ConsensusType',
    ).getType(),
    maxMessageCount: size.getMaxMessageCount(),
    absoluteMaxBytes: size.getAbsoluteMaxBytes(),
    preferredMaxBytes: size.getPreferredMaxBytes(),
    batchTimeoutMs: batchTimeout(groupValue(group, 'BatchTimeout')),
  };
  if (group) validateBatchSize(settings);
  return settings;
}

const empty = new Uint8Array();

function batchTimeout(bytes: Uint8Array | undefined): number {
  if (!bytes) return 0;
  const text = decode(orderer.BatchTimeout, bytes, 'BatchTimeout').getTimeout();
  let milliseconds: number;
  try {
    milliseconds = parseDuration(text);
  } catch (error) {
    throw new LauncherError(`Attempted to set the batch timeout to a invalid value: ${text}`, {
      cause: error,
    });
  }
  if (milliseconds <= 0) {
    throw new LauncherError(`Attempted to set the batch timeout to a non-positive value: ${text}`);
  }
  return milliseconds;
}

function validateBatchSize(settings: OrdererSettings): void {
  const { maxMessageCount, absoluteMaxBytes, preferredMaxBytes } = settings;
  const counts: [string, number][] = [
    ['max message count', maxMessageCount],
    ['absolute max bytes', absoluteMaxBytes],
    ['preferred max bytes', preferredMaxBytes],
  ];
  for (const [name, count] of counts) {
    if (count === 0)
      throw new LauncherError(`Attempted to set the batch size ${name} to an invalid value: 0`);
  }
  if (preferredMaxBytes > absoluteMaxBytes) {
    throw new LauncherError(
      `Attempted to set the batch size preferred max bytes (${preferredMaxBytes}) greater than the absolute max bytes (${absoluteMaxBytes}).`,
    );
  }
}

/** The channel's orderers, else the endpoints of its orderer organisations. */
export function ordererAddresses(root: common.ConfigGroup, group: common.ConfigGroup | undefined): string[] {
  const global = addressesIn(groupValue(root, 'OrdererAddresses'));
  if (global.length > 0 || !group) return global;
  return sortedEntries(group.getGroupsMap()).flatMap(([, organization]) =>
    addressesIn(groupValue(organization, 'Endpoints')),
  );
}

function addressesIn(bytes: Uint8Array | undefined): string[] {
  return bytes ? decode(common.OrdererAddresses, bytes, 'OrdererAddresses').getAddressesList() : [];
}
