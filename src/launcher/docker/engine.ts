import { Duplex, Readable } from 'node:stream';
import Docker from 'dockerode';
import { LauncherError } from '../../errors.js';
import { abortedLater } from './abortedLater.js';
import { requestConnection } from './agent.js';
import { parseEndpoint, type EngineAddress, type EngineTls } from './endpoint.js';
import { EngineTimeoutError, engineError, isNotFound } from './errors.js';
import { imageReference } from './imageReference.js';
import { readEvents } from './progressEvents.js';
import type { ContainerSpec } from './types.js';

export interface EngineOptions {
  /** vm.endpoint */
  readonly endpoint: string;
  /** Mutual TLS; absent = none. */
  readonly tls?: EngineTls;
  /** Requests that take no signal of a launch may not take for ever either: the engine may hang. @default 30 s */
  readonly patienceMs?: number;
}

/** How long the answer to a creation is waited for after its launch was given up. */
const answerAfterAbortMs = 10_000;

/** A container as a list shows it. */
export interface LabelledContainer {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What has become of a container. */
export interface ContainerState {
  readonly running: boolean;
  readonly exitCode: number;
}

/** The library mixes query and body unless they are given apart; its types do not know that. */
function request(query: Readonly<Record<string, unknown>>, more: object): object {
  return { _query: query, _body: {}, ...more };
}

/** The library's types know less of its streams than is there. */
function readable(stream: unknown): Readable {
  if (stream instanceof Readable) return stream;
  throw new LauncherError('the answer of the Docker engine is no stream');
}

function duplex(stream: unknown): Duplex {
  if (stream instanceof Duplex) return stream;
  throw new LauncherError('the connection to the Docker engine was not handed over');
}

/**
 * The requests to a Docker engine that running chaincode needs, as Fabric 1.4 sends them: without an API version in the
 * path, so that the engine takes its own.
 * Every method rejects with an EngineApiError or an EngineConnectionError, or with the reason of the given signal.
 */
export class Engine {
  readonly endpoint: string;
  readonly #address: EngineAddress;
  readonly #tls: EngineTls | undefined;
  readonly #patienceMs: number;

  constructor({ endpoint, tls, patienceMs = 30_000 }: EngineOptions) {
    this.endpoint = endpoint;
    this.#patienceMs = patienceMs;
    this.#address = parseEndpoint(endpoint, tls !== undefined);
    this.#tls = tls;
  }

  async ping(timeoutMs: number): Promise<void> {
    await this.#within(timeoutMs, (docker, abortSignal) =>
      // The library's types lack this method's options.
      (docker as unknown as { ping(options: object): Promise<unknown> }).ping({ abortSignal }),
    );
  }

  /**
   * A launch that is given up meanwhile waits for the answer: the engine makes the container all the same, and only the
   * answer says which one is to be removed.
   * @returns the container's id
   */
  async create(spec: ContainerSpec, name: string | undefined, signal: AbortSignal): Promise<string> {
    const patience = abortedLater(signal, answerAfterAbortMs);
    const query = name === undefined ? {} : { name };
    const options = { _query: query, _body: spec, abortSignal: patience.signal };
    try {
      const created = await this.#ask(
        (docker) => docker.createContainer(options as Docker.ContainerCreateOptions),
        signal,
      );
      return created.id;
    } finally {
      patience.release();
    }
  }

  /** The containers with this label, whatever state they are in. */
  async labelled(label: string): Promise<LabelledContainer[]> {
    const found = await this.#within(this.#patienceMs, (docker, abortSignal) =>
      docker.listContainers({ all: true, filters: { label: [label] }, abortSignal }),
    );
    return found.map(({ Id, Labels }) => ({ id: Id, labels: Labels }));
  }

  async start(container: string, signal: AbortSignal): Promise<void> {
    await this.#ask((docker) => docker.getContainer(container).start({ abortSignal: signal }), signal);
  }

  /** SIGTERM, and at once SIGKILL. */
  async stop(container: string): Promise<void> {
    await this.#within(
      this.#patienceMs,
      (docker, abortSignal) =>
        docker.getContainer(container).stop(request({ t: 0 }, { abortSignal })) as Promise<unknown>,
    );
  }

  async kill(container: string): Promise<void> {
    await this.#within(this.#patienceMs, (docker, abortSignal) =>
      docker.getContainer(container).kill({ abortSignal }),
    );
  }

  async remove(container: string, force: boolean): Promise<void> {
    await this.#within(this.#patienceMs, (docker, abortSignal) =>
      docker.getContainer(container).remove(request(force ? { force: 1 } : {}, { abortSignal })),
    );
  }

  /** Resolves with the exit code when the container has ended, at once when it does not run. */
  async wait(container: string, signal?: AbortSignal): Promise<number> {
    const options = signal ? { abortSignal: signal } : {};
    const answer: unknown = await this.#ask((docker) => docker.getContainer(container).wait(options), signal);
    return exitCodeOf(answer);
  }

  /** undefined when there is no such container. */
  async state(container: string, signal: AbortSignal): Promise<ContainerState | undefined> {
    try {
      const { State } = await this.#ask(
        (docker) => docker.getContainer(container).inspect({ abortSignal: signal }),
        signal,
      );
      return { running: State.Running || State.Restarting, exitCode: State.ExitCode };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Unpacks a tar (gzipped or not) in the container, which need not run. */
  async upload(container: string, path: string, tar: Buffer, signal: AbortSignal): Promise<void> {
    await this.#ask(
      (docker) => docker.getContainer(container).putArchive(tar, { path, abortSignal: signal }),
      signal,
    );
  }

  /** The tar of a folder in the container. */
  async download(container: string, path: string, signal: AbortSignal): Promise<Readable> {
    const stream = await this.#ask(
      (docker) => docker.getContainer(container).getArchive({ path, abortSignal: signal }),
      signal,
    );
    return readable(stream);
  }

  /** What the container prints, from its beginning, in Docker's framing of standard output and standard error. */
  async attach(container: string, signal: AbortSignal): Promise<Duplex> {
    const query = { logs: 1, stderr: 1, stdout: 1, stream: 1 };
    const options = request(query, { hijack: true, abortSignal: signal });
    const stream = await this.#ask((docker) => docker.getContainer(container).attach(options), signal);
    return duplex(stream);
  }

  async hasImage(image: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ask((docker) => docker.getImage(image).inspect({ abortSignal: signal } as object), signal);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Gets an image from its registry. Rejects with what the registry or the engine said. */
  async pull(image: string, signal: AbortSignal): Promise<void> {
    const { repository, tag } = imageReference(image);
    const query = { fromImage: repository, tag };
    const stream = await this.#ask(
      (docker) => docker.createImage(request(query, { abortSignal: signal })),
      signal,
    );
    await this.#named(() => readEvents(readable(stream), () => undefined), signal);
  }

  /** Builds an image from a context (gzipped tar with a Dockerfile). */
  async build(
    context: Readable,
    query: Readonly<Record<string, string | number>>,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const stream = await this.#ask(
      (docker) => docker.buildImage(context, request(query, { abortSignal: signal })),
      signal,
    );
    await this.#named(() => readEvents(readable(stream), onLine), signal);
  }

  async #within<T>(ms: number, work: (docker: Docker, signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(ms);
    try {
      return await this.#connected((docker) => work(docker, signal));
    } catch (cause) {
      if (!signal.aborted) throw engineError(cause, this.endpoint);
      throw new EngineTimeoutError(`no answer from Docker endpoint ${this.endpoint} in ${ms / 1000} s`, {
        cause,
      });
    }
  }

  #ask<T>(work: (docker: Docker) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#named(() => this.#connected(work), signal);
  }

  /** Names what goes wrong. */
  async #named<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      // Who gave up knows better why than the broken request.
      signal?.throwIfAborted();
      throw engineError(error, this.endpoint);
    }
  }

  /** Asks on a connection of its own. */
  async #connected<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
    const address = this.#address;
    const https = address.kind === 'tcp' && address.https;
    const { agent, closed } = requestConnection(https);
    // What is not named here the library would take from DOCKER_HOST and its like.
    const docker = new Docker({
      socketPath: address.kind === 'unix' ? address.socketPath : undefined,
      host: address.kind === 'tcp' ? address.host : undefined,
      port: address.kind === 'tcp' ? address.port : undefined,
      protocol: https ? 'https' : 'http',
      pathPrefix: '/',
      timeout: undefined,
      ca: undefined,
      cert: undefined,
      key: undefined,
      ...this.#tls,
      agent,
      // An undefined value must reach the library: it is what hides the environment from it.
    } as Docker.DockerOptions);
    return Promise.race([work(docker), closed]);
  }
}

function exitCodeOf(answer: unknown): number {
  const code =
    typeof answer === 'object' && answer !== null
      ? (answer as { StatusCode?: unknown }).StatusCode
      : undefined;
  return typeof code === 'number' ? code : -1;
}
