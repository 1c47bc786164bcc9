import type { SystemChaincodes } from '../chaincode/types.js';
import type { SystemChaincode } from '../launcher/inproc/types.js';

/** Names that Fabric keeps for plugins that were chaincode once; nobody can invoke them. */
const reserved: ReadonlySet<string> = new Set(['vscc', 'escc']);

/** The system chaincodes of this peer by name. */
export class SystemChaincodeRegistry implements SystemChaincodes {
  readonly #chaincodes: ReadonlyMap<string, SystemChaincode>;

  constructor(chaincodes: readonly SystemChaincode[]) {
    this.#chaincodes = new Map(chaincodes.map((one) => [one.name, one]));
  }

  /** The names to start, in the order given. */
  get names(): string[] {
    return [...this.#chaincodes.keys()];
  }

  isSystemChaincode(name: string): boolean {
    return this.#chaincodes.has(name) || reserved.has(name);
  }

  isInvokableExternal(name: string): boolean {
    return this.#chaincodes.get(name)?.invokableExternal ?? !reserved.has(name);
  }

  isInvokableCC2CC(name: string): boolean {
    return this.#chaincodes.get(name)?.invokableCC2CC ?? !reserved.has(name);
  }
}

/** The names that no user chaincode may have; for those who are made before the chaincodes themselves. */
export const systemChaincodeNames: ReadonlySet<string> = new Set(['lscc', 'cscc', 'qscc', ...reserved]);
