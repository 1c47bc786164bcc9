import { LauncherError } from '../errors.js';
import { common } from '../protos/index.js';

/** One group, value or policy of a configuration. */
export interface ConfigItem {
  readonly kind: 'Group' | 'Value' | 'Policy';
  readonly version: number;
  readonly modPolicy: string;
  /** A value's bytes, a policy's marshalled Policy; empty for a group. */
  readonly value: Uint8Array;
}

/** Items by `[Group] /Channel/Application`, `[Value] /Channel/Capabilities`, `[Policy] /Channel/Admins`. */
export type ConfigItems = ReadonlyMap<string, ConfigItem>;

/** Every item of a channel group by its path (common/configtx/configmap.go). */
export function flatten(root: common.ConfigGroup): Map<string, ConfigItem> {
  const items = new Map<string, ConfigItem>();
  addGroup(items, '/Channel', root);
  return items;
}

function addGroup(items: Map<string, ConfigItem>, path: string, group: common.ConfigGroup): void {
  items.set(`[Group] ${path}`, {
    kind: 'Group',
    version: group.getVersion(),
    modPolicy: group.getModPolicy(),
    value: new Uint8Array(),
  });
  for (const [name, value] of group.getValuesMap().entries() as Iterable<[string, common.ConfigValue]>) {
    items.set(`[Value] ${path}/${name}`, {
      kind: 'Value',
      version: value.getVersion(),
      modPolicy: value.getModPolicy(),
      value: value.getValue_asU8(),
    });
  }
  for (const [name, policy] of group.getPoliciesMap().entries() as Iterable<[string, common.ConfigPolicy]>) {
    items.set(`[Policy] ${path}/${name}`, {
      kind: 'Policy',
      version: policy.getVersion(),
      modPolicy: policy.getModPolicy(),
      value: policy.getPolicy()?.serializeBinary() ?? new Uint8Array(),
    });
  }
  for (const [name, child] of group.getGroupsMap().entries() as Iterable<[string, common.ConfigGroup]>) {
    addGroup(items, `${path}/${name}`, child);
  }
}

/** The channel group of these items. */
export function unflatten(items: ConfigItems): common.ConfigGroup {
  const groups = new Map<string, common.ConfigGroup>();
  const groupAt = (path: string): common.ConfigGroup => {
    const known = groups.get(path);
    if (known) return known;
    const item = items.get(`[Group] ${path}`);
    if (!item) throw new LauncherError(`configuration has no group ${path}`);
    const group = new common.ConfigGroup();
    group.setVersion(item.version);
    group.setModPolicy(item.modPolicy);
    groups.set(path, group);
    if (path !== '/Channel') groupAt(parentOf(path)).getGroupsMap().set(nameOf(path), group);
    return group;
  };
  for (const [key, item] of items) {
    const path = key.slice(key.indexOf('/'));
    if (item.kind === 'Group') {
      groupAt(path);
    } else if (item.kind === 'Value') {
      groupAt(parentOf(path)).getValuesMap().set(nameOf(path), valueOf(item));
    } else {
      groupAt(parentOf(path)).getPoliciesMap().set(nameOf(path), policyOf(item));
    }
  }
  return groupAt('/Channel');
}

function valueOf(item: ConfigItem): common.ConfigValue {
  const value = new common.ConfigValue();
  value.setVersion(item.version);
  value.setModPolicy(item.modPolicy);
  value.setValue(item.value);
  return value;
}

function policyOf(item: ConfigItem): common.ConfigPolicy {
  const policy = new common.ConfigPolicy();
  policy.setVersion(item.version);
  policy.setModPolicy(item.modPolicy);
  if (item.value.length > 0) policy.setPolicy(common.Policy.deserializeBinary(item.value));
  return policy;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
