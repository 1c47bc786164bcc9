import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seekEnvelope, seekInfo } from '../deliver/seekRequest.js';
import { createDevNetwork, type DevNetwork } from '../devnet/network.js';
import { GrpcServer } from '../grpc/server.js';
import { loadLocalMsp } from '../msp/localMsp.js';
import type { SigningIdentity } from '../msp/types.js';
import { common, orderer } from '../protos/index.js';
import { silentLogger } from '../../test/support/silentLogger.js';
import { SoloOrderer } from './soloOrderer.js';

const { Status } = common;

describe('the solo orderer', () => {
  let dir: string;
  let network: DevNetwork;
  let admin: SigningIdentity;
  let solo: SoloOrderer;
  let server: GrpcServer;
  let client: orderer.AtomicBroadcastClient;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orderer-'));
    network = await createDevNetwork({ dir: join(dir, 'network'), batch: { timeout: '50ms' } });
    admin = (await loadLocalMsp(network.peerOrgs[0]!.admin.mspDir, 'Org1MSP')).signer;
    await open();
  });

  afterEach(async () => {
    await close();
    await rm(dir, { recursive: true, force: true });
  });

  async function open(): Promise<void> {
    const { signer } = await loadLocalMsp(network.ordererOrg.nodes[0]!.mspDir, network.ordererOrg.mspId);
    solo = new SoloOrderer({ dir: join(dir, 'orderer'), signer, logger: silentLogger() });
    await solo.addChannel(network.genesisBlock);
    server = new GrpcServer({ address: '127.0.0.1:0' });
    const { definition, implementation } = solo.service();
    server.addService(definition, implementation);
    await server.start();
    client = new orderer.AtomicBroadcastClient(server.address, credentials.createInsecure());
  }

  async function close(): Promise<void> {
    client.close();
    await server.stop(100);
    await solo.close();
  }

  /** The answers to these envelopes, once the orderer has ended the stream or answered all of them. */
  function broadcast(...envelopes: common.Envelope[]): Promise<number[]> {
    return new Promise((resolve, reject) => {
      const answers: number[] = [];
      const stream = client.broadcast();
      stream.on('data', (answer: orderer.BroadcastResponse) => {
        answers.push(answer.getStatus());
        if (answers.length === envelopes.length && answer.getStatus() === Status.SUCCESS) stream.end();
      });
      stream.on('status', () => resolve(answers));
      stream.on('error', reject);
      for (const envelope of envelopes) stream.write(envelope);
    });
  }

  async function transaction(channelId: string): Promise<common.Envelope> {
    // Any signed message of a type that is ordered will do: what is in it is the committer's concern.
    return seekEnvelope(admin, channelId, Buffer.from('data'));
  }

  it('ends a stream after it has refused an envelope that is no payload', async () => {
    const envelope = new common.Envelope();
    envelope.setPayload(Buffer.from([0xff]));
    expect(await broadcast(envelope)).toEqual([Status.BAD_REQUEST]);
  });

  it('does not know a channel that it does not serve', async () => {
    expect(await broadcast(await transaction('other'))).toEqual([Status.NOT_FOUND]);
  });

  it('refuses a signature that is not the signer’s', async () => {
    const envelope = await transaction('mychannel');
    envelope.setSignature(await admin.sign(Buffer.from('something else')));
    expect(await broadcast(envelope)).toEqual([Status.FORBIDDEN]);
  });

  it('puts what it accepted into a signed block after the batch timeout, and still has it when it comes back', async () => {
    await broadcast(await transaction('mychannel'), await transaction('mychannel'));
    const blocks = solo.blocks('mychannel', 1, AbortSignal.timeout(5000));
    const first = await blocks.next();
    const block = first.value as common.Block;
    expect(block.getHeader()!.getNumber()).toBe(1);
    expect(block.getData()!.getDataList_asU8()).toHaveLength(2);
    await close();
    await open();
    const again = await solo.blocks('mychannel', 1, AbortSignal.timeout(5000)).next();
    expect((again.value as common.Block).serializeBinary()).toEqual(block.serializeBinary());
  });

  it('names what an update must do that nobody may make', async () => {
    const payload = common.Payload.deserializeBinary((await transaction('mychannel')).getPayload_asU8());
    const header = payload.getHeader()!;
    const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
    header.setChannelHeader(channelHeader.serializeBinary());
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    envelope.setSignature(Buffer.from('no signature'));
    const stream = client.broadcast();
    stream.write(envelope);
    const [answer] = (await once(stream, 'data')) as [orderer.BroadcastResponse];
    expect(answer.getStatus()).toBe(Status.FORBIDDEN);
    expect(answer.getInfo()).toMatch(/^config update for existing channel did not pass initial checks: /);
  });

  it('writes blocks with the metadata of Fabric 1.4: signature, last configuration and three empty ones', async () => {
    await broadcast(await transaction('mychannel'));
    const first = await solo.blocks('mychannel', 1, AbortSignal.timeout(5000)).next();
    const metadata = (first.value as common.Block).getMetadata()!.getMetadataList_asU8();
    expect(metadata.map((entry, index) => index > 1 && entry.length)).toEqual([false, false, 0, 0, 0]);
  });

  it('takes thousands of messages from one stream without gathering them, in their order', async () => {
    const envelope = await transaction('mychannel');
    expect(await broadcast(...Array.from({ length: 2500 }, () => envelope))).toHaveLength(2500);
  });

  it('does not serve a channel whose genesis block is another one', async () => {
    const other = await createDevNetwork({ dir: join(dir, 'other'), batch: { timeout: '50ms' } });
    await solo.close();
    const { signer } = await loadLocalMsp(network.ordererOrg.nodes[0]!.mspDir, network.ordererOrg.mspId);
    solo = new SoloOrderer({ dir: join(dir, 'orderer'), signer, logger: silentLogger() });
    await expect(solo.addChannel(other.genesisBlock)).rejects.toThrow(
      /^the orderer has another genesis block of this channel \(stored \w{64}, given \w{64}\)/,
    );
  });

  it('says that its folder is in use when a second program is started with it', async () => {
    const { signer } = await loadLocalMsp(network.ordererOrg.nodes[0]!.mspDir, network.ordererOrg.mspId);
    const second = new SoloOrderer({ dir: join(dir, 'orderer'), signer, logger: silentLogger() });
    await expect(second.addChannel(network.genesisBlock)).rejects.toThrow(
      /^the ledger in .* is in use by another process$/,
    );
  });

  it('delivers the blocks that are there and then says SUCCESS', async () => {
    const stream = client.deliver();
    const seek = await seekEnvelope(admin, 'mychannel', seekInfo('oldest', 'newest', true));
    const answers = await new Promise<(number | undefined)[]>((resolve, reject) => {
      const got: (number | undefined)[] = [];
      stream.on('data', (answer: orderer.DeliverResponse) => {
        got.push(answer.getBlock()?.getHeader()?.getNumber() ?? answer.getStatus());
        if (!answer.hasBlock()) stream.end();
      });
      stream.on('status', () => resolve(got));
      stream.on('error', reject);
      stream.write(seek);
    });
    expect(answers).toEqual([0, Status.SUCCESS]);
  });

  it('does not deliver blocks beyond its height to a client that will not wait', async () => {
    const stream = client.deliver();
    stream.write(await seekEnvelope(admin, 'mychannel', seekInfo(7, 7, false)));
    const status = await new Promise<number>((resolve, reject) => {
      let answered = 0;
      stream.on('data', (answer: orderer.DeliverResponse) => (answered = answer.getStatus()));
      stream.on('status', () => resolve(answered));
      stream.on('error', reject);
    });
    expect(status).toBe(Status.NOT_FOUND);
  });
});
