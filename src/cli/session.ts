import { durationMs } from '../config/duration.js';
import { LauncherError, wrap } from '../errors.js';
import type { SigningIdentity } from '../msp/types.js';
import { common, decode } from '../protos/index.js';
import type { ChaincodeFlags } from './chaincode/flags.js';
import { parseTransient } from './chaincode/input.js';
import { CliLog } from './cliLog.js';
import { OrdererConnection, PeerConnection } from './clients/connections.js';
import { buildProposal, ordererEndpoints, type BuiltProposal } from './clients/proposals.js';
import type { CliIo } from './io.js';
import { loadPeerSettings, loadSigner, type PeerSettings } from './settings.js';

/** Who we are and whom we talk to, for one command; everything that it opened is closed by close(). */
export class Session {
  readonly io: CliIo;
  readonly log: CliLog;
  readonly settings: PeerSettings;
  readonly signer: SigningIdentity;
  readonly peers: PeerConnection[] = [];
  readonly #flags: Partial<ChaincodeFlags>;
  #orderer: OrdererConnection | undefined;

  private constructor(
    io: CliIo,
    settings: PeerSettings,
    signer: SigningIdentity,
    flags: Partial<ChaincodeFlags>,
  ) {
    this.io = io;
    this.log = new CliLog(io);
    this.settings = settings;
    this.signer = signer;
    this.#flags = flags;
  }

  /** Reads settings and identity; connects to nobody yet. */
  static async open(io: CliIo, flags: Partial<ChaincodeFlags>): Promise<Session> {
    const settings = await loadPeerSettings(io);
    return new Session(io, settings, await loadSigner(settings), flags);
  }

  /** Connects to the peers of --peerAddresses, or to the one of the settings. */
  async connectPeers(command: string, several = false): Promise<void> {
    const addresses = this.#flags.peerAddresses ?? [];
    const roots = this.#flags.tlsRootCertFiles ?? [];
    const prefix = 'error validating peer connection parameters';
    if (!several && addresses.length > 1) {
      throw new LauncherError(
        `${prefix}: '${command}' command can only be executed against one peer. received ${addresses.length}`,
      );
    }
    if (this.settings.tlsEnabled && addresses.length > 0 && roots.length !== addresses.length) {
      throw new LauncherError(
        `${prefix}: number of peer addresses (${addresses.length}) does not match the number of TLS root cert files (${roots.length})`,
      );
    }
    const targets = addresses.length > 0 ? addresses : [this.settings.address];
    for (const [index, address] of targets.entries()) {
      this.peers.push(await PeerConnection.connect(this.io, this.settings, address, roots[index], command));
    }
  }

  get peer(): PeerConnection {
    const [first] = this.peers;
    if (!first) throw new LauncherError('no endorser clients retrieved - this might indicate a bug');
    return first;
  }

  /** Connects to the orderer that -o names, else ORDERER_ADDRESS, else the channel's configuration. */
  async connectOrderer(channelId: string): Promise<OrdererConnection> {
    const { env } = this.io;
    const address =
      this.#flags.orderer ?? env['ORDERER_ADDRESS'] ?? (await this.#ordererOfChannel(channelId));
    const caFile = this.#flags.cafile ?? env['ORDERER_CA'];
    this.#orderer = await OrdererConnection.connect(this.io, {
      address,
      tls: this.#flags.tls ?? (this.#flags.orderer === undefined && env['ORDERER_CA'] !== undefined),
      ...(caFile !== undefined && { caFile }),
      ...(this.#flags.ordererTLSHostnameOverride !== undefined && {
        serverNameOverride: this.#flags.ordererTLSHostnameOverride,
      }),
      connTimeoutMs: durationMs(this.#flags.connTimeout ?? '3s'),
    });
    return this.#orderer;
  }

  /** A signed proposal with --transient. */
  propose(
    channelId: string,
    chaincode: string,
    args: readonly (Uint8Array | string)[],
  ): Promise<BuiltProposal> {
    return buildProposal(this.signer, {
      channelId,
      chaincode,
      args: args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg) : arg)),
      transient: parseTransient(this.#flags.transient),
    });
  }

  close(): void {
    for (const connection of this.peers) connection.close();
    this.#orderer?.close();
  }

  async #ordererOfChannel(channelId: string): Promise<string> {
    const proposal = await this.propose('', 'cscc', ['GetConfigBlock', channelId]);
    const response = await this.peer.processProposal(proposal.signed).catch((error: unknown) => {
      throw wrap('error getting channel configuration', error);
    });
    const inner = response.getResponse();
    if (inner?.getStatus() !== 200) {
      throw new LauncherError(`error getting (${channelId}) orderer endpoint: ${inner?.getMessage() ?? ''}`);
    }
    const [endpoint] = ordererEndpoints(decode(common.Block, inner.getPayload_asU8(), 'Block'));
    if (endpoint === undefined) {
      throw new LauncherError(`error getting (${channelId}) orderer endpoint: no orderer endpoint retrieved`);
    }
    this.log.info(
      'chaincodeCmd',
      'InitCmdFactory',
      `Retrieved channel (${channelId}) orderer endpoint: ${endpoint}`,
    );
    return endpoint;
  }
}
