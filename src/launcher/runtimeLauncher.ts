import { LauncherError, messageOf, wrap } from '../errors.js';
import type { Logger } from '../ops/log.js';
import type { RuntimeStart } from './containerRuntime.js';
import { failureText } from './failureText.js';
import type { LaunchJournal } from './journal.js';
import type { LaunchAttempt } from './launchRecord.js';
import type { LaunchState } from './launchState.js';
import type { LaunchMetrics } from './metrics.js';
import { chaincodeName } from './types.js';
import type { ChaincodeContainerInfo, ExitStatus, LaunchOrigin } from './types.js';

/** Tracks launching chaincode (contract 1.4). */
export interface LaunchRegistry {
  /** The launch of this chaincode that runs or has run, or a new one that the caller now owns. */
  launching(cname: string): { readonly state: LaunchState; readonly alreadyStarted: boolean };
  /** Forgets the launch and the handler, so that the next call starts anew. */
  deregister(cname: string): void;
}

/** Gets the code package of an installed chaincode. */
export interface PackageProvider {
  codePackage(name: string, version: string): Promise<Uint8Array>;
}

/** Runs chaincode; ContainerRuntime in the product. */
export interface Runtime {
  start(info: ChaincodeContainerInfo, start: RuntimeStart): Promise<void>;
  wait(info: ChaincodeContainerInfo): Promise<ExitStatus>;
  stop(info: ChaincodeContainerInfo): Promise<void>;
  /** Tells the VM that its chaincode has registered, or that its stream has ended. */
  registration(info: ChaincodeContainerInfo, registered: boolean): Promise<void>;
}

export interface RuntimeLauncherOptions {
  readonly runtime: Runtime;
  readonly registry: LaunchRegistry;
  readonly packages: PackageProvider;
  readonly journal: LaunchJournal;
  readonly metrics: LaunchMetrics;
  readonly logger: Logger;
  readonly startupTimeoutMs: number;
  /** How long a failed launch waits for its remains to be stopped before it lets the next one come. @default 30 s */
  readonly stopTimeoutMs?: number;
}

type Outcome =
  | { readonly kind: 'registered' }
  | { readonly kind: 'failed' | 'timeout' | 'notified'; readonly error: Error };

/**
 * Launches chaincode: one launch per `‹n›:‹v›`, whoever else asks waits on the same LaunchState (contract 1.2). Unlike
 * Fabric's, every failure on every path releases all waiters and lets the next call start anew, and is counted once.
 */
export class RuntimeLauncher {
  readonly #options: RuntimeLauncherOptions;

  constructor(options: RuntimeLauncherOptions) {
    this.#options = options;
  }

  /** Resolves when the chaincode has registered; rejects with Fabric's text, and behind it what happened. */
  async launch(info: ChaincodeContainerInfo, origin?: LaunchOrigin): Promise<void> {
    const begin = performance.now();
    const cname = chaincodeName(info);
    const { state, alreadyStarted } = this.#options.registry.launching(cname);
    let success = false;
    try {
      if (alreadyStarted) await this.#wait(state);
      else await this.#own(info, state, origin);
      success = true;
    } finally {
      this.#options.metrics.observeLaunch(cname, success, (performance.now() - begin) / 1000);
    }
  }

  /** Stops a chaincode. Rejects with `error stopping container: ‹why›`. */
  async stop(info: ChaincodeContainerInfo): Promise<void> {
    await this.#options.runtime.stop(info);
  }

  /** The stream of a registered chaincode has ended. */
  streamEnded(info: ChaincodeContainerInfo): void {
    this.#tellRegistration(info, false);
  }

  /** The owner's timer ends every launch, so this wait is bounded too. */
  async #wait(state: LaunchState): Promise<void> {
    await state.done;
    if (state.error) throw wrap('chaincode registration failed', state.error);
  }

  async #own(info: ChaincodeContainerInfo, state: LaunchState, origin?: LaunchOrigin): Promise<void> {
    const cname = chaincodeName(info);
    const attempt = this.#options.journal.begin(info);
    const abort = new AbortController();
    const ended = this.#options.metrics.launchBegins();
    const outcome = await this.#outcome(info, state, attempt, { signal: abort.signal, origin }).finally(
      ended,
    );
    if (outcome.kind === 'registered') {
      // A fast chaincode registers before its start is reported.
      attempt.step('started');
      attempt.step('registered');
      this.#tellRegistration(info, true);
      return;
    }
    abort.abort(outcome.error);
    if (outcome.kind === 'timeout') this.#options.metrics.countTimeout(cname);
    else this.#options.metrics.countFailure(cname);
    const text =
      outcome.kind === 'notified'
        ? wrap('chaincode registration failed', outcome.error).message
        : outcome.error.message;
    const error = new LauncherError(failureText(text, attempt), { cause: outcome.error });
    attempt.fail(error.message);
    this.#options.logger.error({ chaincode: cname, err: error }, `launch failed: ${error.message}`);
    await this.#clear(info);
    throw error;
  }

  /** Starts the chaincode and waits for the first of: registered, refused, exited, not started, too late. */
  async #outcome(
    info: ChaincodeContainerInfo,
    state: LaunchState,
    attempt: LaunchAttempt,
    how: Pick<RuntimeStart, 'signal' | 'origin'>,
  ): Promise<Outcome> {
    let own: Outcome | undefined;
    const end = (outcome: Exclude<Outcome, { kind: 'registered' }>): void => {
      if (state.notify(outcome.error)) own = outcome;
    };
    const timer = setTimeout(() => {
      const text = `timeout expired while starting chaincode ${chaincodeName(info)} for transaction`;
      end({ kind: 'timeout', error: new LauncherError(text) });
    }, this.#options.startupTimeoutMs);
    this.#start(info, attempt, how).then(
      () => {
        // A start that ends after its launch was given up is being stopped; nobody asks how it ended.
        if (!how.signal.aborted) this.#watch(info, state, attempt);
      },
      (error: unknown) => end({ kind: 'failed', error: asError(error) }),
    );
    await state.done;
    clearTimeout(timer);
    if (own) return own;
    return state.error ? { kind: 'notified', error: state.error } : { kind: 'registered' };
  }

  async #start(
    info: ChaincodeContainerInfo,
    attempt: LaunchAttempt,
    how: Pick<RuntimeStart, 'signal' | 'origin'>,
  ): Promise<void> {
    const codePackage = await this.#codePackage(info);
    try {
      await this.#options.runtime.start(info, { codePackage, progress: attempt, ...how });
    } catch (error) {
      throw wrap('error starting container', error);
    }
    attempt.step('started');
  }

  async #codePackage(info: ChaincodeContainerInfo): Promise<Uint8Array> {
    if (info.containerType === 'SYSTEM') return new Uint8Array();
    try {
      return await this.#options.packages.codePackage(info.name, info.version);
    } catch (error) {
      throw new LauncherError(
        `failed to get chaincode package: code package not found for chaincode with name '${info.name}', version '${info.version}'`,
        { cause: error },
      );
    }
  }

  /** Ends a launch whose chaincode ends before it registers; afterwards only notes the end. */
  #watch(info: ChaincodeContainerInfo, state: LaunchState, attempt: LaunchAttempt): void {
    const cname = chaincodeName(info);
    this.#options.runtime.wait(info).then(
      (exit) => {
        // A provider that told no output as it came may have kept the end of it.
        if (attempt.lines(1).length === 0) for (const line of exit.lastLines) attempt.output(line);
        attempt.exited(exit);
        this.#options.logger.info({ chaincode: cname, exitCode: exit.exitCode }, 'chaincode ended');
        state.notify(new LauncherError(`container exited with ${exit.exitCode}`));
      },
      (error: unknown) => {
        this.#options.logger.error({ chaincode: cname, err: error }, 'waiting for the chaincode failed');
        state.notify(wrap('failed to wait on container exit', error));
      },
    );
  }

  /** Who looks at the VM learns of it a little later; no caller waits for that. */
  #tellRegistration(info: ChaincodeContainerInfo, registered: boolean): void {
    this.#options.runtime
      .registration(info, registered)
      .catch((error: unknown) =>
        this.#options.logger.error(
          { chaincode: chaincodeName(info), err: error },
          `the registration could not be shown: ${messageOf(error)}`,
        ),
      );
  }

  /** Stops what may still run, then opens the way for the next launch, even if stopping fails or hangs. */
  async #clear(info: ChaincodeContainerInfo): Promise<void> {
    const cname = chaincodeName(info);
    const log = (error: unknown): void =>
      this.#options.logger.error({ chaincode: cname, err: error }, `stop failed: ${messageOf(error)}`);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.stopTimeoutMs ?? 30_000);
    });
    await Promise.race([this.#options.runtime.stop(info).catch(log), patience]);
    clearTimeout(timer);
    this.#options.registry.deregister(cname);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new LauncherError(messageOf(error));
}
