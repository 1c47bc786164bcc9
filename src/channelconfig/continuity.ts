import { LauncherError } from '../errors.js';
import { sortedEntries } from '../protos/entries.js';
import { common, decode, msp } from '../protos/index.js';
import { applicationGroup, groupValue, ordererGroup, subGroup } from './groups.js';
import type { ChannelResources } from './types.js';

/** Throws when the next configuration takes away what must stay (common/channelconfig/bundle.go: ValidateNew). */
export function requireContinuity(current: ChannelResources, next: ChannelResources): void {
  const present = current.config.getChannelGroup();
  const future = next.config.getChannelGroup();
  const presentOrderer = subGroup(present, ordererGroup);
  const futureOrderer = subGroup(future, ordererGroup);
  if (presentOrderer) {
    if (!futureOrderer) {
      throw new LauncherError('current config has orderer section, but new config does not');
    }
    // Only a solo channel can be served here, so there is nothing to migrate to.
    if (current.orderer.consensusType !== next.orderer.consensusType) {
      throw new LauncherError(
        `attempted to change consensus type from ${current.orderer.consensusType} to ${next.orderer.consensusType}`,
      );
    }
    requireSameMspIds('orderer', presentOrderer, futureOrderer);
  }
  requireSameMspIds('application', subGroup(present, applicationGroup), subGroup(future, applicationGroup));
}

function requireSameMspIds(
  kind: string,
  present: common.ConfigGroup | undefined,
  future: common.ConfigGroup | undefined,
): void {
  if (!present) return;
  for (const [name, organization] of sortedEntries(present.getGroupsMap())) {
    const successor = subGroup(future, name);
    if (!successor) continue;
    const [from, to] = [mspIdOf(organization), mspIdOf(successor)];
    if (from !== to) {
      throw new LauncherError(`${kind} org ${name} attempted to change MSP ID from ${from} to ${to}`);
    }
  }
}

function mspIdOf(organization: common.ConfigGroup): string {
  const bytes = groupValue(organization, 'MSP') ?? new Uint8Array();
  const outer = decode(msp.MSPConfig, bytes, 'MSPConfig');
  return decode(msp.FabricMSPConfig, outer.getConfig_asU8(), 'FabricMSPConfig').getName();
}
