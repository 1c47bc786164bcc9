import { LauncherError, wrap } from '../errors.js';
import type { SignedData } from '../msp/types.js';
import { common, decode } from '../protos/index.js';
import { headerTypeName, openEnvelope } from './blocks.js';
import { channelResourcesFromConfig } from './bundle.js';
import {
  channelGroupOf,
  configItems,
  requireConfigId,
  sameTree,
  type ConfigItem,
  type ConfigItems,
} from './configTree.js';
import { requireContinuity } from './continuity.js';
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
  const { envelope, update } = openConfigUpdate(envelopeBytes);
  const config = new common.Config();
  config.setSequence(resources.sequence + 1);
  try {
    config.setChannelGroup(await authorizeUpdate(resources, update));
  } catch (error) {
    throw wrap('error authorizing update', error);
  }
  // A configuration that no peer can use must not be ordered.
  requireContinuity(resources, channelResourcesFromConfig(resources.channelId, config));
  const result = new common.ConfigEnvelope();
  result.setConfig(config);
  result.setLastUpdate(envelope);
  return result;
}

/**
 * Checks the ConfigEnvelope of a CONFIG transaction against the present configuration and gives the next resources
 * (common/configtx: Validate; common/channelconfig: ValidateNew).
 */
export async function validateConfigEnvelope(
  resources: ChannelResources,
  configEnvelope: Uint8Array,
): Promise<ChannelResources> {
  const next = decode(common.ConfigEnvelope, configEnvelope, 'ConfigEnvelope');
  const config = next.getConfig();
  if (!config) throw new LauncherError('config envelope has nil config');
  if (config.getSequence() !== resources.sequence + 1) {
    throw new LauncherError(
      `config currently at sequence ${resources.sequence}, cannot validate config at sequence ${config.getSequence()}`,
    );
  }
  const { update } = openConfigUpdate(next.getLastUpdate()?.serializeBinary() ?? new Uint8Array());
  const expected = await authorizeUpdate(resources, update);
  const channelGroup = config.getChannelGroup();
  if (!channelGroup || !sameTree(expected, channelGroup)) {
    throw new LauncherError('ConfigEnvelope LastUpdate did not produce the supplied config result');
  }
  const successor = channelResourcesFromConfig(resources.channelId, config);
  requireContinuity(resources, successor);
  return successor;
}

/** Signatures are over bytes inside the envelope, so the envelope itself may be decoded and encoded again. */
function openConfigUpdate(envelopeBytes: Uint8Array): {
  envelope: common.Envelope;
  update: common.ConfigUpdateEnvelope;
} {
  try {
    const { envelope, payload, channelHeader } = openEnvelope(envelopeBytes);
    if (channelHeader.getType() !== common.HeaderType.CONFIG_UPDATE) {
      throw new LauncherError(
        `invalid type ${headerTypeName(channelHeader.getType())}, expected CONFIG_UPDATE`,
      );
    }
    return {
      envelope,
      update: decode(common.ConfigUpdateEnvelope, payload.getData_asU8(), 'ConfigUpdateEnvelope'),
    };
  } catch (error) {
    throw wrap('error converting envelope to config update', error);
  }
}

/** The channel group after the update, if the signatures allow every change (common/configtx/update.go). */
async function authorizeUpdate(
  resources: ChannelResources,
  signedUpdate: common.ConfigUpdateEnvelope,
): Promise<common.ConfigGroup> {
  const update = decode(common.ConfigUpdate, signedUpdate.getConfigUpdate_asU8(), 'ConfigUpdate');
  if (update.getChannelId() !== resources.channelId) {
    throw new LauncherError(
      `ConfigUpdate for channel '${update.getChannelId()}' but envelope for channel '${resources.channelId}'`,
    );
  }
  const current = configItems(resources.config.getChannelGroup());
  const readSet = within('error mapping ReadSet', () => configItems(update.getReadSet()));
  within('error validating ReadSet', () => verifyReadSet(current, readSet));
  const writeSet = within('error mapping WriteSet', () => configItems(update.getWriteSet()));
  const delta = deltaOf(readSet, writeSet);
  try {
    await verifyDelta(resources, current, delta, signaturesOf(signedUpdate));
  } catch (error) {
    throw wrap('error validating DeltaSet', error);
  }
  const proposed = new Map([...current, ...delta]);
  const lost = [...writeSet.keys()].find((key) => !proposed.has(key));
  if (lost !== undefined) {
    throw new LauncherError(
      `full config did not verify: writeset contained key ${lost} which did not appear in proposed config`,
    );
  }
  return channelGroupOf(proposed);
}

function within<T>(prefix: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw wrap(prefix, error);
  }
}

function verifyReadSet(current: ConfigItems, readSet: ConfigItems): void {
  for (const [key, { version }] of readSet) {
    const existing = current.get(key);
    if (!existing) {
      throw new LauncherError(`existing config does not contain element for ${key} but was in the read set`);
    }
    if (existing.version !== version) {
      throw new LauncherError(
        `proposed update requires that key ${key} be at version ${version}, but it is currently at version ${existing.version}`,
      );
    }
  }
}

/** Items of the write set that are not in the read set at the same version. */
function deltaOf(readSet: ConfigItems, writeSet: ConfigItems): ConfigItems {
  return new Map([...writeSet].filter(([key, item]) => readSet.get(key)?.version !== item.version));
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
  if (delta.size === 0) throw new LauncherError('delta set was empty -- update would have no effect');
  /** Many items have one policy: each is evaluated once. */
  const satisfied = new Set<string>();
  for (const [key, item] of delta) {
    within(`invalid mod_policy for element ${key}`, () => validateModPolicy(item.modPolicy));
    const existing = current.get(key);
    if (!existing) {
      if (item.version === 0) continue;
      throw new LauncherError(
        `attempted to set key ${key} to version ${item.version}, but key does not exist`,
      );
    }
    if (item.version !== existing.version + 1) {
      throw new LauncherError(
        `attempt to set key ${key} to version ${item.version}, but key is at version ${existing.version}`,
      );
    }
    const path = modPolicyPath(existing);
    if (satisfied.has(path)) continue;
    await requireModPolicy(resources, existing, key, signatures);
    satisfied.add(path);
  }
}

async function requireModPolicy(
  resources: ChannelResources,
  existing: ConfigItem,
  key: string,
  signatures: readonly SignedData[],
): Promise<void> {
  const policy = resources.policies.getPolicy(modPolicyPath(existing));
  if (!policy) throw new LauncherError(`unexpected missing policy ${existing.modPolicy} for item ${key}`);
  try {
    await policy.evaluateSignedData(signatures);
  } catch (error) {
    throw wrap(`policy for ${key} not satisfied`, error);
  }
}

function validateModPolicy(modPolicy: string): void {
  if (modPolicy === '') throw new LauncherError('mod_policy not set');
  for (const [index, element] of modPolicy.replace(/^\//, '').split('/').entries()) {
    requireConfigId(element, `path element at ${index} is invalid`);
  }
}

function modPolicyPath(item: ConfigItem): string {
  return item.modPolicy.startsWith('/') ? item.modPolicy : `${item.groupPath}/${item.modPolicy}`;
}
