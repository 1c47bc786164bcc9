import { LauncherError, wrap } from '../errors.js';
import type { ChaincodeStream, ChaincodeStreamHandler, StreamSession } from '../launcher/stream.js';
import { chaincodeName } from '../launcher/types.js';
import type { ChaincodeContainerInfo, LaunchOrigin } from '../launcher/types.js';
import { peer } from '../protos/index.js';
import { containerInfoOf } from './containerInfo.js';
import { executionResult } from './executionResult.js';
import { Handler } from './handler.js';
import type { HandlerRegistry } from './handlerRegistry.js';
import { parseInstance } from './instance.js';
import type { ChaincodeInstance } from './instance.js';
import { newMessage, Type } from './messages.js';
import type { MessageType } from './messages.js';
import type { HandlerServices, Invoker } from './services.js';
import type { ExecutionParams } from './transactionContext.js';
import type { ChaincodeExecutor, ChaincodeResult, TransactionParams } from './types.js';

/** Starts chaincode that is not running; RuntimeLauncher in the product. */
export interface Launcher {
  /** @param origin the transaction that asks */
  launch(info: ChaincodeContainerInfo, origin?: LaunchOrigin): Promise<void>;
  stop(info: ChaincodeContainerInfo): Promise<void>;
}

export interface ChaincodeSupportOptions extends Omit<HandlerServices, 'invoker'> {
  readonly registry: HandlerRegistry;
  readonly launcher: Launcher;
  /** Milliseconds that one INIT or TRANSACTION may take. */
  readonly executeTimeoutMs: number;
  /** Dev mode: a chaincode that is missing was to be started by the user. */
  readonly userRunsChaincode?: boolean;
}

/** Runs chaincode for the endorser: launches it if necessary, then INIT or TRANSACTION (contract 1.1). */
export class ChaincodeSupport implements ChaincodeExecutor, Invoker, ChaincodeStreamHandler {
  readonly #options: ChaincodeSupportOptions;
  readonly #services: HandlerServices;

  constructor(options: ChaincodeSupportOptions) {
    this.#options = options;
    this.#services = { ...options, invoker: this };
  }

  /** Serves the peer's side of a new stream, whatever carries it. */
  open(stream: ChaincodeStream): StreamSession {
    return new Handler(stream, this.#options.registry, this.#services);
  }

  async execute(
    params: TransactionParams,
    name: string,
    version: string,
    input: peer.ChaincodeInput,
  ): Promise<ChaincodeResult> {
    return executionResult(params.txId, name, this.invoke(params, name, version, input));
  }

  async executeLegacyInit(
    params: TransactionParams,
    name: string,
    version: string,
    spec: peer.ChaincodeDeploymentSpec,
  ): Promise<ChaincodeResult> {
    return this.#init(params, name, { ...containerInfoOf(spec), version }, spec);
  }

  /** Launches if necessary, then TRANSACTION; the chaincode's answer as it came. */
  async invoke(
    params: ExecutionParams,
    name: string,
    version: string,
    input: peer.ChaincodeInput,
  ): Promise<peer.ChaincodeMessage> {
    const handler = await this.launch(params, name, version);
    return this.#run(Type.TRANSACTION, params, input, handler);
  }

  /** The handler of a running chaincode; launches it from lscc's state when there is none. */
  async launch(params: ExecutionParams, name: string, version: string): Promise<Handler> {
    const cname = chaincodeName({ name, version });
    const running = this.#options.registry.handler(cname);
    if (running) return running;
    const channel = `[channel ${params.channelId}]`;
    let info: ChaincodeContainerInfo;
    try {
      if (!params.txSimulator) {
        throw new LauncherError(
          `could not get container info for chaincode ${name} without a ledger context\n`,
        );
      }
      info = await this.#options.lifecycle.chaincodeContainerInfo(name, params.txSimulator);
    } catch (error) {
      this.#hintInDevMode(cname);
      throw wrap(`${channel} failed to get chaincode container info for ${cname}`, error);
    }
    try {
      await this.#options.launcher.launch(info, params);
    } catch (error) {
      throw wrap(`${channel} could not launch chaincode ${cname}`, error);
    }
    return this.#launched(params.channelId, cname);
  }

  /** Starts every named system chaincode and runs its INIT, outside any channel. */
  async startSystemChaincodes(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#startSystemChaincode(name);
  }

  /** Stops a chaincode. Rejects with `error stopping container: ‹why›`. */
  async stop(info: ChaincodeContainerInfo): Promise<void> {
    await this.#options.launcher.stop(info);
  }

  /**
   * Stops the versions of a chaincode that no channel uses any more (Fabric leaves them running after an upgrade), each
   * as soon as it has answered what it works on. One that is called all the same is launched again.
   * @param keep so many of those that registered last go on running
   */
  async stopUnused(name: string, versionsInUse: readonly string[], keep = 0): Promise<void> {
    const unused = this.#options.registry.names
      .map(parseInstance)
      .filter((instance) => instance.name === name && !versionsInUse.includes(instance.version));
    const stopped = unused.slice(0, Math.max(0, unused.length - keep));
    await Promise.all(stopped.map((instance) => this.#stopIdle(instance)));
  }

  async #stopIdle({ name, version }: ChaincodeInstance): Promise<void> {
    await this.#options.registry.handler(chaincodeName({ name, version }))?.idle();
    // Only the name matters for a stop; the rest is what the store would say.
    await this.stop({ name, version, path: '', type: 'NODE', containerType: 'DOCKER' });
  }

  async #startSystemChaincode(name: string): Promise<void> {
    const version = this.#options.systemVersion;
    const info = { name, version, path: '', type: 'GOLANG', containerType: 'SYSTEM' } as const;
    const params = { channelId: '', txId: this.#options.newId(), creatorMspId: '' };
    const spec = new peer.ChaincodeDeploymentSpec();
    await this.#init(params, name, info, spec);
  }

  async #init(
    params: ExecutionParams,
    name: string,
    info: ChaincodeContainerInfo,
    spec: peer.ChaincodeDeploymentSpec,
  ): Promise<ChaincodeResult> {
    const cname = chaincodeName(info);
    const { registry, launcher } = this.#options;
    // LaunchInit: lscc knows nothing of this chaincode yet, so its state is not asked, and errors stay as they are.
    if (!registry.handler(cname)) await launcher.launch(info, params);
    const handler = this.#launched(params.channelId, cname);
    const input = spec.getChaincodeSpec()?.getInput() ?? new peer.ChaincodeInput();
    return executionResult(params.txId, name, this.#run(Type.INIT, params, input, handler));
  }

  #launched(channelId: string, cname: string): Handler {
    const handler = this.#options.registry.handler(cname);
    if (handler) return handler;
    throw new LauncherError(
      `[channel ${channelId}] claimed to start chaincode container for ${cname} but could not find handler`,
    );
  }

  async #run(
    type: MessageType,
    params: ExecutionParams,
    input: peer.ChaincodeInput,
    handler: Handler,
  ): Promise<peer.ChaincodeMessage> {
    let message: peer.ChaincodeMessage;
    try {
      message = newMessage(type, input.serializeBinary(), params.txId, params.channelId);
    } catch (error) {
      throw wrap('failed to create chaincode message', error);
    }
    try {
      return await handler.execute(params, message, this.#options.executeTimeoutMs);
    } catch (error) {
      throw wrap('error sending', error);
    }
  }

  #hintInDevMode(cname: string): void {
    if (!this.#options.userRunsChaincode) return;
    this.#options.logger.error(
      `You are attempting to perform an action other than Deploy on chaincode ${cname} that is not ready and you are in developer mode. Did you forget to Deploy your chaincode?`,
    );
  }
}
