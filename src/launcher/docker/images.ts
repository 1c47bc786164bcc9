import type { ChaincodeType } from '../types.js';

/** Versions of Fabric that image names, labels and the build level speak of. */
export interface FabricVersions {
  /** Of the peer, such as 1.4.12. */
  readonly version: string;
  /** Of Fabric's base images, such as 0.4.22. */
  readonly base: string;
}

/** The images and switches of core.yaml; an empty text stands for Fabric's own image. */
export interface ImageSettings {
  readonly builder: string;
  readonly runtimes: Readonly<Record<ChaincodeType, string>>;
  readonly golangDynamicLink: boolean;
  /** chaincode.pull: ask the registry for a newer runtime image at each build. */
  readonly pull: boolean;
}

/** What Fabric's sample core.yaml has; never `latest`, which would be another image tomorrow. */
const fabricImages: Readonly<Record<ChaincodeType | 'builder', string>> = {
  builder: '$(DOCKER_NS)/fabric-ccenv:$(TWO_DIGIT_VERSION)',
  GOLANG: '$(BASE_DOCKER_NS)/fabric-baseos:$(ARCH)-$(BASE_VERSION)',
  CAR: '$(BASE_DOCKER_NS)/fabric-baseos:$(ARCH)-$(BASE_VERSION)',
  JAVA: '$(DOCKER_NS)/fabric-javaenv:$(TWO_DIGIT_VERSION)',
  NODE: '$(BASE_DOCKER_NS)/fabric-baseimage:$(ARCH)-$(BASE_VERSION)',
};

/** Go's names of the processors that Fabric's images are made for. */
const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** Replaces $(ARCH) and the other macros that Fabric allows in names of images (contract 5.6). */
export function expandMacros(image: string, versions: FabricVersions): string {
  const values: Readonly<Record<string, string>> = {
    ARCH: goArchitectures[process.arch] ?? process.arch,
    PROJECT_VERSION: versions.version,
    TWO_DIGIT_VERSION: versions.version.split('.').slice(0, 2).join('.'),
    BASE_VERSION: versions.base,
    DOCKER_NS: 'hyperledger',
    BASE_DOCKER_NS: 'hyperledger',
  };
  return image.replaceAll(/\$\(([A-Z_]+)\)/g, (macro, name: string) => values[name] ?? macro);
}

/** The image in which chaincode of a type runs. */
export function runtimeImage(type: ChaincodeType, settings: ImageSettings, versions: FabricVersions): string {
  return expandMacros(settings.runtimes[type] || fabricImages[type], versions);
}

/** The image in which chaincode of a type is built: Java's is the one it runs in. */
export function builderImage(type: ChaincodeType, settings: ImageSettings, versions: FabricVersions): string {
  if (type === 'JAVA') return runtimeImage(type, settings, versions);
  return expandMacros(settings.builder || fabricImages.builder, versions);
}
