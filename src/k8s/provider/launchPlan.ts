import { webcrypto } from 'node:crypto';
import type { KubernetesConfig } from '../../config/kubernetes.js';
import { LauncherError } from '../../errors.js';
import type { ChaincodeType, VMStart } from '../../launcher/types.js';
import type { LaunchSpec } from '../api/schema.js';
import type { BuildInput } from '../artifacts/outputStore.js';

export type PodPart = NonNullable<LaunchSpec['pod']>;

/** What the configuration says of launches on Kubernetes. */
export interface LaunchSettings extends Pick<
  KubernetesConfig,
  | 'platforms'
  | 'images'
  | 'imagesWithoutShell'
  | 'buildEnv'
  | 'timeouts'
  | 'networkPolicy'
  | 'endorserPodLabels'
  | 'prewarmed'
  | 'keepFinishedSeconds'
> {
  readonly golangDynamicLink: boolean;
  /** Pod settings of all chaincodes, and of some by `name:version` or `name`. */
  readonly pod: PodPart;
  readonly pods: Readonly<Record<string, PodPart>>;
}

/** What is launched: from the package, or from an image that has the chaincode already. */
export interface LaunchPlan {
  readonly image: string;
  readonly shell: boolean;
  readonly command: readonly string[];
  /** Absent = the image carries the chaincode. */
  readonly build?: BuildInput & { readonly mountPath: string };
  readonly pod: PodPart;
}

const keysOfRuntime: Readonly<Record<ChaincodeType, string>> = {
  GOLANG: 'chaincode.golang.runtime',
  CAR: 'chaincode.car.runtime',
  JAVA: 'chaincode.java.runtime',
  NODE: 'chaincode.node.runtime',
};

/** Fabric's place of the build output in its runtime images (contract 5.6). */
const mountPaths: Readonly<Record<ChaincodeType, string>> = {
  GOLANG: '/usr/local/bin',
  CAR: '/usr/local/bin',
  JAVA: '/root/chaincode-java/chaincode',
  NODE: '/usr/local/src',
};

/** Decides image, build and command of a launch. @throws LauncherError naming the setting that is missing */
export async function planLaunch(start: VMStart, settings: LaunchSettings): Promise<LaunchPlan> {
  const { ccid, type } = start;
  const platform = settings.platforms[type];
  const names = [`${ccid.name}:${ccid.version}`, ccid.name];
  const pod = { ...settings.pod, ...pick(settings.pods, names) };
  const command = platform.command
    ? ['/bin/sh', '-c', platform.command.replaceAll('{address}', start.peerAddress)]
    : start.args;
  const shell = !settings.imagesWithoutShell.some((name) => names.includes(name));
  const ready = pick(settings.images, names);
  if (ready !== undefined) return { image: ready, shell, command, pod };
  if (platform.runtime === '') {
    throw new LauncherError(
      `no image to run ${type} chaincode in: set ${keysOfRuntime[type]}, or vm.kubernetes.images`,
    );
  }
  if (platform.builder === '') {
    throw new LauncherError(`No image provided and "chaincode.builder" default does not exist`);
  }
  return {
    image: platform.runtime,
    shell,
    command,
    pod,
    build: {
      packageDigest: await sha256(start.codePackage),
      image: platform.builder,
      command: platform.buildCommand || buildCommand(type, start.path, settings),
      mountPath: platform.mountPath || mountPaths[type],
    },
  };
}

function pick<T>(map: Readonly<Record<string, T>>, names: readonly string[]): T | undefined {
  const name = names.find((each) => Object.hasOwn(map, each));
  return name === undefined ? undefined : map[name];
}

/** Beside the event loop: a package may have a hundred megabytes. */
async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await webcrypto.subtle.digest('SHA-256', bytes);
  return `sha256:${Buffer.from(digest).toString('hex')}`;
}

/** Fabric's build commands (contract 5.6); Node.js packages that bring node_modules, and Go modules, are taken as they are. */
function buildCommand(type: ChaincodeType, path: string, settings: LaunchSettings): string {
  const quoted = `'${path.replaceAll("'", `'\\''`)}'`;
  const ldflags = settings.golangDynamicLink ? '' : ` -ldflags "-linkmode external -extldflags '-static'"`;
  const commands: Readonly<Record<ChaincodeType, string>> = {
    GOLANG:
      `if [ -f /chaincode/input/src/go.mod ]; then cd /chaincode/input/src && go build${ldflags} -o /chaincode/output/chaincode .; ` +
      `else GO111MODULE=off GOPATH=/chaincode/input:$GOPATH go build${ldflags} -o /chaincode/output/chaincode ${quoted}; fi`,
    CAR: 'java -jar /usr/local/bin/chaintool buildcar /chaincode/input/codepackage.car -o /chaincode/output/chaincode',
    JAVA: './build.sh',
    NODE:
      'cp -R /chaincode/input/src/. /chaincode/output && cd /chaincode/output && ' +
      '{ [ -d node_modules ] || npm install --production; }',
  };
  return commands[type];
}
