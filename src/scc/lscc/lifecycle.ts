import { containerInfoOf } from '../../chaincode/containerInfo.js';
import type { ChaincodeDefinition, Lifecycle } from '../../chaincode/types.js';
import { LauncherError, messageOf, wrap } from '../../errors.js';
import type { ChaincodeContainerInfo } from '../../launcher/types.js';
import type { QueryExecutor } from '../../ledger/types.js';
import { decodeChaincodeData } from '../../packages/chaincodeData.js';
import type { PackageStore } from '../../packages/types.js';
import { installedCode } from './installedCode.js';
import { definitionOf } from './state.js';

/** Packages whose instantiation policy is remembered. */
const rememberedPackages = 1000;

/** Looks chaincode up in lscc's state (contract 7.6). */
export class LsccLifecycle implements Lifecycle {
  readonly #packages: PackageStore;
  /** `‹name›:‹version›` → policy of the package. Installed packages never change. */
  readonly #packagePolicies = new Map<string, Uint8Array | undefined>();

  constructor(packages: PackageStore) {
    this.#packages = packages;
  }

  /** Throws `chaincode ‹n› not found`, `could not retrieve state for chaincode ‹n›: …`, `chaincode ‹n› has bad definition: …`. */
  chaincodeDefinition(name: string, queryExecutor: QueryExecutor): ChaincodeDefinition {
    const value = this.#state(name, queryExecutor);
    try {
      return decodeChaincodeData(value);
    } catch (error) {
      throw wrap(`chaincode ${name} has bad definition`, error);
    }
  }

  async chaincodeContainerInfo(name: string, queryExecutor: QueryExecutor): Promise<ChaincodeContainerInfo> {
    const value = this.#state(name, queryExecutor);
    try {
      const { spec } = await installedCode(this.#packages, definitionOf(name, value));
      return containerInfoOf(spec);
    } catch (error) {
      throw wrap('could not get chaincode code', error);
    }
  }

  /** Only a signed package has a policy of its own, and then the channel's must be the same. */
  async checkInstantiationPolicy({ name, version, instantiationPolicy }: ChaincodeDefinition): Promise<void> {
    const policy = await this.#packagePolicy(name, version);
    if (policy && !Buffer.from(policy).equals(instantiationPolicy)) {
      throw new LauncherError(`Instantiation policy mismatch for cc ${name}/${version}`);
    }
  }

  async #packagePolicy(name: string, version: string): Promise<Uint8Array | undefined> {
    const key = `${name}:${version}`;
    if (this.#packagePolicies.has(key)) return this.#packagePolicies.get(key);
    try {
      const { instantiationPolicy } = await this.#packages.get(name, version);
      if (this.#packagePolicies.size >= rememberedPackages) this.#packagePolicies.clear();
      this.#packagePolicies.set(key, instantiationPolicy);
      return instantiationPolicy;
    } catch (error) {
      throw new LauncherError(
        `cannot retrieve package for chaincode ${name}/${version}, error ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  #state(name: string, queryExecutor: QueryExecutor): Uint8Array {
    let value: Uint8Array | undefined;
    try {
      value = queryExecutor.getState('lscc', name);
    } catch (error) {
      throw wrap(`could not retrieve state for chaincode ${name}`, error);
    }
    if (!value) throw new LauncherError(`chaincode ${name} not found`);
    return value;
  }
}
