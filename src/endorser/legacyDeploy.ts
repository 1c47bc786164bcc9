import type { ChaincodeExecutor, SystemChaincodes, TransactionParams } from '../chaincode/types.js';
import { LauncherError, wrap } from '../errors.js';
import type { PackageStore } from '../packages/types.js';
import { validateCodePackage } from '../packages/validateCodePackage.js';
import { decode, peer } from '../protos/index.js';
import type { EndorserMetrics } from './metrics.js';

/** Hears how far the transaction of an instantiate or upgrade is; the launch's journal does it. */
export interface LaunchReporter {
  bindTransaction(chaincodeName: string, txId: string): void;
  stepOfTransaction(txId: string, step: 'initDone' | 'endorsed'): void;
}

export interface LegacyDeployOptions {
  readonly packages: PackageStore;
  readonly executor: ChaincodeExecutor;
  readonly systemChaincodes: SystemChaincodes;
  readonly metrics: EndorserMetrics;
  readonly launches?: LaunchReporter;
}

/**
 * An Init that ends with this status or more has failed. The Go shim says so itself; the Node shim of 2.x sends such a
 * response as if all were well, and Fabric would instantiate a chaincode that refused it.
 */
const initFailure = 500;

/** Are these arguments of lscc a deploy or upgrade that it has looked at? */
export function isDeployment(args: readonly Uint8Array[]): boolean {
  return args.length >= 3 && ['deploy', 'upgrade'].includes(Buffer.from(args[0] ?? []).toString());
}

/**
 * Launches the chaincode that lscc agreed to and runs its Init in the same simulation (contract 10.3). Its response and
 * event are dropped; a failed Init fails the proposal.
 * @returns `‹name›:‹version›`
 */
export async function legacyDeploy(
  options: LegacyDeployOptions,
  params: TransactionParams,
  args: readonly Uint8Array[],
): Promise<string> {
  const given = decode(peer.ChaincodeDeploymentSpec, args[2] ?? new Uint8Array(), 'ChaincodeDeploymentSpec');
  await validateCodePackage(given.getChaincodeSpec()?.getType() ?? 0, given.getCodePackage_asU8());
  const { spec, name, version } = await sanitized(options.packages, given);
  if (options.systemChaincodes.isSystemChaincode(name)) {
    throw new LauncherError(`attempting to deploy a system chaincode ${name}/${params.channelId}`);
  }
  const chaincode = `${name}:${version}`;
  try {
    const { response } = await options.executor.executeLegacyInit(params, name, version, spec);
    if (response.getStatus() >= initFailure) {
      throw new LauncherError(`transaction returned with failure: ${response.getMessage()}`);
    }
  } catch (error) {
    options.metrics.initFailed(params.channelId, chaincode);
    throw error;
  }
  options.launches?.bindTransaction(chaincode, params.txId);
  options.launches?.stepOfTransaction(params.txId, 'initDone');
  return chaincode;
}

/** What runs is what an admin installed here: of the client's spec only the input of Init is taken. */
async function sanitized(
  packages: PackageStore,
  given: peer.ChaincodeDeploymentSpec,
): Promise<{ spec: peer.ChaincodeDeploymentSpec; name: string; version: string }> {
  const givenSpec = given.getChaincodeSpec();
  const id = givenSpec?.getChaincodeId();
  const installed = await packages
    .get(id?.getName() ?? '', id?.getVersion() ?? '')
    .catch((error: unknown) => {
      throw wrap(
        'cannot deploy a chaincode which is not installed',
        wrap('could not get chaincode from fs', error),
      );
    });
  const chaincodeSpec = new peer.ChaincodeSpec();
  const installedSpec = installed.spec.getChaincodeSpec();
  chaincodeSpec.setType(installedSpec?.getType() ?? 0);
  chaincodeSpec.setChaincodeId(installedSpec?.getChaincodeId());
  chaincodeSpec.setTimeout(installedSpec?.getTimeout() ?? 0);
  chaincodeSpec.setInput(givenSpec?.getInput());
  const spec = new peer.ChaincodeDeploymentSpec();
  spec.setChaincodeSpec(chaincodeSpec);
  return { spec, name: installed.name, version: installed.version };
}
