import { beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationCapabilities } from '../channelconfig/types.js';
import { policyFromString } from '../policies/dsl.js';
import { peer } from '../protos/index.js';
import { silentLogger } from '../../test/support/silentLogger.js';
import {
  blockOf,
  definition,
  MapLedger,
  transaction,
  validationContext,
  type TestTransaction,
  type TestWrites,
} from '../../test/support/txBuilder.js';
import { BlockValidator } from './txValidator.js';
import type { BlockVerdict } from './types.js';

const code = peer.TxValidationCode;
const beforeV12 = { v12: false, v13: false, v142: false };
let ledger: MapLedger;

beforeEach(() => {
  ledger = new MapLedger();
});

async function validate(
  transactions: readonly TestTransaction[],
  capabilities?: Partial<ApplicationCapabilities>,
): Promise<BlockVerdict> {
  const validator = new BlockValidator({ logger: silentLogger() });
  const block = blockOf(7, transactions.map(transaction));
  return validator.validate(block, validationContext(ledger, capabilities));
}

async function reasonOf(
  options: TestTransaction,
  capabilities?: Partial<ApplicationCapabilities>,
): Promise<string | undefined> {
  const { codes, reasons } = await validate([options], capabilities);
  expect(codes[0]).toBe(reasons[0] === undefined ? code.VALID : code.ENDORSEMENT_POLICY_FAILURE);
  return reasons[0];
}

/** Marshalled ChaincodeDeploymentSpec without a code package. */
function spec(name: string, version: string, type = 1, codePackage?: Uint8Array): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(name);
  id.setVersion(version);
  const chaincodeSpec = new peer.ChaincodeSpec();
  chaincodeSpec.setType(type as 1);
  chaincodeSpec.setChaincodeId(id);
  const deployment = new peer.ChaincodeDeploymentSpec();
  deployment.setChaincodeSpec(chaincodeSpec);
  if (codePackage) deployment.setCodePackage(codePackage);
  return deployment.serializeBinary();
}

interface Deployed {
  readonly kind?: string;
  readonly name?: string;
  readonly version?: string;
  readonly args?: readonly (string | Uint8Array)[];
  readonly writes?: readonly TestWrites[];
  readonly creator?: string;
  readonly collections?: Uint8Array;
  readonly instantiation?: string;
}

/** A deploy or upgrade as lscc endorses it. */
function deploy(options: Deployed = {}): TestTransaction {
  const { kind = 'deploy', name = 'cc', version = '1.0', collections, instantiation } = options;
  const value = definition(name, { version, ...(instantiation !== undefined && { instantiation }) });
  const lsccWrites = { [name]: value, ...(collections && { [`${name}~collection`]: collections }) };
  return {
    chaincode: 'lscc',
    version: '1.4.12',
    creator: options.creator ?? 'Org1MSP/admin',
    args: options.args ?? [
      kind,
      'ch',
      spec(name, version),
      ...(collections ? ['', 'escc', 'vscc', collections] : []),
    ],
    writes: options.writes ?? [
      { namespace: name, writes: { init: 'x' } },
      { namespace: 'lscc', writes: lsccWrites },
    ],
  };
}

interface TestCollection {
  readonly name?: string;
  readonly policy?: string;
  readonly max?: number;
  readonly required?: number;
  readonly blockToLive?: number;
}

function collections(...all: TestCollection[]): Uint8Array {
  const result = new peer.CollectionConfigPackage();
  for (const { name = 'c', policy = "OR('Org1MSP.member')", max = 1, required = 0, blockToLive = 0 } of all) {
    const members = new peer.CollectionPolicyConfig();
    members.setSignaturePolicy(policyFromString(policy));
    const one = new peer.StaticCollectionConfig();
    one.setName(name);
    if (policy !== "OR('none.member')") one.setMemberOrgsPolicy(members);
    one.setMaximumPeerCount(max);
    one.setRequiredPeerCount(required);
    one.setBlockToLive(blockToLive);
    result.addConfig().setStaticCollectionConfig(one);
  }
  return result.serializeBinary();
}

describe('deploy', () => {
  it('by an admin is valid and tells which chaincode comes', async () => {
    const { codes, chaincodes } = await validate([deploy()]);
    expect([...codes]).toEqual([code.VALID]);
    expect(chaincodes).toEqual([
      expect.objectContaining({
        kind: 'deploy',
        name: 'cc',
        version: '1.0',
        txNum: 0,
        id: Uint8Array.from(Buffer.from('id of cc')),
      }),
    ]);
  });

  const lsccWrites = (writes: Record<string, string | Uint8Array>): TestWrites[] => [
    { namespace: 'lscc', writes },
  ];
  const manyArgs = (count: number): (string | Uint8Array)[] =>
    ['deploy', 'ch', spec('cc', '1.0'), '', '', '', '', ''].slice(0, count + 1);

  it.each<[string, Deployed, string]>([
    ['without arguments', { args: [] }, 'malformed chaincode invocation spec'],
    [
      'by another function',
      { args: ['install', 'x'] },
      'VSCC error: committing an invocation of function install of lscc is invalid',
    ],
    [
      'with one argument',
      { args: manyArgs(1) },
      'Wrong number of arguments for invocation lscc(deploy): expected at least 2, received 1',
    ],
    [
      'with seven arguments',
      { args: manyArgs(7) },
      'Wrong number of arguments for invocation lscc(deploy): received 7',
    ],
    [
      'of a spec that is garbage',
      { args: ['deploy', 'ch', Buffer.from('0aff', 'hex')] },
      'GetChaincodeDeploymentSpec error unexpected EOF',
    ],
    [
      'of an unknown type',
      { args: ['deploy', 'ch', spec('cc', '1.0', 9)] },
      'GetChaincodeDeploymentSpec error Unknown chaincodeType: 9',
    ],
    ['of a bad name', { args: ['deploy', 'ch', spec('c c', '1.0')] }, "invalid chaincode name 'c c'"],
    [
      'of a system name',
      { args: ['deploy', 'ch', spec('qscc', '1.0')] },
      "chaincode name 'qscc' is reserved for system chaincodes",
    ],
    ['of a bad version', { args: ['deploy', 'ch', spec('cc', '1 0')] }, "invalid chaincode version '1 0'"],
    ['without a write set', { writes: [] }, 'No read write set for lscc was found'],
    [
      'without a write',
      { writes: lsccWrites({}) },
      'LSCC must issue at least one single putState upon deploy/upgrade',
    ],
    ['that writes another key', { writes: lsccWrites({ zz: 'x' }) }, 'expected key cc, found zz'],
    [
      'that writes no definition',
      { writes: lsccWrites({ cc: Buffer.from('0aff', 'hex') }) },
      'unmarhsalling of ChaincodeData failed, error unexpected EOF',
    ],
    [
      'that writes the definition of another chaincode',
      { writes: lsccWrites({ cc: definition('zz') }) },
      'expected cc name cc, found zz',
    ],
    [
      'that writes another version',
      { writes: lsccWrites({ cc: definition('cc', { version: '2.0' }) }) },
      'expected cc version 1.0, found 2.0',
    ],
    [
      'whose Init writes to another chaincode',
      { writes: [{ namespace: 'zz', writes: { k: 'v' } }, ...lsccWrites({ cc: definition('cc') })] },
      'LSCC invocation is attempting to write to namespace zz',
    ],
    [
      'with three writes',
      { writes: lsccWrites({ cc: definition('cc'), a: '', b: '' }) },
      'LSCC can only issue one or two putState upon deploy',
    ],
    [
      'that writes a second key which is not its collections',
      { writes: lsccWrites({ cc: definition('cc'), zz: '' }) },
      "invalid key for the collection of chaincode cc:1.0; expected 'cc~collection', received 'zz'",
    ],
    [
      'that writes collections nobody asked for',
      { writes: lsccWrites({ cc: definition('cc'), 'cc~collection': 'x' }) },
      'collection configuration arguments supplied for chaincode cc:1.0 do not match the configuration in the lscc writeset',
    ],
    ['without an instantiation policy', { instantiation: '' }, 'no instantiation policy was specified'],
    [
      'by a user that is no admin',
      { creator: 'Org1MSP/alice' },
      'chaincode instantiation policy violated, error signature set did not satisfy policy',
    ],
  ])('%s is invalid', async (_, options, reason) => {
    expect(await reasonOf(deploy(options))).toBe(reason);
  });

  it('of a chaincode that is there is invalid', async () => {
    ledger.state.set('lscc/cc', definition('cc'));
    expect(await reasonOf(deploy())).toBe('Chaincode cc is already instantiated');
  });

  it('takes one write and five arguments only before V1_2', async () => {
    expect(await reasonOf(deploy(), beforeV12)).toBeUndefined();
    expect(await reasonOf(deploy({ args: manyArgs(6) }), beforeV12)).toBe(
      'Wrong number of arguments for invocation lscc(deploy): received 6',
    );
    const two = deploy({ writes: lsccWrites({ cc: definition('cc'), 'cc~collection': 'x' }) });
    expect(await reasonOf(two, beforeV12)).toBe('LSCC can only issue a single putState upon deploy');
  });
});

describe('upgrade', () => {
  const upgrade = (options: Deployed = {}): TestTransaction =>
    deploy({ kind: 'upgrade', version: '2.0', ...options });

  beforeEach(() => {
    ledger.state.set('lscc/cc', definition('cc'));
    ledger.state.set('lscc/other', definition('other'));
  });

  it('to another version by an admin is valid', async () => {
    expect(await reasonOf(upgrade())).toBeUndefined();
  });

  it('needs a chaincode that is there, and another version', async () => {
    expect(await reasonOf(upgrade({ name: 'zz' }))).toBe('Upgrading non-existent chaincode zz');
    expect(await reasonOf(upgrade({ version: '1.0' }))).toBe(
      'Existing version of the cc on the ledger (1.0) should be different from the upgraded one',
    );
  });

  it('asks the old policy first, then the new one', async () => {
    ledger.state.set('lscc/cc', definition('cc', { instantiation: "OR('Org2MSP.admin')" }));
    const violated = 'chaincode instantiation policy violated, error signature set did not satisfy policy';
    expect(await reasonOf(upgrade({ creator: 'Org1MSP/admin' }))).toBe(violated);
    expect(await reasonOf(upgrade({ creator: 'Org2MSP/admin' }))).toBe(violated);
    const open = { instantiation: "OR('Org2MSP.member')", creator: 'Org2MSP/admin' };
    expect(await reasonOf(upgrade(open))).toBeUndefined();
    ledger.state.set('lscc/cc', definition('cc', { instantiation: '' }));
    expect(await reasonOf(upgrade())).toBe('No instantiation policy was specified');
  });

  it('makes all invocations in its block invalid, those before it too, and no others', async () => {
    const { codes, chaincodes } = await validate([{}, upgrade(), {}, { chaincode: 'other' }]);
    expect([...codes]).toEqual([
      code.CHAINCODE_VERSION_CONFLICT,
      code.VALID,
      code.CHAINCODE_VERSION_CONFLICT,
      code.VALID,
    ]);
    expect(chaincodes.map((one) => one.txNum)).toEqual([1]);
  });

  it('counts only as the last one of its block', async () => {
    const { codes, chaincodes } = await validate([upgrade(), upgrade({ version: '3.0' })]);
    expect([...codes]).toEqual([code.CHAINCODE_VERSION_CONFLICT, code.VALID]);
    expect(chaincodes.map((one) => one.version)).toEqual(['3.0']);
  });

  it('that is invalid harms nobody', async () => {
    const { codes } = await validate([{}, upgrade({ creator: 'Org1MSP/alice' })]);
    expect([...codes]).toEqual([code.VALID, code.ENDORSEMENT_POLICY_FAILURE]);
  });
});

describe('collections', () => {
  it('that are in order are valid', async () => {
    const good = collections(
      { name: 'a' },
      { name: 'b_-9', policy: "OR('Org1MSP.member','Org2MSP.member')" },
    );
    expect(await reasonOf(deploy({ collections: good }))).toBeUndefined();
  });

  it.each<[string, TestCollection[], string]>([
    ['without a name', [{ name: '' }], 'empty collection-name is not allowed'],
    [
      'with a bad name',
      [{ name: 'a.b' }],
      'collection-name: a.b not allowed. A valid collection name follows the pattern: [A-Za-z0-9_-]+',
    ],
    ['that come twice', [{}, {}], 'collection-name: c -- found duplicate collection configuration'],
    [
      'with less peers than required',
      [{ max: 1, required: 2 }],
      'collection-name: c -- maximum peer count (1) cannot be greater than the required peer count (2)',
    ],
    [
      'with a negative number of peers',
      [{ max: 0, required: -1 }],
      'collection-name: c -- requiredPeerCount (0) cannot be less than zero (-1)',
    ],
    [
      'with an AND policy',
      [{ policy: "AND('Org1MSP.member','Org2MSP.member')" }],
      'collection-name: c -- error in member org policy: signature policy is not an OR concatenation, NOutOf 2',
    ],
    [
      'without a policy',
      [{ policy: "OR('none.member')" }],
      'collection-name: c -- error in member org policy: collection member policy is not set',
    ],
  ])('%s are invalid', async (_, given, reason) => {
    expect(await reasonOf(deploy({ collections: collections(...given) }))).toBe(reason);
  });

  it('that are garbage are invalid', async () => {
    expect(await reasonOf(deploy({ collections: Buffer.from('0aff', 'hex') }))).toBe(
      'invalid collection configuration supplied for chaincode cc:1.0',
    );
  });

  it('that lie there already forbid a deploy', async () => {
    ledger.state.set('lscc/cc~collection', collections({}));
    expect(await reasonOf(deploy())).toBe('collection data should not exist for chaincode cc:1.0');
  });

  it('must all be there after an upgrade, with the same life time', async () => {
    ledger.state.set('lscc/cc', definition('cc'));
    ledger.state.set('lscc/cc~collection', collections({ name: 'a', blockToLive: 3 }, { name: 'b' }));
    const upgrade = (given?: Uint8Array): Promise<string | undefined> =>
      reasonOf(deploy({ kind: 'upgrade', version: '2.0', ...(given && { collections: given }) }));
    expect(await upgrade()).toBeUndefined();
    expect(
      await upgrade(collections({ name: 'a', blockToLive: 3 }, { name: 'b' }, { name: 'c' })),
    ).toBeUndefined();
    expect(await upgrade(collections({ name: 'c' }))).toBe(
      'the following existing collections are missing in the new collection configuration package: [a b]',
    );
    expect(await upgrade(collections({ name: 'a' }, { name: 'b', blockToLive: 1 }))).toBe(
      'the BlockToLive in the following existing collections must not be modified: [a b]',
    );
  });

  it('given as an empty argument would drop the present ones, so they are missed', async () => {
    ledger.state.set('lscc/cc', definition('cc'));
    ledger.state.set('lscc/cc~collection', collections({ name: 'a' }));
    const args = ['upgrade', 'ch', spec('cc', '2.0'), '', 'escc', 'vscc', ''];
    expect(await reasonOf(deploy({ kind: 'upgrade', version: '2.0', args }))).toBe(
      'the following existing collections are missing in the new collection configuration package: [a]',
    );
  });
});
