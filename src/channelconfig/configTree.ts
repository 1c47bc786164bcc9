import { LauncherError } from '../errors.js';
import { sortedEntries } from '../protos/entries.js';
import { common } from '../protos/index.js';

interface ItemBase {
  readonly version: number;
  readonly modPolicy: string;
  /** Path of the group whose policies a relative mod_policy names: the item's own group, or itself for a group. */
  readonly groupPath: string;
}

/** One group, value or policy of a configuration. */
export type ConfigItem =
  | (ItemBase & { readonly kind: 'group'; readonly message: common.ConfigGroup })
  | (ItemBase & { readonly kind: 'value'; readonly message: common.ConfigValue })
  | (ItemBase & { readonly kind: 'policy'; readonly message: common.ConfigPolicy });

/** Items by their kind and path, as Fabric's texts write them: `[Group]  /Channel/Application`. */
export type ConfigItems = ReadonlyMap<string, ConfigItem>;

export const rootPath = '/Channel';
const longestName = 249;

export const groupKey = (path: string): string => `[Group]  ${path}`;
const valueKey = (path: string): string => `[Value]  ${path}`;
const policyKey = (path: string): string => `[Policy] ${path}`;

/** Every item of a channel group by its path (common/configtx/configmap.go: mapConfig); none for an absent group. */
export function configItems(root: common.ConfigGroup | undefined): ConfigItems {
  const items = new Map<string, ConfigItem>();
  if (root) addGroup(items, rootPath, root);
  return items;
}

function addGroup(items: Map<string, ConfigItem>, path: string, group: common.ConfigGroup): void {
  items.set(groupKey(path), { kind: 'group', ...baseOf(group, path), message: group });
  for (const [name, child] of sortedEntries(group.getGroupsMap())) {
    addGroup(items, join(path, name, '[Group]  '), child);
  }
  for (const [name, message] of sortedEntries(group.getValuesMap())) {
    const key = valueKey(join(path, name, '[Value]  '));
    items.set(key, { kind: 'value', ...baseOf(message, path), message });
  }
  for (const [name, message] of sortedEntries(group.getPoliciesMap())) {
    const key = policyKey(join(path, name, '[Policy] '));
    items.set(key, { kind: 'policy', ...baseOf(message, path), message });
  }
}

function baseOf(message: { getVersion(): number; getModPolicy(): string }, groupPath: string): ItemBase {
  return { version: message.getVersion(), modPolicy: message.getModPolicy(), groupPath };
}

function join(path: string, name: string, prefix: string): string {
  requireConfigId(name, `Illegal characters in key: ${prefix}`);
  return `${path}/${name}`;
}

/** Throws unless the name may stand in a path of a configuration (common/configtx: validateConfigID). */
export function requireConfigId(name: string, text: string): void {
  if (name.length > longestName || name === '.' || name === '..' || !/^[a-zA-Z0-9.-]+$/.test(name)) {
    throw new LauncherError(text);
  }
}

/**
 * The channel group that these items make (configMapToConfig): each group has the members that its own item names,
 * so what a changed group does not name is gone. New messages; those of the items stay as they are.
 */
export function channelGroupOf(items: ConfigItems, path = rootPath): common.ConfigGroup {
  const from = itemAt(items, groupKey(path), 'group').message;
  const group = new common.ConfigGroup();
  group.setVersion(from.getVersion());
  group.setModPolicy(from.getModPolicy());
  for (const [name] of sortedEntries(from.getGroupsMap())) {
    group.getGroupsMap().set(name, channelGroupOf(items, `${path}/${name}`));
  }
  for (const [name] of sortedEntries(from.getValuesMap())) {
    group.getValuesMap().set(name, itemAt(items, valueKey(`${path}/${name}`), 'value').message.clone());
  }
  for (const [name] of sortedEntries(from.getPoliciesMap())) {
    group.getPoliciesMap().set(name, itemAt(items, policyKey(`${path}/${name}`), 'policy').message.clone());
  }
  return group;
}

function itemAt<K extends ConfigItem['kind']>(
  items: ConfigItems,
  key: string,
  kind: K,
): Extract<ConfigItem, { kind: K }> {
  const item = items.get(key);
  if (item?.kind !== kind) throw new LauncherError(`missing ${kind} at path: ${key}`);
  return item as Extract<ConfigItem, { kind: K }>;
}

/** True when both trees hold the same items with the same contents, in whatever order they are encoded. */
export function sameTree(a: common.ConfigGroup, b: common.ConfigGroup): boolean {
  const left = configItems(a);
  const right = configItems(b);
  return left.size === right.size && [...left].every(([key, item]) => sameItem(item, right.get(key)));
}

function sameItem(a: ConfigItem, b: ConfigItem | undefined): boolean {
  return (
    b?.version === a.version &&
    b.modPolicy === a.modPolicy &&
    Buffer.compare(contentOf(a), contentOf(b)) === 0
  );
}

/** Values are compared as they were received; a policy message has no maps, so its encoding is one. */
function contentOf(item: ConfigItem): Uint8Array {
  switch (item.kind) {
    case 'group':
      return new Uint8Array();
    case 'value':
      return item.message.getValue_asU8();
    case 'policy':
      return item.message.getPolicy()?.serializeBinary() ?? new Uint8Array();
  }
}
