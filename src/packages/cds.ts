import { peer } from '../protos/index.js';
import { numberOfPlatform, type Platform } from './platform.js';

/** What a package says about its chaincode, and the code itself. */
export interface DeploymentSpecOptions {
  readonly platform: Platform;
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** Arguments that `package -c` puts in; install and deploy do not use them. */
  readonly args?: readonly Uint8Array[];
  /** The gzipped tar; left out for lscc deploy and upgrade, which take the installed one. */
  readonly codePackage?: Uint8Array;
}

/** Makes the ChaincodeDeploymentSpec of `package`, `install`, `instantiate` and `upgrade`; its bytes are a bare package. */
export function makeChaincodeDeploymentSpec(options: DeploymentSpecOptions): peer.ChaincodeDeploymentSpec {
  const id = new peer.ChaincodeID();
  id.setPath(options.path);
  id.setName(options.name);
  id.setVersion(options.version);
  const input = new peer.ChaincodeInput();
  input.setArgsList([...(options.args ?? [])]);
  const chaincodeSpec = new peer.ChaincodeSpec();
  chaincodeSpec.setType(numberOfPlatform(options.platform));
  chaincodeSpec.setChaincodeId(id);
  chaincodeSpec.setInput(input);
  const spec = new peer.ChaincodeDeploymentSpec();
  spec.setChaincodeSpec(chaincodeSpec);
  if (options.codePackage !== undefined) spec.setCodePackage(options.codePackage);
  return spec;
}
