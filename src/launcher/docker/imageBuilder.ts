import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, wrap } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import { chaincodeName, type VMStart } from '../types.js';
import { isAbandoned, workName } from '../workName.js';
import { buildContext } from './archives.js';
import { runBuilder } from './builderContainer.js';
import { dockerfile } from './dockerfile.js';
import type { Engine } from './engine.js';
import { builderImage, runtimeImage, type FabricVersions, type ImageSettings } from './images.js';
import type { LaterRemoval } from './laterRemoval.js';
import { Leftovers } from './leftovers.js';
import type { DockerMetrics } from './metrics.js';
import { peerName, type PeerNames } from './names.js';
import { dockerPlatforms } from './platforms.js';
import type { HostConfig } from './types.js';

export interface ImageBuilderOptions {
  readonly engine: Engine;
  readonly settings: ImageSettings;
  readonly versions: FabricVersions;
  readonly hostConfig: HostConfig;
  /** Whose builders these are. */
  readonly peer: PeerNames;
  /** Where results lie on their way from container to image. */
  readonly dir: string;
  /** Takes containers that can not be removed at once. */
  readonly later: LaterRemoval;
  readonly metrics: DockerMetrics;
  readonly logger: Logger;
}

/** Makes the image of a chaincode: its platform's build in a container, and the result on top of the runtime image. */
export class ImageBuilder {
  readonly #options: ImageBuilderOptions;
  readonly #leftovers: Leftovers;
  #prepared: Promise<void> | undefined;

  constructor(options: ImageBuilderOptions) {
    this.#options = options;
    const { engine, peer, later, logger } = options;
    this.#leftovers = new Leftovers(engine, peerName(peer), later, logger);
  }

  /**
   * Rejects with `Failed to generate platform-specific docker build: ‹why›`, or with
   * `Failed to build an image on ‹runtime image›: ‹what the engine said›`.
   */
  async build(image: string, request: VMStart, signal: AbortSignal): Promise<void> {
    const begin = performance.now();
    let success = false;
    // The result may be large: it goes from container to image by way of a file, not through the memory.
    const work = join(this.#options.dir, workName());
    try {
      await this.#prepare();
      await mkdir(work, { mode: 0o700 });
      const outputFile = join(work, 'binpackage.tar');
      const size = await this.#platformBuild(request, outputFile, signal);
      await this.#imageBuild(image, request, { path: outputFile, size }, signal);
      success = true;
    } catch (error) {
      if (!signal.aborted)
        this.#options.logger.error({ err: error }, `Error building image: ${messageOf(error)}`);
      throw error;
    } finally {
      await rm(work, { recursive: true, force: true });
      this.#options.metrics.observeBuild(
        chaincodeName(request.ccid),
        success,
        (performance.now() - begin) / 1000,
      );
    }
  }

  /** Removes what builds of this process have left on the engine. Never rejects. */
  close(): Promise<void> {
    return this.#leftovers.close();
  }

  /** Once: makes the folder, and removes what a killed predecessor has left in it. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#prepareOnce().catch((error: unknown) => {
      // The next build tries again.
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async #prepareOnce(): Promise<void> {
    const { dir } = this.#options;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const left = (await readdir(dir)).filter(isAbandoned);
    await Promise.all(left.map((name) => rm(join(dir, name), { recursive: true, force: true })));
  }

  async #platformBuild(request: VMStart, outputFile: string, signal: AbortSignal): Promise<number> {
    const { engine, settings, versions, hostConfig } = this.#options;
    const { type, path, codePackage, progress } = request;
    try {
      return await runBuilder(engine, this.#leftovers, {
        image: builderImage(type, settings, versions),
        command: dockerPlatforms[type].buildCommand(path, settings.golangDynamicLink),
        codePackage,
        hostConfig,
        outputFile,
        onLine: (line) => progress.output(line),
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw wrap('Failed to generate platform-specific docker build', error);
    }
  }

  async #imageBuild(
    image: string,
    { ccid, type, progress }: VMStart,
    binpackage: { path: string; size: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { engine, settings, versions, hostConfig } = this.#options;
    const base = runtimeImage(type, settings, versions);
    const context = buildContext(dockerfile({ type, ...ccid, runtimeImage: base, versions }), binpackage);
    const query = {
      networkmode: hostConfig.NetworkMode,
      t: image,
      // Unlike Fabric: a step that fails leaves no container behind.
      forcerm: 1,
      ...(settings.pull && { pull: 1 }),
    };
    try {
      await engine.build(context, query, (line) => progress.output(line), signal);
    } catch (error) {
      signal.throwIfAborted();
      // The engine's words need not say which image was missing or broken.
      throw wrap(`Failed to build an image on ${base}`, error);
    }
  }
}
