import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelResourcesFromBlock } from '../channelconfig/bundle.js';
import { createDevNetwork, type DevNetwork } from '../devnet/network.js';
import { GrpcServer } from '../grpc/server.js';
import { loadLocalMsp } from '../msp/localMsp.js';
import type { SigningIdentity } from '../msp/types.js';
import type { common } from '../protos/index.js';
import { silentLogger } from '../../test/support/silentLogger.js';
import { BlockClient, type OrderingService } from './blockClient.js';
import { SoloOrderer } from './soloOrderer.js';

describe('the block client of a peer', () => {
  let dir: string;
  let network: DevNetwork;
  let solo: SoloOrderer;
  let server: GrpcServer;
  let peer: SigningIdentity;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'block-client-'));
    network = await createDevNetwork({ dir: join(dir, 'network') });
    const node = network.ordererOrg.nodes[0]!;
    const { signer } = await loadLocalMsp(node.mspDir, network.ordererOrg.mspId);
    peer = (await loadLocalMsp(network.peerOrgs[0]!.nodes[0]!.mspDir, 'Org1MSP')).signer;
    solo = new SoloOrderer({ dir: join(dir, 'orderer'), signer, logger: silentLogger() });
    await solo.addChannel(network.genesisBlock);
    server = new GrpcServer({
      address: '127.0.0.1:0',
      tls: { cert: await readFile(node.tls.certFile), key: await readFile(node.tls.keyFile) },
    });
    const { definition, implementation } = solo.service();
    server.addService(definition, implementation);
    await server.start();
  });

  afterEach(async () => {
    await server.stop(100);
    await solo.close();
    await rm(dir, { recursive: true, force: true });
  });

  function client(
    service: Partial<OrderingService> = {},
    otherChannel?: OrderingService,
    signer = peer,
  ): BlockClient {
    const { ordererTlsRoots } = channelResourcesFromBlock(network.genesisBlock);
    return new BlockClient({
      orderingService: (channelId) =>
        channelId === 'mychannel'
          ? { addresses: [server.address], tlsRoots: ordererTlsRoots, ...service }
          : otherChannel,
      signer,
      tls: { roots: [] },
      logger: silentLogger(),
    });
  }

  /** The first block that comes. */
  async function first(from: BlockClient, channelId = 'mychannel'): Promise<common.Block> {
    for await (const block of from.blocks(channelId, 0, AbortSignal.timeout(10_000))) return block;
    throw new Error('no block came');
  }

  it('reads blocks over TLS, with the roots that the channel names', async () => {
    const block = await first(client());
    expect(Buffer.from(block.serializeBinary())).toEqual(Buffer.from(network.genesisBlock.serializeBinary()));
  });

  it('takes the next orderer when one is down', async () => {
    const blocks = client({ addresses: ['127.0.0.1:1', server.address] });
    await expect(first(blocks)).rejects.toThrow(
      /^orderer 127.0.0.1:1: rpc error: code = Unavailable desc = .*ECONNREFUSED/,
    );
    expect((await first(blocks)).getHeader()?.getNumber()).toBe(0);
  });

  it('says that an orderer is down also when signing takes longer than finding that out', async () => {
    const slow: SigningIdentity = {
      mspId: peer.mspId,
      serialized: peer.serialized,
      sign: async (message) => {
        await sleep(300);
        return peer.sign(message);
      },
    };
    await expect(first(client({ addresses: ['127.0.0.1:1'] }, undefined, slow))).rejects.toThrow(
      /^orderer 127.0.0.1:1: rpc error: code = Unavailable desc = .*ECONNREFUSED/,
    );
  });

  it('refuses an orderer whose certificate is of no authority of the channel', async () => {
    const stranger = await createDevNetwork({ dir: join(dir, 'stranger') });
    const tlsRoots = [await readFile(stranger.ordererOrg.tlsCaFile)];
    await expect(first(client({ tlsRoots }))).rejects.toThrow(
      /^orderer .*: rpc error: code = Unavailable desc = .*certificate/,
    );
  });

  it('says which status ended the stream', async () => {
    const { ordererTlsRoots } = channelResourcesFromBlock(network.genesisBlock);
    const other = client({}, { addresses: [server.address], tlsRoots: ordererTlsRoots });
    await expect(first(other, 'unknown')).rejects.toThrow(
      `orderer ${server.address}: got unexpected status: NOT_FOUND`,
    );
  });

  it('names a channel that was not joined, and one without orderers', async () => {
    await expect(first(client(), 'other')).rejects.toThrow('channel other not found');
    await expect(first(client({ addresses: [] }))).rejects.toThrow(
      'the configuration of channel mychannel names no orderer',
    );
  });

  it('ends without an error when it is told to', async () => {
    const stop = new AbortController();
    const numbers: number[] = [];
    for await (const block of client().blocks('mychannel', 0, stop.signal)) {
      numbers.push(block.getHeader()?.getNumber() ?? -1);
      stop.abort();
    }
    expect(numbers).toEqual([0]);
  });

  it('says that the orderer went away while it waited', async () => {
    const wait = (async (): Promise<void> => {
      for await (const block of client().blocks('mychannel', 0, AbortSignal.timeout(10_000))) {
        expect(block.getHeader()?.getNumber()).toBe(0);
        void server.stop(0);
      }
    })();
    await expect(wait).rejects.toThrow(
      /^orderer 127\.0\.0\.1:\d+: (rpc error: code = \w+|the stream of blocks ended)/,
    );
  });
});
