import { messageOf } from '../errors.js';
import type { QueryExecutor } from '../ledger/types.js';
import { decodeChaincodeData, type ChaincodeDefinition } from '../packages/chaincodeData.js';
import { InvalidTransaction, txCode } from './invalidTransaction.js';

/** The chaincode definitions of a channel before the block, read once each. */
export class Definitions {
  readonly #state: Pick<QueryExecutor, 'getState'>;
  readonly #known = new Map<string, ChaincodeDefinition | undefined>();

  constructor(state: Pick<QueryExecutor, 'getState'>) {
    this.#state = state;
  }

  /** undefined when the chaincode was never instantiated. Throws the decoder's text. */
  find(name: string): ChaincodeDefinition | undefined {
    if (this.#known.has(name)) return this.#known.get(name);
    const value = this.#state.getState('lscc', name);
    const definition = value && decodeChaincodeData(value);
    this.#known.set(name, definition);
    return definition;
  }

  /** The definition by which a written namespace is judged. Throws InvalidTransaction (255). */
  require(name: string): ChaincodeDefinition {
    const definition = this.#readable(name);
    if (!definition) throw other(`lscc's state for [${name}] not found.`);
    if (definition.vscc === '') throw other(`lscc's state for [${name}] is invalid, vscc field must be set`);
    if (definition.policy.length === 0) {
      throw other(`lscc's state for [${name}] is invalid, policy field must be set`);
    }
    return definition;
  }

  #readable(name: string): ChaincodeDefinition | undefined {
    try {
      return this.find(name);
    } catch (error) {
      throw other(`unmarshalling ChaincodeQueryResponse failed: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Throws InvalidTransaction (255) for a validation plugin that does not exist: there is the built-in one only. */
export function checkPlugin({ vscc }: ChaincodeDefinition): void {
  if (vscc === 'vscc') return;
  // Fabric stops the channel here; one bad instantiation would then stop everybody.
  throw other(`plugin with name ${vscc} couldn't be used: plugin with name ${vscc} wasn't found`);
}

function other(reason: string, options?: { cause?: unknown }): InvalidTransaction {
  return new InvalidTransaction(txCode.INVALID_OTHER_REASON, reason, options);
}
