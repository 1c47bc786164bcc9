import type { ChannelResources } from '../channelconfig/types.js';
import { messageOf } from '../errors.js';
import type { QueryExecutor } from '../ledger/types.js';
import { signedByAnyMember } from '../policies/wellKnown.js';
import { checkPlugin, Definitions } from './definitions.js';
import { hasRepeatedEndorser, type EndorsedTransaction } from './endorsers.js';
import { InvalidTransaction, policyFailure, txCode } from './invalidTransaction.js';
import { readInvocation, type Invocation } from './invocation.js';
import { KeyPolicies } from './keyPolicies.js';
import { checkLsccInvocation } from './lsccRules.js';
import type { OpenedTransaction } from './openTransaction.js';
import type { PolicyCache } from './policyCache.js';
import { isSystemName } from './systemNames.js';
import type { ChaincodeChange } from './types.js';

const repeatedEndorser = 'Endorsement policy evaluation failure might be caused by duplicated identities';

export interface EndorsementRulesOptions {
  readonly resources: ChannelResources;
  /** The state before the block. */
  readonly state: QueryExecutor;
  readonly policies: PolicyCache;
  readonly blockNumber: number;
}

/** What a good transaction invoked and, for lscc, changes. */
export interface Accepted {
  readonly chaincode: string;
  readonly change?: ChaincodeChange;
}

/**
 * The VSCC over the transactions of one block, in their order: v13 rules with capability V1_3 and above, else v12
 * (core/committer/txvalidator: VSCCValidateTx; core/handlers/validation/builtin).
 */
export class EndorsementRules {
  readonly #resources: ChannelResources;
  readonly #state: QueryExecutor;
  readonly #policies: PolicyCache;
  readonly #blockNumber: number;
  readonly #definitions: Definitions;
  readonly #keyPolicies: KeyPolicies;
  readonly #memberPolicy: Uint8Array;

  constructor(options: EndorsementRulesOptions) {
    this.#resources = options.resources;
    this.#state = options.state;
    this.#policies = options.policies;
    this.#blockNumber = options.blockNumber;
    this.#definitions = new Definitions(options.state);
    this.#keyPolicies = new KeyPolicies(options.state, options.policies);
    this.#memberPolicy = signedByAnyMember(options.resources.application.mspIds).serializeBinary();
  }

  /** Rejects with InvalidTransaction. */
  async check(opened: OpenedTransaction, endorsed: EndorsedTransaction, txNum: number): Promise<Accepted> {
    const invocation = readInvocation(opened, endorsed.action, this.#resources.application.capabilities);
    let change: ChaincodeChange | undefined;
    for (const namespace of invocation.namespaces) {
      const policy = this.#policyOf(namespace, invocation);
      this.#checkPolicy(namespace, policy, invocation, endorsed, txNum);
      if (namespace === 'lscc') {
        change = await this.#checkLscc(invocation, endorsed, opened.txId, txNum);
      }
      this.#keyPolicies.accept({ namespace, writeSet: invocation.writeSet });
    }
    return { chaincode: invocation.chaincode, ...(change && { change }) };
  }

  /** A system chaincode has no policy of its own: any member of the channel endorses it. */
  #policyOf(namespace: string, { chaincode, version }: Invocation): Uint8Array {
    if (isSystemName(namespace)) return this.#memberPolicy;
    const definition = this.#definitions.require(namespace);
    if (namespace === chaincode && definition.version !== version) {
      const channel = this.#resources.channelId;
      throw new InvalidTransaction(
        txCode.EXPIRED_CHAINCODE,
        `chaincode ${chaincode}:${version}/${channel} didn't match ${definition.name}:${definition.version}/${channel} in lscc`,
      );
    }
    checkPlugin(definition);
    return definition.policy;
  }

  #checkPolicy(
    namespace: string,
    policy: Uint8Array,
    { writeSet }: Invocation,
    { action, endorsers }: EndorsedTransaction,
    txNum: number,
  ): void {
    if (this.#resources.application.capabilities.v13) {
      const place = { blockNumber: this.#blockNumber, txNum };
      this.#keyPolicies.check({ namespace, policy, writeSet, endorsers, place });
      return;
    }
    try {
      this.#policies.evaluate(policy, endorsers);
    } catch (error) {
      throw policyFailure(
        hasRepeatedEndorser(action)
          ? repeatedEndorser
          : `VSCC error: endorsement policy failure, err: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  async #checkLscc(
    invocation: Invocation,
    { action, creator }: EndorsedTransaction,
    txId: string,
    txNum: number,
  ): Promise<ChaincodeChange> {
    const { kind, written } = await checkLsccInvocation(
      { proposalPayload: action.proposalPayload, writeSet: invocation.writeSet, creator },
      {
        capabilities: this.#resources.application.capabilities,
        state: this.#state,
        definitions: this.#definitions,
        policies: this.#policies,
      },
    );
    return { txId, txNum, kind, name: written.name, version: written.version, id: written.id };
  }
}
