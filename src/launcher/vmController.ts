import { LauncherError } from '../errors.js';
import type { CCID, ContainerType, ExitStatus, VM, VMProvider, VMStart } from './types.js';

/** What is asked of a VM; Fabric's VMCReq. A request that `locks` excludes the others of the same VM. */
export interface VMRequest<T> {
  readonly ccid: CCID;
  readonly locks: boolean;
  do(vm: VM): Promise<T>;
}

export function startRequest(start: VMStart): VMRequest<void> {
  return { ccid: start.ccid, locks: true, do: (vm) => vm.start(start) };
}

export function stopRequest(ccid: CCID): VMRequest<void> {
  return { ccid, locks: true, do: (vm) => vm.stop(ccid) };
}

/** Waiting takes no lock, or nothing could be stopped while it runs. */
export function waitRequest(ccid: CCID): VMRequest<ExitStatus> {
  return { ccid, locks: false, do: (vm) => vm.wait(ccid) };
}

/** Tells the VM whether its chaincode is registered; nothing is started or stopped by it. */
export function registrationRequest(ccid: CCID, registered: boolean): VMRequest<void> {
  return { ccid, locks: false, do: async (vm) => vm.registration?.(ccid, registered) };
}

/** The VM's name: `‹name›-‹version›`, or the name alone. */
export function vmName(ccid: CCID): string {
  return ccid.version === '' ? ccid.name : `${ccid.name}-${ccid.version}`;
}

/** Sends requests to the provider of a container type, one at a time per VM name (contract 1.5). */
export class VMController {
  readonly #providers: ReadonlyMap<ContainerType, VMProvider>;
  /** The end of the queue of each VM name; an entry lives only while somebody works or waits. */
  readonly #tails = new Map<string, Promise<void>>();

  constructor(providers: Readonly<Partial<Record<ContainerType, VMProvider>>>) {
    this.#providers = new Map(Object.entries(providers) as [ContainerType, VMProvider][]);
  }

  /** Rejects with what the provider said, or `Programming error: unsupported VM type: ‹t›`. */
  async process<T>(type: ContainerType, request: VMRequest<T>): Promise<T> {
    const provider = this.#providers.get(type);
    if (!provider) throw new LauncherError(`Programming error: unsupported VM type: ${type}`);
    return request.locks
      ? this.#exclusive(vmName(request.ccid), () => request.do(provider))
      : request.do(provider);
  }

  /** Names with work going on; for tests and for the debug log. */
  get lockedNames(): readonly string[] {
    return [...this.#tails.keys()];
  }

  async #exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name);
    let release!: () => void;
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#tails.set(name, mine);
    await before;
    try {
      return await work();
    } finally {
      if (this.#tails.get(name) === mine) this.#tails.delete(name);
      release();
    }
  }
}
