import { createHash, X509Certificate } from 'node:crypto';
import { connect } from 'node:net';
import { Metadata, type ChannelCredentials, type Client, type ServiceError } from '@grpc/grpc-js';
import { LauncherError, wrap } from '../../errors.js';
import { statusName } from '../../deliver/statusName.js';
import { channelOptions, grpcCredentials } from '../../grpc/client.js';
import { rpcText } from '../../grpc/rpcText.js';
import { common, orderer, peer } from '../../protos/index.js';
import { fileError, readInput } from '../files.js';
import type { CliIo } from '../io.js';
import type { PeerSettings } from '../settings.js';

/** Proposals may launch a chaincode, which takes up to the peer's startuptimeout. */
const proposalDeadlineMs = 360_000;

/** One peer that is dialled. */
export class PeerConnection {
  readonly address: string;
  readonly tlsCertHash: Uint8Array | undefined;
  readonly #endorser: peer.EndorserClient;
  readonly #deliver: peer.DeliverClient;

  private constructor(
    address: string,
    endorser: peer.EndorserClient,
    deliver: peer.DeliverClient,
    hash?: Uint8Array,
  ) {
    this.address = address;
    this.#endorser = endorser;
    this.#deliver = deliver;
    this.tlsCertHash = hash;
  }

  /** @param rootCertFile overrides the settings' file. Rejects when the peer does not answer within connTimeout. */
  static async connect(
    io: CliIo,
    settings: PeerSettings,
    address: string,
    rootCertFile: string | undefined,
    command: string,
  ): Promise<PeerConnection> {
    const prefix = `error getting endorser client for ${command}`;
    const rootFile = rootCertFile ?? settings.tlsRootCertFile ?? '';
    let credentials: ChannelCredentials = grpcCredentials();
    let hash: Uint8Array | undefined;
    if (settings.tlsEnabled) {
      const rootCa = await readPem(
        io,
        rootFile,
        `${prefix}: failed to load config for PeerClient: unable to load peer.tls.rootcert.file`,
      );
      const client = settings.clientAuthRequired ? await clientPair(io, settings) : undefined;
      credentials = grpcCredentials({ rootCa, ...client });
      if (client) hash = createHash('sha256').update(new X509Certificate(client.clientCert).raw).digest();
    }
    const options = channelOptions({ serverNameOverride: settings.tlsServerHostOverride ?? '' });
    const connection = new PeerConnection(
      address,
      new peer.EndorserClient(address, credentials, options),
      new peer.DeliverClient(address, credentials, options),
      hash,
    );
    try {
      await ready(connection.#endorser, address, settings.connTimeoutMs);
    } catch (error) {
      connection.close();
      throw wrap(
        `${prefix}: endorser client failed to connect to ${address}: failed to create new connection`,
        error,
      );
    }
    return connection;
  }

  /** Rejects with `rpc error: code = … desc = …`. */
  processProposal(proposal: peer.SignedProposal): Promise<peer.ProposalResponse> {
    return new Promise((resolve, reject) => {
      this.#endorser.processProposal(
        proposal,
        new Metadata(),
        { deadline: Date.now() + proposalDeadlineMs },
        (error, response) => {
          if (error) reject(new LauncherError(rpcText(error), { cause: error }));
          else if (response) resolve(response);
          else reject(new LauncherError('the peer answered nothing'));
        },
      );
    });
  }

  deliverFiltered(): ReturnType<peer.DeliverClient['deliverFiltered']> {
    return this.#deliver.deliverFiltered();
  }

  deliver(): ReturnType<peer.DeliverClient['deliver']> {
    return this.#deliver.deliver();
  }

  close(): void {
    this.#endorser.close();
    this.#deliver.close();
  }
}

/** Where and how the orderer is reached. */
export interface OrdererOptions {
  readonly address: string;
  readonly tls: boolean;
  readonly caFile?: string;
  readonly serverNameOverride?: string;
  readonly connTimeoutMs: number;
}

/** The orderer that transactions are sent to. */
export class OrdererConnection {
  readonly #client: orderer.AtomicBroadcastClient;

  private constructor(client: orderer.AtomicBroadcastClient) {
    this.#client = client;
  }

  static async connect(io: CliIo, options: OrdererOptions): Promise<OrdererConnection> {
    const { address } = options;
    if (!/^[^:]+:\d+$|^\[.*\]:\d+$/.test(address)) {
      throw new LauncherError(`ordering service endpoint ${address} is not valid or missing`);
    }
    const prefix = 'error getting broadcast client';
    let credentials = grpcCredentials();
    if (options.tls) {
      const rootCa = await readPem(
        io,
        options.caFile ?? '',
        `${prefix}: failed to load config for OrdererClient: unable to load orderer.tls.rootcert.file`,
      );
      credentials = grpcCredentials({ rootCa });
    }
    const client = new orderer.AtomicBroadcastClient(
      address,
      credentials,
      channelOptions({ serverNameOverride: options.serverNameOverride ?? '' }),
    );
    try {
      await ready(client, address, options.connTimeoutMs);
    } catch (error) {
      client.close();
      throw wrap(
        `${prefix}: orderer client failed to connect to ${address}: failed to create new connection`,
        error,
      );
    }
    return new OrdererConnection(client);
  }

  /** Resolves when the orderer has accepted the transaction. Rejects with `got unexpected status: ‹S› -- ‹info›`. */
  broadcast(envelope: common.Envelope): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = this.#client.broadcast();
      stream.on('error', (error: ServiceError) =>
        reject(new LauncherError(`could not send: ${rpcText(error)}`, { cause: error })),
      );
      stream.on('data', (answer: orderer.BroadcastResponse) => {
        stream.end();
        if (answer.getStatus() === common.Status.SUCCESS) resolve();
        else
          reject(
            new LauncherError(
              `got unexpected status: ${statusName(answer.getStatus())} -- ${answer.getInfo()}`,
            ),
          );
      });
      stream.write(envelope);
    });
  }

  deliver(): ReturnType<orderer.AtomicBroadcastClient['deliver']> {
    return this.#client.deliver();
  }

  close(): void {
    this.#client.close();
  }
}

async function ready(client: Client, address: string, timeoutMs: number): Promise<void> {
  await dial(address, timeoutMs);
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + timeoutMs, (error) => {
      if (error) reject(new LauncherError('context deadline exceeded', { cause: error }));
      else resolve();
    });
  });
}

/** Says at once, and in Go's words, that nobody listens; gRPC would try until the timeout. */
function dial(address: string, timeoutMs: number): Promise<void> {
  const [, host, port] = /^(?:dns:(?:\/\/\/)?)?\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  if (host === undefined || port === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), timeout: timeoutMs });
    const end = (): void => {
      socket.destroy();
      resolve();
    };
    socket.once('connect', end).once('timeout', end);
    socket.once('error', (error: NodeJS.ErrnoException & { address?: string }) => {
      if (error.code !== 'ECONNREFUSED') return end();
      const text = `dial tcp ${error.address ?? host}:${port}: connect: connection refused`;
      const cause = { cause: error };
      reject(new LauncherError(`connection error: desc = "transport: error while dialing: ${text}"`, cause));
    });
  });
}

async function readPem(io: CliIo, file: string, prefix: string): Promise<Buffer> {
  try {
    return await readInput(io, file);
  } catch (error) {
    throw wrap(prefix, error);
  }
}

async function clientPair(
  io: CliIo,
  settings: PeerSettings,
): Promise<{ clientCert: Buffer; clientKey: Buffer }> {
  const read = async (file: string | undefined): Promise<Buffer> => {
    if (!file) throw fileError('open', '', { code: 'ENOENT' });
    return readInput(io, file);
  };
  return { clientCert: await read(settings.clientCertFile), clientKey: await read(settings.clientKeyFile) };
}
