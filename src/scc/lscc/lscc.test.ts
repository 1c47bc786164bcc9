import { beforeEach, describe, expect, it } from 'vitest';
import { deploymentSpec } from '../../../test/support/chaincodePeer.js';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { signedProposal } from '../../../test/support/signedProposal.js';
import { definition, namedIdentities, policy } from '../../../test/support/txBuilder.js';
import { LocalPolicies } from '../../acl/localPolicies.js';
import { ProposalSigners } from '../../acl/proposalSigners.js';
import type { ChannelResources } from '../../channelconfig/types.js';
import { LauncherError } from '../../errors.js';
import type { SystemChaincodeStub } from '../../launcher/inproc/types.js';
import { parseCCPackage } from '../../packages/ccPackage.js';
import { decodeChaincodeData } from '../../packages/chaincodeData.js';
import type { CCPackage, PackageStore } from '../../packages/types.js';
import { policyFromString } from '../../policies/dsl.js';
import { peer } from '../../protos/index.js';
import { Lscc } from './lscc.js';
import { LsccLifecycle } from './lifecycle.js';

/** An install store of maps that counts its reads. */
class MemoryPackages implements PackageStore {
  readonly packages = new Map<string, CCPackage>();
  reads = 0;

  async put(ccPackage: CCPackage): Promise<void> {
    this.packages.set(`${ccPackage.name}.${ccPackage.version}`, ccPackage);
  }

  async get(name: string, version: string): Promise<CCPackage> {
    this.reads++;
    const found = this.packages.get(`${name}.${version}`);
    if (!found) throw new LauncherError(`open /p/${name}.${version}: no such file or directory`);
    return found;
  }

  async list(): Promise<CCPackage[]> {
    return [...this.packages.values()];
  }

  pathOf(name: string, version: string): string {
    return `/p/${name}.${version}`;
  }
}

const spec = (name: string, version: string): Uint8Array => deploymentSpec(name, version).serializeBinary();

let packages: MemoryPackages;
let state: Map<string, Uint8Array>;
let events: string[];

beforeEach(async () => {
  packages = new MemoryPackages();
  state = new Map();
  events = [];
  for (const version of ['1.0', '2.0']) await packages.put(parseCCPackage(spec('mycc', version)));
});

function stub(args: readonly (string | Uint8Array)[], creator: string): SystemChaincodeStub {
  return {
    args: args.map((arg) => Buffer.from(arg)),
    txId: 'tx',
    channelId: 'ch',
    signedProposal: signedProposal({ creator, chaincode: 'lscc' }),
    getState: async (key) => state.get(key),
    putState: async (key, value) => {
      state.set(key, value);
    },
    getStateByRange: async () => [...state].map(([key, value]) => ({ key, value })),
    setEvent: (name) => {
      events.push(name);
    },
  };
}

async function call(
  args: readonly (string | Uint8Array)[],
  { creator = 'Org1MSP/admin', v12 = true } = {},
): Promise<{ status: number; message: string; payload: Uint8Array }> {
  const signers = new ProposalSigners();
  const resources = {
    deserializer: namedIdentities,
    application: { mspIds: ['Org1MSP', 'Org2MSP'], capabilities: { v12 }, acls: new Map() },
  } as unknown as ChannelResources;
  const lscc = new Lscc({
    packages,
    channels: { resources: (id) => (id === 'ch' ? resources : undefined) },
    acl: { checkAcl: async () => undefined },
    localPolicies: new LocalPolicies(Object.assign({ mspId: 'Org1MSP' }, namedIdentities), signers),
    signers,
    logger: silentLogger(),
  });
  const response = await lscc.invoke(stub(args, creator));
  return {
    status: response.getStatus(),
    message: response.getMessage(),
    payload: response.getPayload_asU8(),
  };
}

function collections(): Uint8Array {
  const set = new peer.CollectionConfigPackage();
  const config = new peer.CollectionConfig();
  const collection = new peer.StaticCollectionConfig();
  collection.setName('coll');
  const members = new peer.CollectionPolicyConfig();
  members.setSignaturePolicy(policyFromString("OR('Org1MSP.member')"));
  collection.setMemberOrgsPolicy(members);
  config.setStaticCollectionConfig(collection);
  set.addConfig(config);
  return set.serializeBinary();
}

describe('deploy', () => {
  it('writes the definition with the defaults, and nothing else', async () => {
    const { status, payload } = await call(['deploy', 'ch', spec('mycc', '1.0')]);
    expect(status).toBe(200);
    expect([...state.keys()]).toEqual(['mycc']);
    expect(Buffer.from(payload)).toEqual(Buffer.from(state.get('mycc')!));
    const written = decodeChaincodeData(payload);
    expect(written).toMatchObject({ name: 'mycc', version: '1.0', escc: 'escc', vscc: 'vscc' });
    expect(Buffer.from(written.policy)).toEqual(Buffer.from(policy("OR('Org1MSP.member','Org2MSP.member')")));
    expect(Buffer.from(written.instantiationPolicy)).toEqual(
      Buffer.from(policy("OR('Org1MSP.admin','Org2MSP.admin')")),
    );
    expect(events).toEqual([]);
  });

  it('answers an error to an empty deployment spec and to a channel that was not joined', async () => {
    expect((await call(['deploy', 'ch', ''])).message).toMatch(/^invalid chaincode name ''/);
    expect((await call(['deploy', 'other', spec('mycc', '1.0')])).message).toBe(
      "non-existent application config for channel 'other'",
    );
  });

  it('takes collections only where the channel has the capability', async () => {
    const args = ['deploy', 'ch', spec('mycc', '1.0'), '', '', '', collections()];
    expect((await call(args, { v12: false })).message).toBe(
      'as V1_2 or later capability is not enabled, private channel collections and data are not available',
    );
    expect((await call(args)).status).toBe(200);
    expect([...state.keys()]).toEqual(['mycc', 'mycc~collection']);
  });

  it('is refused to who does not satisfy the instantiation policy', async () => {
    const { message } = await call(['deploy', 'ch', spec('mycc', '1.0')], { creator: 'Org1MSP/alice' });
    expect(message).toBe('instantiation policy violation: signature set did not satisfy policy');
    expect(state.size).toBe(0);
  });
});

describe('upgrade', () => {
  it('replaces the definition and tells it by an event', async () => {
    state.set('mycc', definition('mycc', { version: '1.0' }));
    expect((await call(['upgrade', 'ch', spec('mycc', '2.0')])).status).toBe(200);
    expect(decodeChaincodeData(state.get('mycc')!).version).toBe('2.0');
    expect(events).toEqual(['upgrade']);
  });

  it('asks the policy on the ledger before the one of the package', async () => {
    state.set('mycc', definition('mycc', { version: '1.0', instantiation: "OR('Org2MSP.admin')" }));
    const { message } = await call(['upgrade', 'ch', spec('mycc', '2.0')]);
    expect(message).toBe('instantiation policy violation: signature set did not satisfy policy');
  });

  it('refuses a definition without an instantiation policy', async () => {
    state.set('mycc', definition('mycc', { version: '1.0', instantiation: '' }));
    expect((await call(['upgrade', 'ch', spec('mycc', '2.0')])).message).toBe('instantiation policy missing');
  });
});

describe('install', () => {
  it('is for admins of this peer', async () => {
    expect((await call(['install', spec('new', '1')], { creator: 'Org1MSP/alice' })).message).toMatch(
      /^access denied for \[install\]: Failed verifying/,
    );
  });

  it('answers an error to an empty package', async () => {
    expect((await call(['install', ''])).message).toBe(
      'could not unmarshal chaincode package to CDS or SignedCDS',
    );
  });
});

describe('LsccLifecycle', () => {
  const executor = { getState: (_: string, key: string) => state.get(key) } as never;

  it('says what is missing or broken', async () => {
    const lifecycle = new LsccLifecycle(packages);
    expect(() => lifecycle.chaincodeDefinition('nosuch', executor)).toThrow('chaincode nosuch not found');
    state.set('bad', Buffer.from([0x0a, 0x7f]));
    expect(() => lifecycle.chaincodeDefinition('bad', executor)).toThrow(
      /^chaincode bad has bad definition: /,
    );
    state.set('gone', definition('gone'));
    await expect(lifecycle.chaincodeContainerInfo('gone', executor)).rejects.toThrow(
      'could not get chaincode code: invalid deployment spec: open /p/gone.1.0: no such file or directory',
    );
    state.set('mycc', definition('mycc'));
    await expect(lifecycle.chaincodeContainerInfo('mycc', executor)).rejects.toThrow(
      'could not get chaincode code: chaincode fingerprint mismatch: data mismatch',
    );
  });

  it('gives what is to run when the package is the one that was instantiated', async () => {
    await call(['deploy', 'ch', spec('mycc', '1.0')]);
    await expect(new LsccLifecycle(packages).chaincodeContainerInfo('mycc', executor)).resolves.toEqual({
      name: 'mycc',
      version: '1.0',
      path: 'src',
      type: 'NODE',
      containerType: 'DOCKER',
    });
  });

  it('reads a package once for its instantiation policy', async () => {
    state.set('mycc', definition('mycc'));
    const lifecycle = new LsccLifecycle(packages);
    const found = lifecycle.chaincodeDefinition('mycc', executor);
    await lifecycle.checkInstantiationPolicy(found);
    await lifecycle.checkInstantiationPolicy(found);
    expect(packages.reads).toBe(1);
    await expect(lifecycle.checkInstantiationPolicy({ ...found, name: 'nosuch' })).rejects.toThrow(
      'cannot retrieve package for chaincode nosuch/1.0, error open /p/nosuch.1.0: no such file or directory',
    );
  });
});
