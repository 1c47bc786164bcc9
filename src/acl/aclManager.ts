import type { AclProvider, Channels } from '../chaincode/types.js';
import type { ChannelResources } from '../channelconfig/types.js';
import { LauncherError, messageOf } from '../errors.js';
import type { peer } from '../protos/index.js';
import type { LocalPolicies } from './localPolicies.js';
import { evaluateOnProposal } from './policyEvaluation.js';
import type { ProposalSigners } from './proposalSigners.js';
import { defaultPolicies } from './resources.js';

export interface AclManagerOptions {
  readonly channels: Pick<Channels, 'resources'>;
  readonly localPolicies: LocalPolicies;
  readonly signers: ProposalSigners;
}

/** Says who may do what on a channel (core/aclmgmt; texts of contract 9). */
export class AclManager implements AclProvider {
  readonly #options: AclManagerOptions;

  constructor(options: AclManagerOptions) {
    this.#options = options;
  }

  /** The channel's own entry for the resource, else the default; '' as channel asks the local MSP. */
  async checkAcl(resource: string, channelId: string, signedProposal: peer.SignedProposal): Promise<void> {
    const resources = this.#options.channels.resources(channelId);
    const { acls, capabilities } = resources?.application ?? {};
    const configured = capabilities?.v12 ? acls?.get(resource) : undefined;
    if (resources && configured !== undefined) {
      await this.#check(
        resources,
        configured,
        signedProposal,
        `during check policy [${configured}]`,
        'failed',
      );
      return;
    }
    const policy = defaultPolicies.get(resource);
    if (policy === undefined) throw new LauncherError(`Unmapped policy for ${resource}`);
    if (channelId === '') {
      await this.#options.localPolicies.check(policy, signedProposal);
      return;
    }
    if (!resources) throw new LauncherError(`Failed to get policy manager for channel [${channelId}]`);
    const during = `during check policy on channel [${channelId}] with policy [${policy}]`;
    await this.#check(resources, policy, signedProposal, during, 'Failed');
  }

  async #check(
    resources: ChannelResources,
    policyName: string,
    signedProposal: peer.SignedProposal,
    during: string,
    failed: 'Failed' | 'failed',
  ): Promise<void> {
    try {
      const policy = resources.policies.getPolicy(policyName);
      if (!policy) throw new LauncherError(`No such policy: '${policyName}'`);
      await evaluateOnProposal(policy, signedProposal, this.#options.signers, resources.deserializer);
    } catch (error) {
      throw new LauncherError(`${failed} evaluating policy on signed data ${during}: [${messageOf(error)}]`, {
        cause: error,
      });
    }
  }
}
