import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompiledConfig } from '../config/compile.js';
import { LauncherError, wrap } from '../errors.js';
import { defaultEndpoint, type EngineTls } from '../launcher/docker/endpoint.js';
import { Engine } from '../launcher/docker/engine.js';
import { hostConfigOf } from '../launcher/docker/hostConfig.js';
import { ImageBuilder } from '../launcher/docker/imageBuilder.js';
import { LaterRemoval } from '../launcher/docker/laterRemoval.js';
import { DockerMetrics } from '../launcher/docker/metrics.js';
import { DockerVMProvider } from '../launcher/docker/provider.js';
import type { VMProvider } from '../launcher/types.js';
import type { UserProviderParts } from './userProviderParts.js';
import { fabricBaseVersion, fabricVersion } from './version.js';

/** The provider that runs chaincode on the Docker engine of vm.endpoint. The engine need not run yet. */
export async function dockerProvider({ config, logs, metrics }: UserProviderParts): Promise<VMProvider> {
  const { docker, endpoint } = config.vm;
  const { runtimes, builder, pull, golangDynamicLink } = config.chaincode;
  const logger = logs.logger('dockercontroller');
  const tls = await engineTls(docker.tls);
  const engine = new Engine({ endpoint: endpoint || defaultEndpoint, ...(tls && { tls }) });
  const hostConfig = hostConfigOf(docker.hostConfig);
  const peer = { networkId: config.peer.networkId, peerId: config.peer.id };
  const later = new LaterRemoval(engine, logger);
  const imageBuilder = new ImageBuilder({
    engine,
    settings: {
      builder,
      pull,
      golangDynamicLink,
      runtimes: {
        GOLANG: runtimes.golang,
        CAR: runtimes.car,
        JAVA: runtimes.java,
        NODE: runtimes.node,
      },
    },
    versions: { version: fabricVersion, base: fabricBaseVersion },
    hostConfig,
    peer,
    dir: join(config.peer.fileSystemPath, 'chaincode-images'),
    later,
    metrics: new DockerMetrics(metrics),
    logger,
  });
  return new DockerVMProvider({
    engine,
    peer,
    hostConfig,
    attachStdout: docker.attachStdout,
    images: docker.images,
    builder: imageBuilder,
    later,
    logger,
    chaincodeLogger: (name) => logs.logger(name),
  });
}

/** Reads the files of vm.docker.tls. @throws LauncherError that names the key */
async function engineTls(tls: CompiledConfig['vm']['docker']['tls']): Promise<EngineTls | undefined> {
  if (!tls.enabled) return undefined;
  const read = async (key: string, file: string): Promise<Buffer> => {
    if (file === '') {
      throw new LauncherError(`vm.docker.tls.enabled is true but vm.docker.tls.${key}.file is not set`);
    }
    try {
      return await readFile(file);
    } catch (error) {
      throw wrap(`cannot read vm.docker.tls.${key}.file`, error);
    }
  };
  return {
    ca: await read('ca', tls.caFile),
    cert: await read('cert', tls.certFile),
    key: await read('key', tls.keyFile),
  };
}
