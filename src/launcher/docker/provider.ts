import { LauncherError, messageOf, wrap } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import { chaincodeName, type CCID, type ExitStatus, type VMProvider, type VMStart } from '../types.js';
import { filesArchive } from './archives.js';
import { ensureImage } from './builderContainer.js';
import { Container, type ContainerOptions } from './container.js';
import type { Engine } from './engine.js';
import { EngineApiError, isNoSuchImage } from './errors.js';
import type { ImageBuilder } from './imageBuilder.js';
import type { LaterRemoval } from './laterRemoval.js';
import { removeContainer } from './removeContainer.js';
import { containerName, imageName, type PeerNames } from './names.js';
import type { ContainerSpec, HostConfig } from './types.js';

export interface DockerVMOptions {
  readonly engine: Engine;
  readonly peer: PeerNames;
  readonly hostConfig: HostConfig;
  /** vm.docker.attachStdout: what chaincode prints goes into the log as well. */
  readonly attachStdout: boolean;
  /** Images that carry their chaincode already, by `‹name›` or `‹name›:‹version›`. */
  readonly images: Readonly<Record<string, string>>;
  readonly builder: ImageBuilder;
  /** Takes containers that can not be removed at once. */
  readonly later: LaterRemoval;
  readonly logger: Logger;
  /** The logger of one chaincode's output. */
  readonly chaincodeLogger: (name: string) => Pick<Logger, 'info'>;
}

/** One name's place: a launch under way, running, or ended and not yet stopped. */
interface Instance {
  readonly abort: AbortController;
  /** Set as soon as the container runs. */
  container?: Container;
  /** Settles when the start is over, whichever way. */
  started: Promise<void>;
}

const healthTimeoutMs = 5_000;

/** Runs chaincode as containers of a Docker engine, request by request as Fabric 1.4's peer does (contract 5). */
export class DockerVMProvider implements VMProvider {
  readonly name = 'docker';
  readonly #options: DockerVMOptions;
  readonly #instances = new Map<string, Instance>();
  #closed = false;

  constructor(options: DockerVMOptions) {
    this.#options = options;
  }

  async start(request: VMStart): Promise<void> {
    if (this.#closed) throw new LauncherError('the docker provider was closed');
    const key = chaincodeName(request.ccid);
    await this.#giveUp(key);
    const instance: Instance = { abort: new AbortController(), started: Promise.resolve() };
    this.#instances.set(key, instance);
    const starting = this.#start(request, instance);
    instance.started = starting.catch(() => undefined);
    try {
      await starting;
    } catch (error) {
      if (this.#instances.get(key) === instance) this.#instances.delete(key);
      throw error;
    }
  }

  async wait(ccid: CCID): Promise<ExitStatus> {
    const container = this.#instances.get(chaincodeName(ccid))?.container;
    if (container === undefined) throw new LauncherError(`no such container: ${this.#container(ccid)}`);
    return container.exited();
  }

  async stop(ccid: CCID): Promise<void> {
    const key = chaincodeName(ccid);
    const instance = this.#instances.get(key);
    await this.#giveUp(key);
    try {
      await removeContainer(this.#options.engine, this.#container(ccid), this.#options.logger);
    } catch (error) {
      if (instance?.container) this.#options.later.add(instance.container.id);
      throw error;
    }
  }

  /** Its output was followed for the text of a failed launch only. */
  async registration(ccid: CCID, registered: boolean): Promise<void> {
    if (registered && !this.#options.attachStdout) {
      this.#instances.get(chaincodeName(ccid))?.container?.stopFollowing();
    }
  }

  async healthCheck(): Promise<void> {
    try {
      await this.#options.engine.ping(healthTimeoutMs);
    } catch (cause) {
      throw new LauncherError(`failed to ping to Docker daemon: ${messageOf(cause)}`, { cause });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const { engine, logger, builder, later } = this.#options;
    const ends = await Promise.allSettled(
      [...this.#instances].map(async ([key, instance]) => {
        await this.#giveUp(key);
        if (instance.container) await removeContainer(engine, instance.container.name, logger);
      }),
    );
    await builder.close();
    await later.close();
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** Ends a start under way and forgets the name; the container itself is left to removeContainer. */
  async #giveUp(key: string): Promise<void> {
    const instance = this.#instances.get(key);
    if (instance === undefined) return;
    instance.abort.abort(new LauncherError(`${key} was stopped while it was starting`));
    await instance.started;
    instance.container?.release();
    if (this.#instances.get(key) === instance) this.#instances.delete(key);
  }

  async #start(request: VMStart, instance: Instance): Promise<void> {
    const { engine, logger, later } = this.#options;
    const own = instance.abort.signal;
    const signal = request.signal ? AbortSignal.any([own, request.signal]) : own;
    const name = this.#container(request.ccid);
    await removeContainer(engine, name, logger).catch((error: unknown) =>
      // As in Fabric: what stands in the way is told by the creation.
      logger.debug({ err: error }, `could not remove an old container ${name}: ${messageOf(error)}`),
    );
    const id = await this.#create(name, request, signal);
    let container: Container | undefined;
    try {
      container = await Container.start({
        engine,
        name,
        id,
        files: await filesArchive(request.files),
        ...this.#outputOf(name, request),
        logger,
        signal,
      });
      signal.throwIfAborted();
    } catch (error) {
      container?.release();
      await removeContainer(engine, name, logger).catch((failed: unknown) => {
        logger.warn({ err: failed }, `could not remove the container ${name}: ${messageOf(failed)}`);
        later.add(id);
      });
      throw error;
    }
    instance.container = container;
    request.progress.step('started');
  }

  /** Creates the container, and its image before if that is missing. @returns the container's id */
  async #create(name: string, request: VMStart, signal: AbortSignal): Promise<string> {
    const { engine, peer, builder, images } = this.#options;
    const { ccid, progress } = request;
    const prebuilt = images[chaincodeName(ccid)] ?? images[ccid.name];
    const image = prebuilt ?? imageName(peer, ccid);
    const spec = this.#spec(image, request);
    const create = async (): Promise<string> => {
      try {
        return await engine.create(spec, name, signal);
      } catch (error) {
        // Its name is a person's, and the engine does not always repeat it.
        const named = prebuilt !== undefined && error instanceof EngineApiError && !isNoSuchImage(error);
        throw named ? wrap(`image ${prebuilt} (vm.docker.images)`, error) : error;
      }
    };
    let id: string;
    try {
      id = await create();
    } catch (error) {
      if (!isNoSuchImage(error)) throw error;
      if (prebuilt === undefined) await builder.build(image, request, signal);
      else await ensureImage(engine, image, signal);
      id = await create();
    }
    progress.step('packageKept');
    progress.step('built');
    return id;
  }

  #spec(image: string, { args, env }: VMStart): ContainerSpec {
    const { attachStdout, hostConfig } = this.#options;
    return {
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      Cmd: args,
      Image: image,
      ...(attachStdout && { AttachStdout: true, AttachStderr: true }),
      HostConfig: hostConfig,
    };
  }

  #container(ccid: CCID): string {
    return containerName(this.#options.peer, ccid);
  }

  #outputOf(name: string, { progress }: VMStart): Pick<ContainerOptions, 'onLine' | 'onOutputEnded'> {
    const { attachStdout, chaincodeLogger, logger } = this.#options;
    if (!attachStdout) return { onLine: (line) => progress.output(line), onOutputEnded: () => undefined };
    const log = chaincodeLogger(`peer.chaincode.${name}`);
    return {
      onLine: (line) => {
        log.info(line);
        progress.output(line);
      },
      onOutputEnded: () => logger.info(`Container ${name} has closed its IO channel`),
    };
  }
}
