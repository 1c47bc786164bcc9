import type { ChaincodeType } from '../types.js';
import type { FabricVersions } from './images.js';
import { dockerPlatforms } from './platforms.js';

/** What the Dockerfile of a chaincode's image says. */
export interface DockerfileInput {
  readonly type: ChaincodeType;
  readonly name: string;
  readonly version: string;
  readonly runtimeImage: string;
  readonly versions: FabricVersions;
}

const label = 'org.hyperledger.fabric';

/** The Dockerfile, byte for byte as Fabric 1.4 writes it. */
export function dockerfile({ type, name, version, runtimeImage, versions }: DockerfileInput): string {
  return [
    `FROM ${runtimeImage}`,
    `ADD binpackage.tar ${dockerPlatforms[type].destination}`,
    `LABEL ${label}.chaincode.id.name="${name}" \\`,
    `      ${label}.chaincode.id.version="${version}" \\`,
    `      ${label}.chaincode.type="${type}" \\`,
    `      ${label}.version="${versions.version}" \\`,
    `      ${label}.base.version="${versions.base}"`,
    `ENV CORE_CHAINCODE_BUILDLEVEL=${versions.version}`,
  ].join('\n');
}
