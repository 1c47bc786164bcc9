import { describe, expect, it } from 'vitest';
import { nOutOf, policyEnvelope, rolePrincipal, signedBy } from '../policies/build.js';
import { common, orderer } from '../protos/index.js';
import { channelResourcesFromConfig } from './bundle.js';
import { proposeConfigUpdate, validateConfigEnvelope } from './configUpdate.js';
import type { ChannelResources } from './types.js';

const channelId = 'ch';

/** Anyone may change what has mod_policy Anyone; nobody what has Nobody. */
const anyone = policyEnvelope(nOutOf(0, []), []);
const nobody = policyEnvelope(signedBy(0), [rolePrincipal('A', 'admin')]);

function policyItem(envelope: common.SignaturePolicyEnvelope): common.ConfigPolicy {
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.SIGNATURE);
  policy.setValue(envelope.serializeBinary());
  const item = new common.ConfigPolicy();
  item.setPolicy(policy);
  item.setModPolicy('Anyone');
  return item;
}

function valueItem(bytes: Uint8Array, modPolicy = 'Anyone', version = 0): common.ConfigValue {
  const value = new common.ConfigValue();
  value.setValue(bytes);
  value.setModPolicy(modPolicy);
  value.setVersion(version);
  return value;
}

function capabilities(...names: string[]): Uint8Array {
  const made = new common.Capabilities();
  for (const name of names) made.getCapabilitiesMap().set(name, new common.Capability());
  return made.serializeBinary();
}

function consensus(type: string): Uint8Array {
  const made = new orderer.ConsensusType();
  made.setType(type);
  return made.serializeBinary();
}

function batchSize(count: number, preferred = 1_000): Uint8Array {
  const made = new orderer.BatchSize();
  made.setMaxMessageCount(count);
  made.setAbsoluteMaxBytes(2_000);
  made.setPreferredMaxBytes(preferred);
  return made.serializeBinary();
}

function newGroup(version = 0): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setModPolicy('Anyone');
  group.setVersion(version);
  return group;
}

/** Channel with Application (values Kept, Locked), Orderer and the two policies. */
function channelGroup(): common.ConfigGroup {
  const root = newGroup();
  const application = newGroup();
  for (const group of [root, application]) {
    group.getPoliciesMap().set('Anyone', policyItem(anyone));
    group.getPoliciesMap().set('Nobody', policyItem(nobody));
  }
  application.getValuesMap().set('Capabilities', valueItem(capabilities('V1_1', 'V1_4_2')));
  application.getValuesMap().set('Kept', valueItem(Buffer.from('old')));
  application.getValuesMap().set('Locked', valueItem(Buffer.from('old'), 'Nobody'));
  const ordering = newGroup();
  ordering.getPoliciesMap().set('Anyone', policyItem(anyone));
  ordering.getValuesMap().set('Capabilities', valueItem(capabilities('V1_4_2')));
  ordering.getValuesMap().set('ConsensusType', valueItem(consensus('solo')));
  ordering.getValuesMap().set('BatchSize', valueItem(batchSize(10)));
  root.getGroupsMap().set('Application', application);
  root.getGroupsMap().set('Orderer', ordering);
  return root;
}

function resourcesOf(root: common.ConfigGroup, sequence = 3): ChannelResources {
  const config = new common.Config();
  config.setSequence(sequence);
  config.setChannelGroup(root);
  return channelResourcesFromConfig(channelId, config);
}

/** The envelope of an update whose groups hold only what `read` and `write` put into Application. */
function updateEnvelope(
  write: (application: common.ConfigGroup, root: common.ConfigGroup) => void,
  read: (application: common.ConfigGroup, root: common.ConfigGroup) => void = () => undefined,
  type: 0 | 2 = common.HeaderType.CONFIG_UPDATE,
  channel = channelId,
): Uint8Array {
  const setOf = (fill: typeof write): common.ConfigGroup => {
    const root = newGroup();
    const application = newGroup();
    root.getGroupsMap().set('Application', application);
    fill(application, root);
    return root;
  };
  const update = new common.ConfigUpdate();
  update.setChannelId(channel);
  update.setReadSet(setOf(read));
  update.setWriteSet(setOf(write));
  const signed = new common.ConfigUpdateEnvelope();
  signed.setConfigUpdate(update.serializeBinary());
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(type);
  channelHeader.setChannelId(channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(signed.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}

const set =
  (name: string, version: number, modPolicy = 'Anyone') =>
  (application: common.ConfigGroup): void => {
    application.getValuesMap().set(name, valueItem(Buffer.from('new'), modPolicy, version));
  };

function valuesOf(envelope: common.ConfigEnvelope): Record<string, string> {
  const values = envelope.getConfig()!.getChannelGroup()!.getGroupsMap().get('Application')!.getValuesMap();
  const result: Record<string, string> = {};
  values.forEach((value, name) => (result[name] = Buffer.from(value.getValue_asU8()).toString()));
  return result;
}

describe('a configuration update', () => {
  it('changes one value and leaves the rest as it is', async () => {
    const current = resourcesOf(channelGroup());
    const proposed = await proposeConfigUpdate(current, updateEnvelope(set('Kept', 1)));
    expect(proposed.getConfig()!.getSequence()).toBe(4);
    expect(valuesOf(proposed)).toMatchObject({ Kept: 'new', Locked: 'old' });
    const next = await validateConfigEnvelope(current, proposed.serializeBinary());
    expect(next.sequence).toBe(4);
    expect(next.orderer.maxMessageCount).toBe(10);
    // The present configuration is not touched.
    expect(valuesOf(await proposeConfigUpdate(current, updateEnvelope(set('Kept', 1))))['Kept']).toBe('new');
  });

  it('adds and removes the members of a group whose version it raises', async () => {
    const current = resourcesOf(channelGroup());
    const proposed = await proposeConfigUpdate(
      current,
      updateEnvelope(
        (application) => {
          application.setVersion(1);
          set('Added', 0)(application);
          application.getValuesMap().set('Kept', valueItem(new Uint8Array()));
          for (const name of ['Anyone', 'Nobody']) {
            application.getPoliciesMap().set(name, policyItem(anyone));
          }
        },
        (application) => {
          application.getValuesMap().set('Kept', valueItem(new Uint8Array()));
          for (const name of ['Anyone', 'Nobody']) {
            application.getPoliciesMap().set(name, policyItem(anyone));
          }
        },
      ),
    );
    expect(valuesOf(proposed)).toEqual({ Added: 'new', Kept: 'old' });
    const next = await validateConfigEnvelope(current, proposed.serializeBinary());
    expect(next.application.capabilities.v11).toBe(false);
  });

  it('cannot add to a group whose version it leaves', async () => {
    const current = resourcesOf(channelGroup());
    const proposed = await proposeConfigUpdate(
      current,
      updateEnvelope((application) => {
        set('Added', 0)(application);
        set('Kept', 1)(application);
      }),
    );
    expect(valuesOf(proposed)).not.toHaveProperty('Added');
  });

  it.each([
    [
      'nothing to change',
      updateEnvelope(() => undefined),
      'error validating DeltaSet: delta set was empty -- update would have no effect',
    ],
    [
      'a version left out',
      updateEnvelope(set('Kept', 2)),
      'error validating DeltaSet: attempt to set key [Value]  /Channel/Application/Kept to version 2, but key is at version 0',
    ],
    [
      'a new key that is not new',
      updateEnvelope(set('Added', 1)),
      'attempted to set key [Value]  /Channel/Application/Added to version 1, but key does not exist',
    ],
    [
      'no permission',
      updateEnvelope(set('Locked', 1, 'Anyone')),
      'policy for [Value]  /Channel/Application/Locked not satisfied: signature set did not satisfy policy',
    ],
    [
      'no mod_policy',
      updateEnvelope(set('Kept', 1, '')),
      'invalid mod_policy for element [Value]  /Channel/Application/Kept: mod_policy not set',
    ],
    ['a mod_policy that is no path', updateEnvelope(set('Kept', 1, 'a b')), 'path element at 0 is invalid'],
    [
      'an old read set',
      updateEnvelope(set('Kept', 1), set('Locked', 7)),
      'error validating ReadSet: proposed update requires that key [Value]  /Channel/Application/Locked be at version 7, but it is currently at version 0',
    ],
    [
      'a read set of what is not there',
      updateEnvelope(set('Kept', 1), set('Ghost', 0)),
      'existing config does not contain element for [Value]  /Channel/Application/Ghost but was in the read set',
    ],
    [
      'a name that is no name',
      updateEnvelope(set('a/b', 0)),
      'error mapping WriteSet: Illegal characters in key: [Value]  ',
    ],
    [
      'another channel',
      updateEnvelope(set('Kept', 1), undefined, undefined, 'other'),
      "ConfigUpdate for channel 'other' but envelope for channel 'ch'",
    ],
  ])('is refused with %s', async (_what, envelope, reason) => {
    await expect(proposeConfigUpdate(resourcesOf(channelGroup()), envelope)).rejects.toThrow(reason);
  });

  it('must be one, and must lead to the configuration that comes with it', async () => {
    const current = resourcesOf(channelGroup());
    await expect(
      proposeConfigUpdate(current, updateEnvelope(set('Kept', 1), undefined, common.HeaderType.MESSAGE)),
    ).rejects.toThrow(
      'error converting envelope to config update: invalid type MESSAGE, expected CONFIG_UPDATE',
    );
    const proposed = await proposeConfigUpdate(current, updateEnvelope(set('Kept', 1)));
    proposed.getConfig()!.setSequence(5);
    await expect(validateConfigEnvelope(current, proposed.serializeBinary())).rejects.toThrow(
      'config currently at sequence 3, cannot validate config at sequence 5',
    );
    proposed.getConfig()!.setSequence(4);
    proposed.getConfig()!.getChannelGroup()!.setModPolicy('Nobody');
    await expect(validateConfigEnvelope(current, proposed.serializeBinary())).rejects.toThrow(
      'ConfigEnvelope LastUpdate did not produce the supplied config result',
    );
  });

  it('cannot change the consensus type, nor take the orderer away', async () => {
    const current = resourcesOf(channelGroup());
    const toRaft = updateEnvelope(
      (_application, root) => {
        const ordering = newGroup();
        ordering.getValuesMap().set('ConsensusType', valueItem(consensus('etcdraft'), 'Anyone', 1));
        root.getGroupsMap().set('Orderer', ordering);
      },
      (_application, root) => root.getGroupsMap().set('Orderer', newGroup()),
    );
    await expect(proposeConfigUpdate(current, toRaft)).rejects.toThrow(
      'attempted to change consensus type from solo to etcdraft',
    );
    const without = updateEnvelope(
      (_application, root) => {
        root.setVersion(1);
        for (const name of ['Anyone', 'Nobody']) root.getPoliciesMap().set(name, policyItem(anyone));
      },
      (_application, root) => {
        for (const name of ['Anyone', 'Nobody']) root.getPoliciesMap().set(name, policyItem(anyone));
      },
    );
    await expect(proposeConfigUpdate(current, without)).rejects.toThrow(
      'current config has orderer section, but new config does not',
    );
  });
});

describe('a configuration', () => {
  it.each([
    [
      'Application',
      'Capabilities',
      capabilities('V9'),
      'initializing channelconfig failed: Application capability V9 is required but not supported',
    ],
    [
      'Orderer',
      'BatchSize',
      batchSize(0),
      'Attempted to set the batch size max message count to an invalid value: 0',
    ],
    [
      'Orderer',
      'BatchSize',
      batchSize(1, 3_000),
      'Attempted to set the batch size preferred max bytes (3000) greater than the absolute max bytes (2000).',
    ],
  ])('with a wrong %s/%s is refused', (group, name, bytes, reason) => {
    const root = channelGroup();
    root.getGroupsMap().get(group)!.getValuesMap().set(name, valueItem(bytes));
    expect(() => resourcesOf(root)).toThrow(reason);
  });

  it('needs its parts', () => {
    expect(() => channelResourcesFromConfig(channelId, new common.Config())).toThrow('Nil channel group');
    expect(() => resourcesOf(newGroup())).toThrow(
      'Invalid configuration block, missing Application configuration group',
    );
    const root = channelGroup();
    root.getGroupsMap().get('Orderer')!.getValuesMap().del('Capabilities');
    expect(() => resourcesOf(root)).toThrow(
      'cannot enable application capabilities without orderer support first',
    );
    root.getGroupsMap().get('Application')!.getGroupsMap().set('Org', newGroup());
    root.getGroupsMap().get('Application')!.getValuesMap().del('Capabilities');
    expect(() => resourcesOf(root)).toThrow(
      'initializing channelconfig failed: setting up the MSP of organization Org failed: the organization has no MSP',
    );
  });
});
