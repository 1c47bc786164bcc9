import { messageOf } from '../errors.js';
import type { QueryExecutor } from '../ledger/types.js';
import type { Identity } from '../msp/types.js';
import { policyFailure } from './invalidTransaction.js';
import type { PolicyCache } from './policyCache.js';
import type { NamespaceWrites } from './writeSet.js';

/** Metadata name under which a key's own policy is stored. */
const validationParameter = 'VALIDATION_PARAMETER';

/** Position of a transaction. */
export interface Place {
  readonly blockNumber: number;
  readonly txNum: number;
}

/** One transaction's endorsement of one namespace. */
export interface EndorsedNamespace {
  readonly namespace: string;
  /** The chaincode's policy. */
  readonly policy: Uint8Array;
  readonly writeSet: readonly NamespaceWrites[];
  readonly endorsers: readonly Identity[];
  readonly place: Place;
}

/**
 * Key-level endorsement over the transactions of one block (core/common/validation/statebased): a key's own policy is
 * asked INSTEAD of the chaincode's, and a key whose policy an earlier good transaction of the block changes fails.
 * Transactions must be checked in block order.
 */
export class KeyPolicies {
  readonly #state: Pick<QueryExecutor, 'getStateMetadata' | 'getPrivateDataMetadataByHash'>;
  readonly #policies: PolicyCache;
  readonly #changed = new Set<string>();

  constructor(
    state: Pick<QueryExecutor, 'getStateMetadata' | 'getPrivateDataMetadataByHash'>,
    policies: PolicyCache,
  ) {
    this.#state = state;
    this.#policies = policies;
  }

  /** Throws InvalidTransaction (10) unless the endorsers satisfy every policy that the writes ask for. */
  check(one: EndorsedNamespace): void {
    let chaincodeHolds = false;
    let someChecked = false;
    for (const key of keysOf(one)) {
      const policy = this.#keyPolicy(one, key);
      if (policy) {
        this.#checkKey(policy, one, key);
      } else if (!chaincodeHolds) {
        this.#checkChaincode(one);
        chaincodeHolds = true;
      }
      someChecked = true;
    }
    if (!someChecked) this.#checkChaincode(one);
  }

  /** Notes whose policies the transaction changes in this namespace, which was found good. */
  accept({ namespace, writeSet }: Pick<EndorsedNamespace, 'namespace' | 'writeSet'>): void {
    for (const set of writeSet.filter((candidate) => candidate.namespace === namespace)) {
      for (const key of set.metadataWrites) this.#changed.add(changeKey(namespace, { collection: '', key }));
      for (const { collection, metadataWrites } of set.collections) {
        for (const hash of metadataWrites) this.#changed.add(changeKey(namespace, { collection, key: hash }));
      }
    }
  }

  #keyPolicy(one: EndorsedNamespace, key: WrittenKey): Uint8Array | undefined {
    const { namespace, place } = one;
    if (this.#changed.has(changeKey(namespace, key))) {
      throw policyFailure(
        `validation parameters for key [${keyText(key)}] in namespace [${namespace}:${key.collection}] have been changed in transaction ${place.txNum} of block ${place.blockNumber}`,
      );
    }
    const metadata =
      typeof key.key === 'string'
        ? this.#state.getStateMetadata(namespace, key.key)
        : this.#state.getPrivateDataMetadataByHash(namespace, key.collection, key.key);
    const policy = metadata?.get(validationParameter);
    return policy && policy.length > 0 ? policy : undefined;
  }

  #checkKey(policy: Uint8Array, one: EndorsedNamespace, key: WrittenKey): void {
    const { namespace, place } = one;
    try {
      this.#policies.evaluate(policy, one.endorsers);
    } catch (error) {
      throw policyFailure(
        `validation of key ${keyText(key)} (coll'${key.collection}':ns'${namespace}') in tx ${place.blockNumber}:${place.txNum} failed: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  #checkChaincode({ namespace, policy, endorsers, place }: EndorsedNamespace): void {
    try {
      this.#policies.evaluate(policy, endorsers);
    } catch (error) {
      throw policyFailure(
        `validation of endorsement policy for chaincode ${namespace} in tx ${place.blockNumber}:${place.txNum} failed: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }
}

/** A public key by its name, or a private one by its hash. */
interface WrittenKey {
  readonly collection: string;
  readonly key: string | Uint8Array;
}

/** In Fabric's order: writes, metadata writes, writes of all collections, metadata writes of all collections. */
function* keysOf({ namespace, writeSet }: EndorsedNamespace): Generator<WrittenKey> {
  for (const set of writeSet) {
    if (set.namespace !== namespace) continue;
    for (const write of set.writes) yield { collection: '', key: write.getKey() };
    for (const key of set.metadataWrites) yield { collection: '', key };
    for (const { collection, writes } of set.collections) for (const key of writes) yield { collection, key };
    for (const { collection, metadataWrites } of set.collections) {
      for (const key of metadataWrites) yield { collection, key };
    }
  }
}

function changeKey(namespace: string, { collection, key }: WrittenKey): string {
  return `${namespace}\0${collection}\0${typeof key === 'string' ? key : Buffer.from(key).toString('hex')}`;
}

/** A private key's hash is printed raw, as Fabric does: one character a byte. */
function keyText({ key }: WrittenKey): string {
  return typeof key === 'string' ? key : Buffer.from(key).toString('latin1');
}
