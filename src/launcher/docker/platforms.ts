import type { ChaincodeType } from '../types.js';

/** How Fabric 1.4 builds a platform's chaincode in a container, and where the result goes (contract 5.6). */
interface DockerPlatform {
  /** For `/bin/sh -c`: reads /chaincode/input, leaves the result in /chaincode/output. */
  buildCommand(path: string, golangDynamicLink: boolean): string;
  /** Folder of the runtime image into which the result is unpacked. */
  readonly destination: string;
}

const staticLink = `-ldflags "-linkmode external -extldflags '-static'"`;

export const dockerPlatforms: Readonly<Record<ChaincodeType, DockerPlatform>> = {
  GOLANG: {
    buildCommand: (path, dynamicLink) =>
      `GOPATH=/chaincode/input:$GOPATH go build  ${dynamicLink ? '' : staticLink} -o /chaincode/output/chaincode ${path}`,
    destination: '/usr/local/bin',
  },
  CAR: {
    buildCommand: () =>
      'java -jar /usr/local/bin/chaintool buildcar /chaincode/input/codepackage.car -o /chaincode/output/chaincode',
    destination: '/usr/local/bin',
  },
  JAVA: { buildCommand: () => './build.sh', destination: '/root/chaincode-java/chaincode' },
  NODE: {
    buildCommand: () =>
      'cp -R /chaincode/input/src/. /chaincode/output && cd /chaincode/output && npm install --production',
    destination: '/usr/local/src',
  },
};
