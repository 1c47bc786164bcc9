import type { ApplicationCapabilities } from '../channelconfig/types.js';
import type { QueryExecutor } from '../ledger/types.js';
import type { ChaincodeDefinition } from '../packages/chaincodeData.js';
import type { ledger } from '../protos/index.js';
import type { Definitions } from './definitions.js';
import type { PolicyCache } from './policyCache.js';

/** What the rules look things up in. */
export interface LsccContext {
  readonly capabilities: ApplicationCapabilities;
  readonly state: Pick<QueryExecutor, 'getState'>;
  readonly definitions: Definitions;
  readonly policies: PolicyCache;
}

/** What lscc was asked to do, and what it wrote. */
export interface Deployment {
  readonly kind: 'deploy' | 'upgrade';
  /** The arguments after the function: channel, deployment spec, policy, escc, vscc, collections. */
  readonly args: readonly Uint8Array[];
  /** The ChaincodeData in the write set. */
  readonly written: ChaincodeDefinition;
  readonly writes: readonly ledger.rwset.kvrwset.KVWrite[];
}
