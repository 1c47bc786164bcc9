import type { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { LauncherError } from '../errors.js';
import type { Identity, IdentityDeserializer, SignedData } from '../msp/types.js';
import { common, msp } from '../protos/index.js';
import { nOutOf, policyEnvelope, rolePrincipal, signedBy } from './build.js';
import { policyFromString } from './dsl.js';
import { ImplicitMetaPolicy } from './implicitMeta.js';
import { ConfigPolicyManager } from './manager.js';
import { SignaturePolicy } from './signaturePolicy.js';
import type { Policy } from './types.js';

/** Signers are written `MSP.role#name`; the signature `good` verifies. */
let verifications: string[];

beforeEach(() => {
  verifications = [];
});

const deserializer: IdentityDeserializer = {
  deserializeIdentity: (serialized) => fakeIdentity(Buffer.from(serialized).toString()),
};

function fakeIdentity(text: string): Identity {
  const match = /^(\w+)\.(\w+)#(\w+)$/.exec(text);
  if (!match) throw new LauncherError(`MSP ${text} is unknown`);
  const [, mspId = '', role = '', name = ''] = match;
  return {
    mspId,
    id: name,
    serialized: Buffer.from(text),
    get certificate(): X509Certificate {
      throw new LauncherError('policies do not look at certificates');
    },
    expiresAt: new Date(0),
    validate: () => undefined,
    verify: async (_message, signature) => {
      verifications.push(text);
      if (Buffer.from(signature).toString() !== 'good') throw new LauncherError('The signature is invalid');
    },
    satisfiesPrincipal: (principal) => {
      const wanted = msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8());
      const member = wanted.getRole() === msp.MSPRole.MSPRoleType.MEMBER;
      const same = wanted.getRole() === msp.MSPRole.MSPRoleType.ADMIN && role === 'admin';
      if (wanted.getMspIdentifier() !== mspId || !(member || same)) throw new LauncherError('no');
    },
  };
}

const signed = (...signers: string[]): SignedData[] =>
  signers.map((signer) => {
    const [identity = '', signature = 'good'] = signer.split('!');
    return { data: new Uint8Array(), identity: Buffer.from(identity), signature: Buffer.from(signature) };
  });

const policyOf = (text: string): Policy => new SignaturePolicy(policyFromString(text), deserializer);
const unsatisfied = 'signature set did not satisfy policy';

describe('a signature policy', () => {
  it.each([
    ["OR('A.member', 'B.member')", ['B.client#b'], true],
    ["AND('A.member', 'B.member')", ['B.client#b'], false],
    ["AND('A.member', 'B.member')", ['B.client#b', 'A.client#a'], true],
    ["AND('A.member', 'A.member')", ['A.client#a', 'A.client#b'], true],
    ["OutOf(2, 'A.member', 'B.member', 'C.member')", ['C.client#c', 'A.client#a'], true],
    ["OutOf(0, 'A.member')", [], true],
    ["OutOf(2, 'A.member')", ['A.client#a', 'A.client#b'], false],
  ])('%s over %j: %s', async (text, signers, satisfied) => {
    const evaluation = policyOf(text).evaluateSignedData(signed(...signers));
    if (satisfied) await evaluation;
    else await expect(evaluation).rejects.toThrow(unsatisfied);
  });

  it('counts who signs twice once', async () => {
    const twice = signed('A.client#a', 'A.client#a');
    await expect(policyOf("AND('A.member', 'A.member')").evaluateSignedData(twice)).rejects.toThrow(
      unsatisfied,
    );
    expect(verifications).toEqual(['A.client#a']);
  });

  it('takes the first signature of an identity, even when only the second is good', async () => {
    const evaluation = policyOf("OR('A.member')").evaluateSignedData(signed('A.client#a!bad', 'A.client#a'));
    await expect(evaluation).rejects.toThrow(unsatisfied);
  });

  it('is greedy: the first rule takes an admin whom only a later rule needs', async () => {
    const signers = signed('A.admin#boss', 'A.client#a');
    await expect(policyOf("AND('A.member', 'A.admin')").evaluateSignedData(signers)).rejects.toThrow(
      unsatisfied,
    );
    await policyOf("AND('A.admin', 'A.member')").evaluateSignedData(signers);
  });

  it('gives back what a failed gate had taken', async () => {
    await policyOf("OR(AND('A.member', 'B.member'), 'A.member')").evaluateSignedData(signed('A.client#a'));
  });

  it('passes over signers of unknown MSPs and does not verify those whom no principal names', async () => {
    await policyOf("OR('A.member')").evaluateSignedData(signed('ghost', 'B.client#b!bad', 'A.client#a'));
    expect(verifications).toEqual(['A.client#a']);
  });

  it('evaluates identities that are verified already', () => {
    const a = fakeIdentity('A.client#a');
    policyOf("OR('A.member')").evaluateIdentities([a]);
    expect(() => policyOf("AND('A.member', 'A.member')").evaluateIdentities([a, a])).toThrow(unsatisfied);
    expect(verifications).toEqual([]);
  });

  it('refuses envelopes that it cannot read', () => {
    const wrongVersion = policyFromString("OR('A.member')");
    wrongVersion.setVersion(1);
    expect(() => new SignaturePolicy(wrongVersion, deserializer)).toThrow(
      'This evaluator only understands messages of version 0, but version was 1',
    );
    const outOfRange = policyEnvelope(nOutOf(1, [signedBy(1)]), [rolePrincipal('A', 'member')]);
    expect(() => new SignaturePolicy(outOfRange, deserializer)).toThrow(
      'identity index out of range, requested 1, but identities length is 1',
    );
    const negative = policyEnvelope(signedBy(-1), [rolePrincipal('A', 'member')]);
    expect(() => new SignaturePolicy(negative, deserializer)).toThrow(
      'identity index out of range, requested -1',
    );
    expect(() => new SignaturePolicy(new common.SignaturePolicyEnvelope(), deserializer)).toThrow(
      'Empty policy element',
    );
    let nested = signedBy(0);
    for (let depth = 0; depth < 1_000; depth++) nested = nOutOf(1, [nested]);
    const deep = policyEnvelope(nested, [rolePrincipal('A', 'member')]);
    expect(() => new SignaturePolicy(deep, deserializer)).toThrow('policy is nested too deeply');
  });
});

describe('the policies of a configuration', () => {
  const { Rule } = common.ImplicitMetaPolicy;

  it.each([
    ['ANY', ['A.admin#a'], true],
    ['ANY', ['A.client#a'], false],
    ['MAJORITY', ['A.admin#a'], false],
    ['MAJORITY', ['A.admin#a', 'C.admin#c'], true],
    ['ALL', ['A.admin#a', 'C.admin#c'], false],
    ['ALL', ['A.admin#a', 'B.admin#b', 'C.admin#c'], true],
  ] as const)('%s Admins of three organizations over %j: %s', async (rule, signers, satisfied) => {
    const policy = managerOf(['A', 'B', 'C'], Rule[rule]).getPolicy('/Channel/Application/Admins');
    const evaluation = policy!.evaluateSignedData(signed(...signers));
    if (satisfied) await evaluation;
    else await expect(evaluation).rejects.toThrow('implicit policy evaluation failed - ');
  });

  it('says how many sub-policies were satisfied', async () => {
    const policy = managerOf(['A', 'B', 'C'], Rule.MAJORITY).getPolicy('/Channel/Application/Admins')!;
    const text =
      "implicit policy evaluation failed - 1 sub-policies were satisfied, but this policy requires 2 of the 'Admins' sub-policies to be satisfied";
    await expect(policy.evaluateSignedData(signed('B.admin#b'))).rejects.toThrow(text);
    expect(() => policy.evaluateIdentities([fakeIdentity('B.admin#b')])).toThrow(text);
  });

  it('counts a group without the policy as one that is never satisfied, and no groups as satisfied', async () => {
    const all = new common.ImplicitMetaPolicy();
    all.setRule(Rule.ALL);
    all.setSubPolicy('Admins');
    const lacking = new ImplicitMetaPolicy(all.serializeBinary(), () => [undefined]);
    await expect(lacking.evaluateSignedData([])).rejects.toThrow('requires 1 of');
    const none = new ImplicitMetaPolicy(all.serializeBinary(), () => []);
    await none.evaluateSignedData([]);
    none.evaluateIdentities([]);
  });

  it('names the policy that cannot be used', () => {
    const group = new common.ConfigGroup();
    group.getPoliciesMap().set('Admins', configPolicy(common.Policy.PolicyType.MSP, new Uint8Array()));
    expect(() => new ConfigPolicyManager(group, deserializer)).toThrow(
      'policy Admins at path /Channel was not compiled: Unknown policy type: 2',
    );
    group.getPoliciesMap().set('Admins', new common.ConfigPolicy());
    expect(() => new ConfigPolicyManager(group, deserializer)).toThrow(
      'policy Admins at path /Channel was nil',
    );
  });

  function managerOf(mspIds: readonly string[], rule: 0 | 1 | 2): ConfigPolicyManager {
    const application = new common.ConfigGroup();
    for (const mspId of mspIds) {
      const organization = new common.ConfigGroup();
      const admins = policyFromString(`OR('${mspId}.admin')`).serializeBinary();
      organization.getPoliciesMap().set('Admins', configPolicy(common.Policy.PolicyType.SIGNATURE, admins));
      application.getGroupsMap().set(mspId, organization);
    }
    const meta = new common.ImplicitMetaPolicy();
    meta.setRule(rule);
    meta.setSubPolicy('Admins');
    application
      .getPoliciesMap()
      .set('Admins', configPolicy(common.Policy.PolicyType.IMPLICIT_META, meta.serializeBinary()));
    const root = new common.ConfigGroup();
    root.getGroupsMap().set('Application', application);
    return new ConfigPolicyManager(root, deserializer);
  }

  function configPolicy(type: 1 | 2 | 3, value: Uint8Array): common.ConfigPolicy {
    const policy = new common.Policy();
    policy.setType(type);
    policy.setValue(value);
    const entry = new common.ConfigPolicy();
    entry.setPolicy(policy);
    return entry;
  }
});
