import { LauncherError } from '../../errors.js';
import type { ChaincodeType } from '../types.js';
import { golangPlatform } from './golang.js';
import { javaPlatform } from './java.js';
import { nodePlatform } from './node.js';
import type { PlatformRuntime } from './platform.js';

const runtimes: Readonly<Record<ChaincodeType, PlatformRuntime | undefined>> = {
  GOLANG: golangPlatform,
  NODE: nodePlatform,
  JAVA: javaPlatform,
  // Needs chaintool, which was never published for use outside Fabric's own builder image.
  CAR: undefined,
};

/** The runtime of a platform. @throws for CAR, which only a container can build */
export function platformRuntime(type: ChaincodeType): PlatformRuntime {
  const runtime = runtimes[type];
  if (runtime === undefined) throw new LauncherError(`chaincode of type ${type} can not run as a process`);
  return runtime;
}
