import { LauncherError, wrap } from '../errors.js';
import type { SignedData } from '../msp/types.js';
import { common, decode } from '../protos/index.js';
import { openEnvelope } from './blocks.js';
import { channelResourcesFromConfig } from './bundle.js';
import { flatten, unflatten, type ConfigItem, type ConfigItems } from './configTree.js';
import type { ChannelResources } from './types.js';

/**
 * Answers a CONFIG_UPDATE with the configuration that would follow (common/configtx: ProposeConfigUpdate).
 * @param envelopeBytes Envelope of type CONFIG_UPDATE as a client broadcasts it
 * @returns the ConfigEnvelope, with `last_update` holding the given envelope
 */
export async function proposeConfigUpdate(
  resources: ChannelResources,
  envelopeBytes: Uint8Array,
): Promise<common.ConfigEnvelope> {
  const { envelope, payload, channelHeader } = openEnvelope(envelopeBytes);
  if (channelHeader.getType() !== common.HeaderType.CONFIG_UPDATE) {
    throw new LauncherError('invalid header type, expected CONFIG_UPDATE');
  }
  const channelGroup = await applyUpdate(resources, payload.getData_asU8());
  const config = new common.Config();
  config.setSequence(resources.sequence + 1);
  config.setChannelGroup(channelGroup);
  // A configuration that cannot be read must not be ordered.
  channelResourcesFromConfig(resources.channelId, config);
  const result = new common.ConfigEnvelope();
  result.setConfig(config);
  result.setLastUpdate(envelope);
  return result;
}

/**
 * Checks a CONFIG transaction of a block against the present configuration and gives the next resources
 * (common/configtx: Validate).
 */
export async function validateConfigEnvelope(
  resources: ChannelResources,
  configEnvelope: Uint8Array,
): Promise<ChannelResources> {
  const next = decode(common.ConfigEnvelope, configEnvelope, 'ConfigEnvelope');
  const config = next.getConfig();
  const update = next.getLastUpdate();
  if (!config) throw new LauncherError('config attempted to be nil');
  if (config.getSequence() !== resources.sequence + 1) {
    throw new LauncherError(
      `config currently at sequence ${resources.sequence}, cannot validate config at sequence ${config.getSequence()}`,
    );
  }
  if (!update) throw new LauncherError('config envelope without the update that led to it');
  const payload = decode(common.Payload, update.getPayload_asU8(), 'Payload');
  const expected = await applyUpdate(resources, payload.getData_asU8());
  const channelGroup = config.getChannelGroup();
  if (!channelGroup || !sameItems(flatten(expected), flatten(channelGroup))) {
    throw new LauncherError('config does not match the result of its update');
  }
  return channelResourcesFromConfig(resources.channelId, config);
}

/** The channel group after the update, if its signatures allow every change. */
async function applyUpdate(
  resources: ChannelResources,
  updateEnvelope: Uint8Array,
): Promise<common.ConfigGroup> {
  const signedUpdate = decode(common.ConfigUpdateEnvelope, updateEnvelope, 'ConfigUpdateEnvelope');
  const update = decode(common.ConfigUpdate, signedUpdate.getConfigUpdate_asU8(), 'ConfigUpdate');
  if (update.getChannelId() !== resources.channelId) {
    throw new LauncherError(
      `ConfigUpdate for channel '${update.getChannelId()}' but envelope for channel '${resources.channelId}'`,
    );
  }
  const current = flatten(required(resources.config.getChannelGroup()));
  const readSet = flatten(required(update.getReadSet()));
  const writeSet = flatten(required(update.getWriteSet()));
  verifyReadSet(current, readSet);
  const delta = deltaOf(readSet, writeSet);
  if (delta.size === 0) throw new LauncherError('delta set was empty -- update would have no effect');
  await verifyDelta(resources, current, delta, signaturesOf(signedUpdate));
  const items = new Map(writeSet);
  for (const [path, item] of delta) items.set(path, item);
  return unflatten(merge(current, items, delta));
}

function required(group: common.ConfigGroup | undefined): common.ConfigGroup {
  if (!group) throw new LauncherError('config update without a read set or a write set');
  return group;
}

function verifyReadSet(current: ConfigItems, readSet: ConfigItems): void {
  for (const [path, item] of readSet) {
    const existing = current.get(path);
    if (!existing)
      throw new LauncherError(`existing config does not contain element for ${path} but was in the read set`);
    if (existing.version !== item.version) {
      throw new LauncherError(
        `proposed update requires that key ${path} be at version ${item.version}, but it is currently at version ${existing.version}`,
      );
    }
  }
}

/** Items of the write set that are not in the read set at the same version. */
function deltaOf(readSet: ConfigItems, writeSet: ConfigItems): ConfigItems {
  return new Map([...writeSet].filter(([path, item]) => readSet.get(path)?.version !== item.version));
}

function signaturesOf(update: common.ConfigUpdateEnvelope): SignedData[] {
  return update.getSignaturesList().map((one) => {
    const header = decode(common.SignatureHeader, one.getSignatureHeader_asU8(), 'SignatureHeader');
    return {
      data: Buffer.concat([one.getSignatureHeader_asU8(), update.getConfigUpdate_asU8()]),
      identity: header.getCreator_asU8(),
      signature: one.getSignature_asU8(),
    };
  });
}

async function verifyDelta(
  resources: ChannelResources,
  current: ConfigItems,
  delta: ConfigItems,
  signatures: readonly SignedData[],
): Promise<void> {
  for (const [path, item] of delta) {
    const existing = current.get(path);
    if (!existing) {
      if (item.version !== 0) {
        throw new LauncherError(
          `attempted to set key ${path} to version ${item.version}, but key does not exist`,
        );
      }
      continue;
    }
    if (item.version !== existing.version + 1) {
      throw new LauncherError(
        `attempt to set key ${path} to version ${item.version}, but key is at version ${existing.version}`,
      );
    }
    const policyPath = modPolicyPath(path, existing);
    const policy = resources.policies.getPolicy(policyPath);
    if (!policy) throw new LauncherError(`unexpected missing policy ${policyPath} for item ${path}`);
    try {
      await policy.evaluateSignedData(signatures);
    } catch (error) {
      throw wrap(`error validating DeltaSet: policy for ${path} not satisfied`, error);
    }
  }
}

function modPolicyPath(path: string, item: ConfigItem): string {
  if (item.modPolicy === '') throw new LauncherError(`mod_policy not set for ${path}`);
  if (item.modPolicy.startsWith('/')) return item.modPolicy;
  const groupPath = item.kind === 'Group' ? path : path.slice(0, path.lastIndexOf('/'));
  return `/${groupPath.replace(/^\[[A-Za-z]+\]\s*\//, '')}/${item.modPolicy}`;
}

/** The present items, replaced or removed as the written groups say. */
function merge(current: ConfigItems, written: ConfigItems, delta: ConfigItems): ConfigItems {
  const merged = new Map<string, ConfigItem>();
  for (const [path, item] of current) {
    if (!removedBy(path, delta, written)) merged.set(path, item);
  }
  for (const [path, item] of delta) merged.set(path, item);
  for (const [path, item] of written) {
    if (!merged.has(path)) merged.set(path, current.get(path) ?? item);
  }
  return merged;
}

/** A group whose version changes states its members completely: what it does not name is gone. */
function removedBy(path: string, delta: ConfigItems, written: ConfigItems): boolean {
  if (written.has(path)) return false;
  for (let parent = parentGroup(path); parent !== undefined; parent = parentGroup(parent)) {
    if (delta.has(parent)) return true;
    if (written.has(parent)) return false;
  }
  return false;
}

function parentGroup(path: string): string | undefined {
  const bare = path.replace(/^\[[A-Za-z]+\]\s*\//, '');
  const cut = bare.lastIndexOf('/');
  return cut < 0 ? undefined : `[Group] /${bare.slice(0, cut)}`;
}

function sameItems(a: ConfigItems, b: ConfigItems): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([path, item]) => {
    const other = b.get(path);
    return (
      other !== undefined &&
      other.version === item.version &&
      other.modPolicy === item.modPolicy &&
      Buffer.compare(item.value, other.value) === 0
    );
  });
}
