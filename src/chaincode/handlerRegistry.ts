import { LauncherError } from '../errors.js';
import { LaunchState } from '../launcher/launchState.js';
import type { LaunchRegistry } from '../launcher/runtimeLauncher.js';
import type { Handler, HandlerDirectory } from './handler.js';

/** Which chaincode has registered and which is being launched, by `‹n›:‹v›` (contract 1.4). */
export class HandlerRegistry implements LaunchRegistry, HandlerDirectory {
  readonly #allowUnsolicited: boolean;
  readonly #onStreamEnded: (cname: string) => void;
  readonly #handlers = new Map<string, Handler>();
  /** An entry stays as long as the chaincode runs: it marks "launched already". */
  readonly #launching = new Map<string, LaunchState>();

  /**
   * @param allowUnsolicited dev mode: chaincode that nobody launched may register
   * @param onStreamEnded called when the stream of a registered chaincode has ended by itself
   */
  constructor(allowUnsolicited = false, onStreamEnded: (cname: string) => void = () => undefined) {
    this.#allowUnsolicited = allowUnsolicited;
    this.#onStreamEnded = onStreamEnded;
  }

  launching(cname: string): { state: LaunchState; alreadyStarted: boolean } {
    const known = this.#launching.get(cname);
    if (known) return { state: known, alreadyStarted: true };
    const state = new LaunchState();
    const alreadyStarted = this.#handlers.has(cname);
    if (alreadyStarted) state.notify();
    this.#launching.set(cname, state);
    return { state, alreadyStarted };
  }

  /** Throws when the name is taken (the first one is not harmed), or when no launch of it is pending. */
  register(cname: string, handler: Handler): void {
    if (this.#handlers.has(cname)) throw new LauncherError(`duplicate chaincodeID: ${cname}`);
    const launch = this.#launching.get(cname);
    // A launch that has failed already is being cleared away; whoever comes now belongs to nobody.
    if ((!launch || launch.error) && !this.#allowUnsolicited) {
      throw new LauncherError(
        `peer will not accept external chaincode connection ${cname} (except in dev mode)`,
      );
    }
    this.#handlers.set(cname, handler);
  }

  ready(cname: string): void {
    this.#launching.get(cname)?.notify();
  }

  handler(cname: string): Handler | undefined {
    return this.#handlers.get(cname);
  }

  /** Forgets launch and handler, and ends the handler's stream and its iterators. */
  deregister(cname: string): void {
    const handler = this.#handlers.get(cname);
    this.#launching.delete(cname);
    this.#handlers.delete(cname);
    handler?.close();
  }

  /** The stream of this handler has ended: forgets what this very handler had registered, and nothing else. */
  forget(cname: string, handler: Handler): void {
    if (this.#handlers.get(cname) !== handler) return;
    this.#handlers.delete(cname);
    this.#launching.get(cname)?.notify(new LauncherError('chaincode stream terminated'));
    this.#launching.delete(cname);
    this.#onStreamEnded(cname);
  }

  /** The chaincode that is registered now. */
  get names(): readonly string[] {
    return [...this.#handlers.keys()];
  }

  /** Ends every stream. */
  close(): void {
    for (const cname of this.names) this.deregister(cname);
  }
}
