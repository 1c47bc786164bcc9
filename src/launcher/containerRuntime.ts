import { LauncherError, wrap } from '../errors.js';
import { launchArgs, launchEnv, tlsFiles } from './launchConfig.js';
import type { ChaincodeLogging, LaunchConfig, LaunchTls } from './launchConfig.js';
import { chaincodeName } from './types.js';
import type { CCID, ChaincodeContainerInfo, ExitStatus, LaunchOrigin, LaunchProgress } from './types.js';
import { registrationRequest, startRequest, stopRequest, waitRequest } from './vmController.js';
import type { VMController } from './vmController.js';

/** A client certificate that was made for one launch. */
export interface LaunchCertificate extends LaunchTls {
  /** Ends the certificate's right to register. May be called twice. */
  release(): void;
}

/** Makes the certificate with which a launched chaincode proves its name. */
export interface CertGenerator {
  generate(cname: string): Promise<LaunchCertificate>;
}

export interface ContainerRuntimeOptions {
  readonly controller: VMController;
  /** host:port that the chaincode dials. May be known only after the listener is bound. */
  readonly peerAddress: () => string;
  readonly logging: ChaincodeLogging;
  /** Absent = TLS is off. */
  readonly certificates?: CertGenerator;
  readonly localMspId?: string;
}

/** What one start needs beside the chaincode's name. */
export interface RuntimeStart {
  readonly codePackage: Uint8Array;
  readonly progress: LaunchProgress;
  readonly origin?: LaunchOrigin | undefined;
  /** Aborted when nobody waits for this launch any more: a build or pull may be given up. */
  readonly signal: AbortSignal;
}

function ccidOf(info: ChaincodeContainerInfo): CCID {
  return { name: info.name, version: info.version };
}

/** Gives a chaincode its command line, environment and files, and hands it to the VM controller (contract 5). */
export class ContainerRuntime {
  readonly #options: ContainerRuntimeOptions;
  /** The certificate of the launch that runs now, by `‹n›:‹v›`. */
  readonly #certificates = new Map<string, LaunchCertificate>();

  constructor(options: ContainerRuntimeOptions) {
    this.#options = options;
  }

  /** Rejects with `error starting container: ‹why›`. */
  async start(info: ChaincodeContainerInfo, start: RuntimeStart): Promise<void> {
    const config = await this.#launchConfig(info);
    const request = startRequest({
      ccid: ccidOf(info),
      type: info.type,
      path: info.path,
      ...config,
      codePackage: start.codePackage,
      peerAddress: this.#options.peerAddress(),
      origin: start.origin,
      progress: start.progress,
      signal: start.signal,
    });
    try {
      await this.#options.controller.process(info.containerType, request);
    } catch (error) {
      throw wrap('error starting container', error);
    }
  }

  /** Resolves when the chaincode ends; from then on its certificate no longer registers. */
  async wait(info: ChaincodeContainerInfo): Promise<ExitStatus> {
    const certificate = this.#certificates.get(chaincodeName(info));
    try {
      return await this.#options.controller.process(info.containerType, waitRequest(ccidOf(info)));
    } finally {
      certificate?.release();
    }
  }

  /** Rejects with `error stopping container: ‹why›`. */
  async stop(info: ChaincodeContainerInfo): Promise<void> {
    const cname = chaincodeName(info);
    this.#certificates.get(cname)?.release();
    this.#certificates.delete(cname);
    try {
      await this.#options.controller.process(info.containerType, stopRequest(ccidOf(info)));
    } catch (error) {
      throw wrap('error stopping container', error);
    }
  }

  /** Tells the VM that its chaincode has registered, or that its stream has ended. */
  async registration(info: ChaincodeContainerInfo, registered: boolean): Promise<void> {
    const request = registrationRequest(ccidOf(info), registered);
    await this.#options.controller.process(info.containerType, request);
  }

  async #launchConfig(info: ChaincodeContainerInfo): Promise<LaunchConfig> {
    const { certificates, logging, localMspId, peerAddress } = this.#options;
    const cname = chaincodeName(info);
    const args = launchArgs(info.type, peerAddress());
    // System chaincode speaks through memory: no key is made that nobody reads.
    if (!certificates || info.containerType === 'SYSTEM') {
      return { args, env: launchEnv(cname, logging, false, localMspId), files: [] };
    }
    const certificate = await this.#certificate(cname, certificates);
    return { args, env: launchEnv(cname, logging, true, localMspId), files: tlsFiles(certificate) };
  }

  async #certificate(cname: string, generator: CertGenerator): Promise<LaunchCertificate> {
    this.#certificates.get(cname)?.release();
    try {
      const certificate = await generator.generate(cname);
      this.#certificates.set(cname, certificate);
      return certificate;
    } catch (error) {
      throw new LauncherError(wrap(`failed to generate TLS certificates for ${cname}`, error).message, {
        cause: error,
      });
    }
  }
}
