import { LauncherError } from '../errors.js';
import type { MspVersion } from '../msp/settings.js';
import { sortedEntries } from '../protos/entries.js';
import { common, decode } from '../protos/index.js';
import { groupValue } from './groups.js';
import type { ApplicationCapabilities } from './types.js';

/** Oldest first; a level includes those before it. */
const applicationLevels = ['V1_1', 'V1_2', 'V1_3', 'V1_4_2', 'V2_0', 'V2_5'];
const channelLevels = ['V1_1', 'V1_3', 'V1_4_2', 'V1_4_3', 'V2_0', 'V3_0'];
/** Known names that switch nothing on here. */
const ignored = new Set([
  'V1_1_PVTDATA_EXPERIMENTAL',
  'V1_1_RESOURCETREE_EXPERIMENTAL',
  'V1_4_FABTOKEN_EXPERIMENTAL',
]);

/** Throws `Application capability ‹c› is required but not supported`. */
export function applicationCapabilities(application: common.ConfigGroup): ApplicationCapabilities {
  const level = levelOf(application, 'Application', applicationLevels);
  return { v11: level >= 0, v12: level >= 1, v13: level >= 2, v142: level >= 3, v20: level >= 4 };
}

/** The rules that the channel's MSPs follow (common/capabilities/channel.go: MSPVersion). */
export function mspVersion(root: common.ConfigGroup): MspVersion {
  const level = levelOf(root, 'Channel', channelLevels);
  if (level >= channelLevels.indexOf('V1_4_3')) return 'v1.4.3';
  if (level >= channelLevels.indexOf('V1_3')) return 'v1.3';
  return level >= 0 ? 'v1.1' : 'v1.0';
}

function levelOf(group: common.ConfigGroup, kind: string, levels: readonly string[]): number {
  const names = capabilityNames(group).filter((name) => !ignored.has(name));
  const unknown = names.find((name) => !levels.includes(name));
  if (unknown !== undefined) {
    throw new LauncherError(`${kind} capability ${unknown} is required but not supported`);
  }
  return Math.max(-1, ...names.map((name) => levels.indexOf(name)));
}

function capabilityNames(group: common.ConfigGroup): string[] {
  const bytes = groupValue(group, 'Capabilities');
  if (!bytes) return [];
  const map = decode(common.Capabilities, bytes, 'Capabilities').getCapabilitiesMap();
  return sortedEntries(map).map(([name]) => name);
}
