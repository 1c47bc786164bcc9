import type { Readable } from 'node:stream';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { messageOf, wrap } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { ArtifactDesk, Offer } from './artifactDesk.js';
import { TokenRefused, type PodIdentity, type TokenVerifier } from './tokenVerifier.js';

/** Which Pod of an attempt asks. */
export type PodRole = 'chaincode' | 'build';

/** Knows whose Pod is whose; the operator has written it into the launch's status. */
export interface PodDirectory {
  /** The role of this Pod in this attempt; undefined when it has none, also not after a short wait. */
  roleOf(launch: string, attempt: number, pod: PodIdentity): Promise<PodRole | undefined>;
}

export interface ArtifactServerOptions {
  readonly desk: ArtifactDesk;
  readonly verifier: Pick<TokenVerifier, 'verify'>;
  readonly directory: PodDirectory;
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string };
  readonly logger: Logger;
}

interface AttemptRoute {
  Params: { launch: string; attempt: string };
}

/** The body of `files`: what is written into the Pod's memory. */
export interface FilesBody {
  readonly files: readonly { readonly path: string; readonly mode: number; readonly content: string }[];
}

/** A prewarmed Pod asks again after so long. */
const longPollMs = 25_000;

const route = '/v1/launches/:launch/:attempt';

/**
 * The endpoint from which the Pods of launches fetch packages, build outputs and TLS files, and to which builds bring
 * their output. A Pod proves who it is by its token; only the Pod of the running attempt gets anything.
 */
export class ArtifactServer {
  readonly #options: ArtifactServerOptions;
  readonly #server: FastifyInstance;

  constructor(options: ArtifactServerOptions) {
    this.#options = options;
    this.#server = fastify({
      https: { ...options.tls, minVersion: 'TLSv1.2' },
      forceCloseConnections: true,
      bodyLimit: Number.MAX_SAFE_INTEGER,
      // A build output of hundreds of megabytes may come slowly.
      requestTimeout: 0,
    });
    this.#server.removeAllContentTypeParsers();
    this.#server.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    this.#addRoutes();
  }

  /** Resolves with the port. @throws LauncherError when the address is taken */
  async listen(host: string, port: number): Promise<number> {
    try {
      await this.#server.listen({ host, port });
    } catch (error) {
      throw wrap(`artifacts: failed to listen on ${host}:${port}`, error);
    }
    const bound = this.#server.server.address();
    return typeof bound === 'object' && bound ? bound.port : port;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  #addRoutes(): void {
    const { desk } = this.#options;
    this.#server.get<AttemptRoute>(`${route}/files`, async (request, reply) =>
      this.#serve(request, reply, 'chaincode', async (offer): Promise<FilesBody> => ({
        files: offer.files.map(({ path, mode, content }) => ({
          path,
          mode,
          content: Buffer.from(content).toString('base64'),
        })),
      })),
    );
    this.#server.get<AttemptRoute>(`${route}/package`, async (request, reply) =>
      this.#serve(request, reply, 'build', async (offer) => {
        void reply.header('digest', offer.packageDigest).type('application/gzip');
        return Buffer.from(
          offer.codePackage.buffer,
          offer.codePackage.byteOffset,
          offer.codePackage.byteLength,
        );
      }),
    );
    this.#server.get<AttemptRoute>(`${route}/output`, async (request, reply) =>
      this.#serve(request, reply, 'chaincode', async (offer) => {
        if (offer.output === undefined) {
          void reply.code(404);
          return { error: 'this launch has no build output' };
        }
        const { content, size } = await desk.openOutput(offer.output);
        void reply.header('digest', offer.output).header('content-length', size).type('application/x-tar');
        return content;
      }),
    );
    this.#server.get<AttemptRoute>(`${route}/assignment`, async (request, reply) =>
      this.#serve(request, reply, 'chaincode', async (_offer, _attempt, pod) => {
        const over = new AbortController();
        request.raw.socket.once('close', () => over.abort());
        const signal = AbortSignal.any([over.signal, AbortSignal.timeout(longPollMs)]);
        const assignment = await desk.assignment(request.params.launch, pod.podUid, signal);
        if (!assignment) void reply.code(204);
        return assignment;
      }),
    );
    this.#server.put<AttemptRoute>(`${route}/output`, async (request, reply) =>
      this.#serve(request, reply, 'build', async (_offer, attempt) => ({
        digest: await desk.receive(request.params.launch, attempt, request.body as Readable),
      })),
    );
  }

  async #serve(
    request: FastifyRequest<AttemptRoute>,
    reply: FastifyReply,
    role: PodRole,
    answer: (offer: Offer, attempt: number, pod: PodIdentity) => Promise<unknown>,
  ): Promise<unknown> {
    const { desk, verifier, directory, logger } = this.#options;
    const { launch } = request.params;
    const attempt = Number(request.params.attempt);
    const refuse = (code: number, why: string): { error: string } => {
      logger.warn({ launch, attempt, from: request.ip }, `artifacts refused: ${why}`);
      void reply.code(code);
      return { error: why };
    };
    try {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined) return refuse(401, 'no bearer token');
      const pod = await verifier.verify(token);
      const offer = desk.find(launch, attempt);
      if (offer?.assignedTo === pod.podUid && role === 'chaincode') return await answer(offer, attempt, pod);
      if (!offer)
        return refuse(
          410,
          `launch ${launch} attempt ${attempt} is not under way: it was given up or replaced`,
        );
      if ((await directory.roleOf(launch, attempt, pod)) !== role) {
        return refuse(
          403,
          `Pod ${pod.podName} is not the ${role} Pod of launch ${launch} attempt ${attempt}`,
        );
      }
      return await answer(offer, attempt, pod);
    } catch (error) {
      if (error instanceof TokenRefused) return refuse(401, error.message);
      logger.error({ launch, attempt, err: error }, `artifacts: ${messageOf(error)}`);
      void reply.code(500);
      return { error: messageOf(error) };
    }
  }
}
