import type { LocalPolicies } from '../../acl/localPolicies.js';
import type { ProposalSigners } from '../../acl/proposalSigners.js';
import type { AclProvider, Channels } from '../../chaincode/types.js';
import type { Logger } from '../../ops/log.js';
import type { PackageStore } from '../../packages/types.js';

/** What lscc works with. */
export interface LsccOptions {
  readonly packages: PackageStore;
  readonly channels: Pick<Channels, 'resources'>;
  readonly acl: AclProvider;
  readonly localPolicies: Pick<LocalPolicies, 'check'>;
  readonly signers: ProposalSigners;
  readonly logger: Logger;
}
