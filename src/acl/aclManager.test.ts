import { describe, expect, it } from 'vitest';
import { signedProposal } from '../../test/support/signedProposal.js';
import { namedIdentities, policy, who } from '../../test/support/txBuilder.js';
import type { ChannelResources } from '../channelconfig/types.js';
import type { IdentityDeserializer } from '../msp/types.js';
import { SignaturePolicy } from '../policies/signaturePolicy.js';
import { AclManager } from './aclManager.js';
import { LocalPolicies } from './localPolicies.js';
import { ProposalSigners } from './proposalSigners.js';

const policyTexts: Readonly<Record<string, string>> = {
  '/Channel/Application/Readers': "OR('Org1MSP.member','Org2MSP.member')",
  '/Channel/Application/Writers': "OR('Org1MSP.member')",
  '/Channel/Application/Owners': "OR('Org2MSP.admin')",
};

/** A channel `ch` of named identities; counts signatures that are verified. */
function channel(options: { acls?: Record<string, string>; v12?: boolean } = {}) {
  let verified = 0;
  const deserializer: IdentityDeserializer = {
    deserializeIdentity(serialized) {
      const identity = namedIdentities.deserializeIdentity(serialized);
      const verify = identity.verify.bind(identity);
      return Object.defineProperty(identity, 'verify', {
        value: (message: Uint8Array, signature: Uint8Array) => {
          verified++;
          return verify(message, signature);
        },
      });
    },
  };
  Object.assign(deserializer, { mspId: 'Org1MSP' });
  const resources = {
    deserializer,
    policies: {
      getPolicy(path: string) {
        const text = policyTexts[path];
        return text === undefined ? undefined : SignaturePolicy.fromBytes(policy(text), deserializer);
      },
    },
    application: {
      capabilities: { v11: true, v12: options.v12 ?? true, v13: true, v142: true, v20: false },
      acls: new Map(Object.entries(options.acls ?? {})),
    },
  } as unknown as ChannelResources;
  const signers = new ProposalSigners();
  const localMsp = deserializer as IdentityDeserializer & { mspId: string };
  const acl = new AclManager({
    channels: { resources: (id) => (id === 'ch' ? resources : undefined) },
    localPolicies: new LocalPolicies(localMsp, signers),
    signers,
  });
  return { acl, signers, verified: () => verified };
}

describe('AclManager', () => {
  it('asks the default policy of a resource', async () => {
    const { acl } = channel();
    await expect(acl.checkAcl('peer/Propose', 'ch', signedProposal())).resolves.toBeUndefined();
    await expect(
      acl.checkAcl('peer/Propose', 'ch', signedProposal({ creator: 'Org2MSP/bob' })),
    ).rejects.toThrow(
      'Failed evaluating policy on signed data during check policy on channel [ch] with policy [/Channel/Application/Writers]: [signature set did not satisfy policy]',
    );
  });

  it("asks the policy that the channel's configuration names instead", async () => {
    const { acl } = channel({ acls: { 'peer/Propose': '/Channel/Application/Owners' } });
    await expect(acl.checkAcl('peer/Propose', 'ch', signedProposal())).rejects.toThrow(
      'failed evaluating policy on signed data during check policy [/Channel/Application/Owners]: [signature set did not satisfy policy]',
    );
    await acl.checkAcl('peer/Propose', 'ch', signedProposal({ creator: 'Org2MSP/admin' }));
  });

  it('does not look at the entries of a channel without the capability for them', async () => {
    const { acl } = channel({ acls: { 'peer/Propose': '/Channel/Application/Owners' }, v12: false });
    await expect(acl.checkAcl('peer/Propose', 'ch', signedProposal())).resolves.toBeUndefined();
  });

  it.each([
    ['qscc/Nosuch', 'ch', 'Unmapped policy for qscc/Nosuch'],
    ['lscc/Install', 'ch', 'Unmapped policy for lscc/Install'],
    ['qscc/GetChainInfo', 'nosuch', 'Failed to get policy manager for channel [nosuch]'],
    [
      'qscc/GetChainInfo',
      '',
      'Failed getting local MSP principal during channelless check policy with policy [/Channel/Application/Readers]: [MSP Principal role [/Channel/Application/Readers] not recognized]',
    ],
  ])('refuses %s on [%s]', async (resource, channelId, text) => {
    await expect(channel().acl.checkAcl(resource, channelId, signedProposal())).rejects.toThrow(text);
  });

  it('verifies a signature that nobody verified, and refuses a wrong one', async () => {
    const { acl, verified } = channel();
    await acl.checkAcl('peer/Propose', 'ch', signedProposal());
    expect(verified()).toBe(1);
    await expect(
      acl.checkAcl('peer/Propose', 'ch', signedProposal({ signedBy: 'Org1MSP/mallory' })),
    ).rejects.toThrow('signature set did not satisfy policy');
  });

  it('does not verify a second time what was verified', async () => {
    const { acl, signers, verified } = channel();
    const proposal = signedProposal();
    signers.verified(proposal, who('Org1MSP/alice'));
    await acl.checkAcl('peer/Propose', 'ch', proposal);
    expect(verified()).toBe(0);
  });

  it('takes a verified signature for nobody else', async () => {
    const { acl, signers } = channel();
    const proposal = signedProposal({ creator: 'Org2MSP/bob' });
    signers.verified(proposal, who('Org2MSP/bob'));
    await expect(acl.checkAcl('peer/Propose', 'ch', proposal)).rejects.toThrow(
      'signature set did not satisfy policy',
    );
  });
});

describe('LocalPolicies', () => {
  const signers = new ProposalSigners();
  const local = new LocalPolicies(Object.assign({ mspId: 'Org1MSP' }, namedIdentities), signers);

  it('tells admins from members', async () => {
    await local.check('Members', signedProposal());
    await local.check('Admins', signedProposal({ creator: 'Org1MSP/admin' }));
    await expect(local.check('Admins', signedProposal())).rejects.toThrow(
      "Failed verifying that proposal's creator satisfies local MSP principal during channelless check policy with policy [Admins]: [This identity is not an admin]",
    );
  });

  it('refuses a wrong signature and strangers', async () => {
    await expect(local.check('Members', signedProposal({ signedBy: 'Org1MSP/m' }))).rejects.toThrow(
      'The signature is invalid',
    );
    await expect(local.check('Members', signedProposal({ creator: 'Ghost/x' }))).rejects.toThrow(
      'Failed deserializing proposal creator during channelless check policy with policy [Members]: [MSP Ghost is unknown]',
    );
  });
});
