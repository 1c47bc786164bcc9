import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainBlock, plainEnvelope } from '../../test/support/plainChannel.js';
import { silentLogger } from '../../test/support/silentLogger.js';
import { seekInfo } from './seekRequest.js';
import { metadataIndex } from '../channelconfig/blocks.js';
import { LauncherError } from '../errors.js';
import { GrpcServer } from '../grpc/server.js';
import { common, orderer, peer } from '../protos/index.js';
import { timestampOf } from '../protos/timestamp.js';
import { readRequest } from './seek.js';
import { peerDeliverService } from './services.js';
import type { DeliverChannel } from './types.js';

const { Status } = common;
type Stream = ClientDuplexStream<common.Envelope, peer.DeliverResponse>;

/** A channel whose blocks and readers the test decides on. */
class TestChannel implements DeliverChannel {
  readonly events = new EventEmitter();
  readonly list: common.Block[] = [];
  configSequence = 0;
  allowed = true;
  expires = new Date('2100-01-01');

  readonly blocks = ((list, events) => ({
    get height(): number {
      return list.length;
    },
    getBlock: (blockNumber: number): common.Block => list[blockNumber]!,
    async waitForBlock(blockNumber: number, signal: AbortSignal): Promise<void> {
      while (list.length <= blockNumber) await once(events, 'block', { signal });
    },
  }))(this.list, this.events);

  checkAccess(): Promise<void> {
    return this.allowed ? Promise.resolve() : Promise.reject(new LauncherError('policy not satisfied'));
  }

  expiresAt(): Date {
    return this.expires;
  }

  add(...envelopes: Uint8Array[]): common.Block {
    const block = plainBlock(this.list.length, new Uint8Array(32), envelopes);
    this.list.push(block);
    this.events.emit('block');
    return block;
  }
}

function request(
  data: Uint8Array,
  { channelId = 'ch', time = new Date() }: { channelId?: string; time?: Date | null } = {},
): common.Envelope {
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.DELIVER_SEEK_INFO);
  header.setChannelId(channelId);
  if (time) header.setTimestamp(timestampOf(time));
  const headers = new common.Header();
  headers.setChannelHeader(header.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(headers);
  payload.setData(data);
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}

describe('the deliver services of a peer', () => {
  let channel: TestChannel;
  let server: GrpcServer;
  let client: peer.DeliverClient;

  beforeEach(async () => {
    channel = new TestChannel();
    for (let i = 0; i < 3; i++) channel.add(plainEnvelope('ch', `tx${i}`));
    const options = {
      channels: (id: string) => (id === 'ch' ? channel : undefined),
      logger: silentLogger(),
    };
    const { definition, implementation } = peerDeliverService({ full: options, filtered: options });
    server = new GrpcServer({ address: '127.0.0.1:0' });
    server.addService(definition, implementation);
    await server.start();
    client = new peer.DeliverClient(server.address, credentials.createInsecure());
  });

  afterEach(async () => {
    client.close();
    await server.stop(0);
  });

  /** Block numbers and statuses until the stream ends; ends it after the first SUCCESS. */
  function answers(stream: Stream, ...envelopes: common.Envelope[]): Promise<string[]> {
    return new Promise((resolve) => {
      const got: string[] = [];
      stream.on('data', (answer: peer.DeliverResponse) => {
        const block = answer.getBlock()?.getHeader()?.getNumber();
        got.push(block === undefined ? `status ${answer.getStatus()}` : `block ${block}`);
        if (answer.getStatus() === Status.SUCCESS) stream.end();
      });
      stream.on('error', (error: Error) => got.push(error.message));
      stream.on('status', () => resolve(got));
      for (const envelope of envelopes) stream.write(envelope);
    });
  }

  it('send the blocks of a range, and SUCCESS at its end', async () => {
    expect(await answers(client.deliver(), request(seekInfo(1, 2, true)))).toEqual([
      'block 1',
      'block 2',
      `status ${Status.SUCCESS}`,
    ]);
  });

  it('send a block as soon as it is there', async () => {
    const got = answers(client.deliver(), request(seekInfo('newest', 3, true)));
    setTimeout(() => channel.add(plainEnvelope('ch', 'late')), 50);
    expect(await got).toEqual(['block 2', 'block 3', `status ${Status.SUCCESS}`]);
  });

  it('show ids and codes of a filtered block', async () => {
    const block = channel.add(plainEnvelope('ch', 'good'), plainEnvelope('ch', 'bad'));
    const metadata = [0, 1, 2, 3, 4].map(() => new Uint8Array());
    metadata[metadataIndex.transactionsFilter] = Uint8Array.of(0, 11);
    const all = new common.BlockMetadata();
    all.setMetadataList(metadata);
    block.setMetadata(all);
    const stream = client.deliverFiltered();
    stream.on('error', () => undefined);
    stream.write(request(seekInfo(3, 3, true)));
    const [answer] = (await once(stream, 'data')) as [peer.DeliverResponse];
    stream.end();
    const filtered = answer.getFilteredBlock()!;
    expect([filtered.getChannelId(), filtered.getNumber()]).toEqual(['ch', 3]);
    expect(
      filtered.getFilteredTransactionsList().map((one) => [one.getTxid(), one.getTxValidationCode()]),
    ).toEqual([
      ['good', peer.TxValidationCode.VALID],
      ['bad', peer.TxValidationCode.MVCC_READ_CONFLICT],
    ]);
  });

  const noStop = new orderer.SeekInfo();
  noStop.setStart(new orderer.SeekPosition());
  it.each<[string, common.Envelope, number]>([
    ['that is no payload', badEnvelope(), Status.BAD_REQUEST],
    ['without a time', request(seekInfo(0, 0, true), { time: null }), Status.BAD_REQUEST],
    [
      'of sixteen minutes ago',
      request(seekInfo(0, 0, true), { time: new Date(Date.now() - 16 * 60_000) }),
      Status.BAD_REQUEST,
    ],
    ['of an unknown channel', request(seekInfo(0, 0, true), { channelId: 'no' }), Status.NOT_FOUND],
    ['that is no SeekInfo', request(Uint8Array.of(0x0a, 0x09)), Status.BAD_REQUEST],
    ['without a stop', request(noStop.serializeBinary()), Status.BAD_REQUEST],
    ['whose start is behind its stop', request(seekInfo(2, 1, true)), Status.BAD_REQUEST],
    ['of a block to come that is not to be waited for', request(seekInfo(9, 9, false)), Status.NOT_FOUND],
  ])('refuse a request %s', async (_, envelope, status) => {
    expect(await answers(client.deliver(), envelope)).toEqual([`status ${status}`]);
  });

  it('say FORBIDDEN before they look at what is asked for', async () => {
    channel.allowed = false;
    expect(await answers(client.deliver(), request(Uint8Array.of(0x0a, 0x09)))).toEqual([
      `status ${Status.FORBIDDEN}`,
    ]);
  });

  it('end a stream whose certificate has expired meanwhile', async () => {
    const got = answers(client.deliver(), request(seekInfo(2, 9, true)));
    setTimeout(() => {
      channel.expires = new Date('2020-01-01');
      channel.add(plainEnvelope('ch', 'late'));
    }, 50);
    expect(await got).toEqual(['block 2', `status ${Status.FORBIDDEN}`]);
  });

  it('end a stream whose reader has lost its right by a new configuration', async () => {
    const got = answers(client.deliver(), request(seekInfo(2, 9, true)));
    setTimeout(() => {
      channel.allowed = false;
      channel.configSequence++;
      channel.add(plainEnvelope('ch', 'late'));
    }, 50);
    expect(await got).toEqual(['block 2', `status ${Status.FORBIDDEN}`]);
  });

  it('forget a client that has gone', async () => {
    const stream = client.deliver();
    stream.on('error', () => undefined);
    stream.write(request(seekInfo('newest', 99, true)));
    await once(stream, 'data');
    await until(() => channel.events.listenerCount('block') === 1);
    stream.cancel();
    await until(() => channel.events.listenerCount('block') === 0);
  });

  it('stop reading blocks while the client does not read', async () => {
    const large = plainEnvelope('ch', 'large', 3, new Uint8Array(1 << 20));
    let read = 0;
    channel.blocks.getBlock = (blockNumber) => {
      read = Math.max(read, blockNumber);
      return plainBlock(blockNumber, new Uint8Array(32), [large]);
    };
    Object.defineProperty(channel.blocks, 'height', { value: 1000 });
    const stream = client.deliver();
    stream.on('error', () => undefined);
    // It reads one block and then no more.
    stream.on('data', () => stream.pause());
    stream.write(request(seekInfo(0, 999, true)));
    await until(() => read > 0);
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 700));
    await pause();
    const filled = read;
    await pause();
    // What the windows on the way hold has been read, and not one block more.
    expect(read).toBe(filled);
    expect(read).toBeLessThan(200);
    stream.cancel();
  });
});

describe('a request on a listener with mutual TLS', () => {
  const certificate = Buffer.from('the certificate of the client');
  const channels = (): DeliverChannel => new TestChannel();
  const checks = { channels, timeWindowMs: 60_000, now: Date.now, requireTlsBinding: true };

  function bound(hash?: Uint8Array): common.Envelope {
    const envelope = request(seekInfo(0, 0, true));
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = common.ChannelHeader.deserializeBinary(payload.getHeader()!.getChannelHeader_asU8());
    if (hash) header.setTlsCertHash(hash);
    payload.getHeader()!.setChannelHeader(header.serializeBinary());
    envelope.setPayload(payload.serializeBinary());
    return envelope;
  }

  it('must carry the hash of the client’s certificate', () => {
    const hash = createHash('sha256').update(certificate).digest();
    const read = (envelope: common.Envelope): unknown =>
      readRequest(envelope, { ...checks, clientCertificate: certificate });
    expect(read(bound(hash))).toMatchObject({ channelId: 'ch' });
    expect(() => read(bound())).toThrow("client didn't include its TLS cert hash");
    expect(() => read(bound(Uint8Array.of(1, 2)))).toThrow(
      `claimed TLS cert hash is 0102 but actual TLS cert hash is ${hash.toString('hex')}`,
    );
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !condition();) {
    if (Date.now() > end) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function badEnvelope(): common.Envelope {
  const envelope = new common.Envelope();
  envelope.setPayload(Uint8Array.of(0xff));
  return envelope;
}
