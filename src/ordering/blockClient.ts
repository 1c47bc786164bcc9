import { createHash, X509Certificate } from 'node:crypto';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { seekEnvelope, seekInfo } from '../deliver/seekRequest.js';
import { statusName } from '../deliver/statusName.js';
import { LauncherError, wrap } from '../errors.js';
import { channelOptions, grpcCredentials, type ClientTls } from '../grpc/client.js';
import { rpcText } from '../grpc/rpcText.js';
import type { SigningIdentity } from '../msp/types.js';
import type { Logger } from '../ops/log.js';
import { orderer, type common } from '../protos/index.js';

/** Where a channel's blocks come from, by its present configuration. */
export interface OrderingService {
  /** host:port of each orderer. */
  readonly addresses: readonly string[];
  /** PEM of the authorities of their TLS certificates. */
  readonly tlsRoots: readonly Uint8Array[];
}

export interface BlockClientOptions {
  /** Asked at each attempt; undefined = the channel was not joined. */
  readonly orderingService: (channelId: string) => OrderingService | undefined;
  /** Who asks for the blocks: the peer. */
  readonly signer: SigningIdentity;
  /** undefined = the orderers are reached without TLS. */
  readonly tls?: {
    /** Further authorities: peer.tls.rootcert.file. */
    readonly roots: readonly Uint8Array[];
    /** Shown to orderers that ask for a certificate; PEM. */
    readonly client?: { readonly cert: Uint8Array; readonly key: Uint8Array };
  };
  readonly logger: Logger;
}

/** Far beyond every block: a stream that does not end by itself. */
const noEnd = Number.MAX_SAFE_INTEGER;

type DeliverStream = ClientDuplexStream<common.Envelope, orderer.DeliverResponse>;

/**
 * Takes a peer's blocks from the orderers that each channel's configuration names (core/deliverservice/blocksprovider).
 * One attempt uses one orderer; whoever calls again after an error gets the next one.
 */
export class BlockClient {
  readonly #options: BlockClientOptions;
  readonly #attempts = new Map<string, number>();

  constructor(options: BlockClientOptions) {
    this.#options = options;
  }

  /** Blocks in order from number `from` on, without an end. Throws with the orderer's name; ends when the signal aborts. */
  async *blocks(channelId: string, from: number, signal: AbortSignal): AsyncGenerator<common.Block> {
    const { address, tlsRoots } = this.#choose(channelId);
    const { signer, logger } = this.#options;
    const client = this.#client(address, tlsRoots);
    try {
      // Signed before the stream is opened: from then on somebody reads it, and no error comes too early.
      const request = await seekEnvelope(signer, channelId, seekInfo(from, noEnd, true), this.#tlsCertHash());
      signal.throwIfAborted();
      const stream = client.deliver();
      // The reader below gets every error; those after its end, as that of being cancelled, concern nobody.
      stream.on('error', () => undefined);
      const abort = (): void => stream.cancel();
      signal.addEventListener('abort', abort, { once: true });
      try {
        stream.write(request);
        logger.info(
          { channel: channelId, orderer: address, from },
          `[${channelId}] asks ${address} for blocks from [${from}] on`,
        );
        yield* this.#read(stream);
      } finally {
        signal.removeEventListener('abort', abort);
        stream.cancel();
      }
    } catch (error) {
      if (signal.aborted) return;
      throw wrap(`orderer ${address}`, error);
    } finally {
      client.close();
    }
  }

  async *#read(stream: DeliverStream): AsyncGenerator<common.Block> {
    try {
      for await (const answer of stream as AsyncIterable<orderer.DeliverResponse>) {
        const block = answer.getBlock();
        if (!block) throw new LauncherError(`got unexpected status: ${statusName(answer.getStatus())}`);
        yield block;
      }
    } catch (error) {
      throw isServiceError(error) ? new LauncherError(rpcText(error), { cause: error }) : error;
    }
    throw new LauncherError('the stream of blocks ended');
  }

  /** The orderers one after another: one that is down must not be asked for ever. */
  #choose(channelId: string): { address: string; tlsRoots: readonly Uint8Array[] } {
    const service = this.#options.orderingService(channelId);
    if (!service) throw new LauncherError(`channel ${channelId} not found`);
    const attempt = this.#attempts.get(channelId) ?? 0;
    this.#attempts.set(channelId, attempt + 1);
    const address = service.addresses[attempt % service.addresses.length];
    if (address === undefined) {
      throw new LauncherError(`the configuration of channel ${channelId} names no orderer`);
    }
    return { address, tlsRoots: service.tlsRoots };
  }

  #client(address: string, tlsRoots: readonly Uint8Array[]): orderer.AtomicBroadcastClient {
    const { tls } = this.#options;
    const credentials: ClientTls = tls
      ? {
          rootCa: Buffer.concat([...tlsRoots, ...tls.roots].flatMap((pem) => [pem, Buffer.from('\n')])),
          ...(tls.client && { clientCert: tls.client.cert, clientKey: tls.client.key }),
        }
      : {};
    return new orderer.AtomicBroadcastClient(address, grpcCredentials(credentials), channelOptions());
  }

  #tlsCertHash(): Uint8Array | undefined {
    const cert = this.#options.tls?.client?.cert;
    return cert && createHash('sha256').update(new X509Certificate(cert).raw).digest();
  }
}

function isServiceError(error: unknown): error is Parameters<typeof rpcText>[0] {
  return error instanceof Error && 'code' in error && 'details' in error;
}
