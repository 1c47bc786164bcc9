import { LauncherError } from '../../errors.js';
import { chaincodeName } from '../types.js';
import type { CCID, ExitStatus, VMProvider, VMStart } from '../types.js';
import { vmName } from '../vmController.js';
import { InprocShim } from './inprocShim.js';
import type { ChaincodeStreamHandler } from '../stream.js';
import type { SystemChaincode } from './types.js';

interface Instance {
  readonly shim: InprocShim;
  readonly ended: Promise<void>;
}

/** Runs system chaincode as objects in this process, behind the same stream protocol (contract 1.6). */
export class InprocVMProvider implements VMProvider {
  readonly name = 'inproc';
  readonly #chaincodes = new Map<string, SystemChaincode>();
  readonly #instances = new Map<string, Instance>();
  #handler: ChaincodeStreamHandler | undefined;

  /** Names what serves the peer's side of the streams; to be told once, before the first start. */
  serveWith(handler: ChaincodeStreamHandler): void {
    this.#handler = handler;
  }

  /** Throws `‹name› already registered`. */
  register(chaincode: SystemChaincode): void {
    if (this.#chaincodes.has(chaincode.name)) throw new LauncherError(`${chaincode.name} already registered`);
    this.#chaincodes.set(chaincode.name, chaincode);
  }

  async start(request: VMStart): Promise<void> {
    const { ccid } = request;
    const chaincode = this.#chaincodes.get(ccid.name);
    if (!chaincode) throw new LauncherError(`${ccid.name} not registered`);
    const instance = vmName(ccid);
    if (this.#instances.has(instance)) throw new LauncherError(`chaincode running ${instance}`);
    if (!this.#handler) throw new LauncherError('no stream handler for system chaincode');
    let onEnd!: () => void;
    const ended = new Promise<void>((resolve) => {
      onEnd = resolve;
    });
    const shim = new InprocShim(chaincodeName(ccid), chaincode, this.#handler, () => {
      this.#instances.delete(instance);
      onEnd();
    });
    this.#instances.set(instance, { shim, ended });
  }

  async wait(ccid: CCID): Promise<ExitStatus> {
    const instance = this.#instances.get(vmName(ccid));
    if (!instance) throw new LauncherError(`${vmName(ccid)} not running`);
    await instance.ended;
    return { exitCode: 0, lastLines: [] };
  }

  async stop(ccid: CCID): Promise<void> {
    const instance = this.#instances.get(vmName(ccid));
    instance?.shim.close();
    await instance?.ended;
  }

  async healthCheck(): Promise<void> {
    // It lives as long as this process does.
  }

  async close(): Promise<void> {
    const running = [...this.#instances.values()];
    for (const { shim } of running) shim.close();
    await Promise.all(running.map(({ ended }) => ended));
  }
}
