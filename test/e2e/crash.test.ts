import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockDataHash, blockHeaderHash } from '../../src/channelconfig/blocks.js';
import { seekEnvelope } from '../../src/deliver/seekRequest.js';
import { loadLocalMsp } from '../../src/msp/localMsp.js';
import type { SigningIdentity } from '../../src/msp/types.js';
import { common, orderer } from '../../src/protos/index.js';
import { DevNetwork } from '../support/devNetwork.js';

describe('dev, killed while it orders and commits', () => {
  const network = new DevNetwork({ FABRIC_LOGGING_SPEC: 'error' });
  let admin: SigningIdentity;

  beforeAll(async () => {
    await network.start();
    const { msp } = network.description;
    admin = (await loadLocalMsp(msp.adminDir, msp.id)).signer;
  }, 60_000);

  afterAll(() => network.remove());

  /** Sends messages until the orderer is gone; gives how many it accepted. */
  async function flood(): Promise<number> {
    const { orderer: node } = network.description;
    const client = new orderer.AtomicBroadcastClient(
      node.address,
      credentials.createSsl(readFileSync(node.tlsCa)),
    );
    const envelope = await seekEnvelope(admin, 'mychannel', Buffer.alloc(200));
    const stream = client.broadcast();
    let accepted = 0;
    const gone = new Promise<void>((resolve) => stream.on('error', () => resolve()));
    stream.on('data', () => {
      accepted++;
      stream.write(envelope);
    });
    for (let i = 0; i < 20; i++) stream.write(envelope);
    await gone;
    client.close();
    return accepted;
  }

  async function height(): Promise<number> {
    const text = await network.ok('channel', 'getinfo', '-c', 'mychannel');
    return (JSON.parse(text.replace('Blockchain info: ', '')) as { height: number }).height;
  }

  /** @param from flags that say who is asked: the peer, or the orderer */
  async function block(blockNumber: number, from: readonly string[]): Promise<common.Block> {
    const file = join(network.data, 'fetched.block');
    await network.ok('channel', 'fetch', String(blockNumber), file, '-c', 'mychannel', ...from);
    return common.Block.deserializeBinary(readFileSync(file));
  }

  it.each([500, 900, 1300])(
    'after %i ms has whole blocks in one chain when it comes back, and goes on',
    async (delay) => {
      const before = await height();
      const accepted = flood();
      await new Promise((resolve) => setTimeout(resolve, delay));
      await network.stop('SIGKILL');
      expect(await accepted).toBeGreaterThan(0);
      await network.start();
      const { address, tlsCa } = network.description.orderer;
      const ofOrderer = ['-o', address, '--tls', '--cafile', tlsCa];
      const newest = (await newestNumber(ofOrderer)) ?? 0;
      expect(newest + 1).toBeGreaterThanOrEqual(before);
      // The peer has caught up with whatever the orderer had written.
      for (const end = Date.now() + 10_000; (await height()) <= newest && Date.now() < end;);
      let previous = await block(Math.max(0, newest - 3), []);
      for (let next = newest - 2; next <= newest; next++) {
        if (next <= 0) continue;
        const one = await block(next, []);
        const data = one.getData()!.getDataList_asU8();
        expect(one.getHeader()!.getPreviousHash_asU8()).toEqual(
          Uint8Array.from(blockHeaderHash(previous.getHeader()!)),
        );
        expect(one.getHeader()!.getDataHash_asU8()).toEqual(Uint8Array.from(blockDataHash(data)));
        expect((await block(next, ofOrderer)).getHeader()!.serializeBinary()).toEqual(
          one.getHeader()!.serializeBinary(),
        );
        previous = one;
      }
    },
    60_000,
  );

  async function newestNumber(from: readonly string[]): Promise<number | undefined> {
    const file = join(network.data, 'newest.block');
    await network.ok('channel', 'fetch', 'newest', file, '-c', 'mychannel', ...from);
    return common.Block.deserializeBinary(readFileSync(file)).getHeader()?.getNumber();
  }

  it('has written blocks in all of this', async () => {
    expect(await height()).toBeGreaterThan(1);
  });
});
