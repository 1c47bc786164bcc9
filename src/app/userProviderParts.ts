import type { Registry } from 'prom-client';
import type { LaunchCa } from '../chaincode/launchCa.js';
import type { CompiledConfig } from '../config/compile.js';
import type { LogRegistry } from '../ops/logRegistry.js';

/** What a provider of user chaincode is made from. */
export interface UserProviderParts {
  readonly config: CompiledConfig;
  readonly logs: LogRegistry;
  readonly metrics: Registry;
  /** undefined = TLS is off. */
  readonly launchCa: LaunchCa | undefined;
  /** host:port that chaincode dials; final once the listener listens. */
  readonly chaincodeAddress: () => string;
  /** Where builds and launch folders of chaincode processes lie; default below peer.fileSystemPath. */
  readonly processDir?: string;
}
