import { LauncherError, messageOf } from '../../errors.js';
import { common, decode, peer } from '../../protos/index.js';
import type { ChaincodeFlags } from '../chaincode/flags.js';
import { seekEnvelope, seekInfo, type Position } from '../../deliver/seekRequest.js';
import { readOneBlock } from '../clients/blocks.js';
import { buildProposal } from '../clients/proposals.js';
import { UsageError } from '../errors.js';
import { fileError, writeOutput } from '../files.js';
import { pathOf, type CliIo } from '../io.js';
import { Session } from '../session.js';
import { readFile } from 'node:fs/promises';

export interface ChannelFlags extends Partial<ChaincodeFlags> {
  blockpath?: string;
  bestEffort?: boolean;
}

/** `channel join -b ‹genesis block›` */
export async function joinCommand(io: CliIo, flags: ChannelFlags): Promise<void> {
  const path = flags.blockpath;
  if (!path) throw new UsageError('Must supply genesis block path');
  await withSession(io, flags, async (session) => {
    const block = await readFile(pathOf(io, path)).catch((error: unknown) => {
      throw new LauncherError(`genesis block file not found ${fileError('open', path, error).message}`, {
        cause: error,
      });
    });
    const proposal = await buildProposal(session.signer, {
      channelId: '',
      chaincode: 'cscc',
      args: [Buffer.from('JoinChain'), block],
      type: common.HeaderType.CONFIG,
    });
    const response = await session.peer.processProposal(proposal.signed).catch((error: unknown) => {
      throw new LauncherError(`proposal failed (err: ${messageOf(error)})`, { cause: error });
    });
    const inner = response.getResponse();
    if (inner?.getStatus() !== 200) {
      throw new LauncherError(
        `proposal failed (err: bad proposal response ${inner?.getStatus() ?? 0}: ${inner?.getMessage() ?? ''})`,
      );
    }
    session.log.info('channelCmd', 'executeJoin', 'Successfully submitted proposal to join channel');
  });
}

/** `channel list` */
export async function listChannelsCommand(io: CliIo, flags: ChannelFlags): Promise<void> {
  await withSession(io, flags, async (session) => {
    const payload = await query(session, 'cscc', ['GetChannels']);
    const channels = decode(peer.ChannelQueryResponse, payload, 'ChannelQueryResponse').getChannelsList();
    const names = channels.map((one) => one.getChannelId());
    if (flags.output === 'json') io.stdout.write(`${JSON.stringify(names)}\n`);
    else io.stdout.write(['Channels peers has joined: ', ...names, ''].join('\n'));
  });
}

/** `channel getinfo -c ‹channel›` */
export async function getInfoCommand(io: CliIo, flags: ChannelFlags): Promise<void> {
  const { channelID } = flags;
  if (!channelID) throw new UsageError('Must supply channel ID');
  await withSession(io, flags, async (session) => {
    const payload = await query(session, 'qscc', ['GetChainInfo', channelID]);
    const info = decode(common.BlockchainInfo, payload, 'BlockchainInfo');
    const json = JSON.stringify({
      height: info.getHeight(),
      currentBlockHash: info.getCurrentblockhash_asB64(),
      ...(info.getPreviousblockhash_asU8().length > 0 && {
        previousBlockHash: info.getPreviousblockhash_asB64(),
      }),
    });
    io.stdout.write(flags.output === 'json' ? `${json}\n` : `Blockchain info: ${json}\n`);
  });
}

/** `channel fetch oldest|newest|config|‹number› [‹file›] -c ‹channel›` */
export async function fetchCommand(io: CliIo, words: readonly string[], flags: ChannelFlags): Promise<void> {
  const [target, file] = words;
  const { channelID } = flags;
  if (target === undefined)
    throw new UsageError('fetch target required, oldest, newest, config, or a number');
  if (!channelID) throw new UsageError('Must supply channel ID');
  await withSession(io, flags, async (session) => {
    const read = await blockReader(session, channelID, flags);
    let block: common.Block;
    if (target === 'config') {
      const newest = await read('newest');
      const index = lastConfig(newest);
      session.log.info('channelCmd', 'fetch', `Retrieving last config block: ${index}`);
      block = await read(index);
    } else {
      block = await read(positionOf(target));
    }
    const number = block.getHeader()?.getNumber() ?? 0;
    session.log.info('cli.common', 'readBlock', `Received block: ${number}`);
    await writeOutput(io, file ?? `${channelID}_${target}.block`, block.serializeBinary(), 0o644);
  });
}

/** Reads from the orderer that -o names, else from the peer. */
async function blockReader(
  session: Session,
  channelId: string,
  flags: ChannelFlags,
): Promise<(position: Position) => Promise<common.Block>> {
  const orderer = flags.orderer === undefined ? undefined : await session.connectOrderer(channelId);
  return async (position) => {
    const info = seekInfo(position, position, false, flags.bestEffort);
    const envelope = await seekEnvelope(session.signer, channelId, info, session.peer.tlsCertHash);
    return orderer
      ? readOneBlock(orderer.deliver(), envelope)
      : readOneBlock(session.peer.deliver(), envelope);
  };
}

function positionOf(target: string): Position {
  if (target === 'oldest' || target === 'newest') return target;
  if (!/^\d+$/.test(target)) throw new LauncherError(`fetch target illegal: ${target}`);
  return Number(target);
}

function lastConfig(block: common.Block): number {
  const bytes = block.getMetadata()?.getMetadataList_asU8()[1];
  if (!bytes || bytes.length === 0) return 0;
  const metadata = decode(common.Metadata, bytes, 'Metadata');
  return decode(common.LastConfig, metadata.getValue_asU8(), 'LastConfig').getIndex();
}

async function query(session: Session, chaincode: string, args: readonly string[]): Promise<Uint8Array> {
  const proposal = await session.propose('', chaincode, args);
  const response = await session.peer.processProposal(proposal.signed).catch((error: unknown) => {
    throw new LauncherError(`Failed sending proposal, got ${messageOf(error)}`, { cause: error });
  });
  const inner = response.getResponse();
  if (inner?.getStatus() !== 200) {
    throw new LauncherError(
      `received bad response, status ${inner?.getStatus() ?? 0}: ${inner?.getMessage() ?? ''}`,
    );
  }
  return inner.getPayload_asU8();
}

async function withSession(
  io: CliIo,
  flags: ChannelFlags,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const session = await Session.open(io, flags);
  try {
    await session.connectPeers('channel');
    session.log.info('channelCmd', 'InitCmdFactory', 'Endorser and orderer connections initialized');
    await work(session);
  } finally {
    session.close();
  }
}
