import type { common } from '../protos/index.js';

/** Names of the groups that matter to a peer and a solo orderer. */
export const applicationGroup = 'Application';
export const ordererGroup = 'Orderer';

/** The sub-group of that name. */
export function subGroup(
  parent: common.ConfigGroup | undefined,
  name: string,
): common.ConfigGroup | undefined {
  return parent?.getGroupsMap().get(name);
}

/** The bytes of a value, undefined when the group has none of that name. */
export function groupValue(parent: common.ConfigGroup | undefined, name: string): Uint8Array | undefined {
  return parent?.getValuesMap().get(name)?.getValue_asU8();
}
