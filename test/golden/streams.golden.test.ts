import { beforeAll, expect, it } from 'vitest';
import type { ChaincodeResult, TransactionParams } from '../../src/chaincode/types.js';
import { LauncherError } from '../../src/errors.js';
import type { ChaincodeStream, StreamSession } from '../../src/launcher/stream.js';
import { typeName } from '../../src/chaincode/messages.js';
import { ledger, peer } from '../../src/protos/index.js';
import { chaincodePeer } from '../support/chaincodePeer.js';
import { FakeSimulator } from '../support/fakeSimulator.js';
import { describeGolden, fixture, fixtureJson } from '../support/fixtures.js';

interface Line {
  readonly stream: number;
  readonly dir?: 'cc>peer' | 'peer>cc';
  readonly txid?: string;
  readonly message?: string;
  readonly event?: string;
}

interface Recording {
  readonly file: string;
  readonly what: string;
  readonly answer?: { readonly status: number; readonly message: string; readonly payloadBytes: number };
}

const folder = ['streams', 'go-1.4'] as const;

function lines(file: string): Line[] {
  const text = fixture(...folder, file).toString('utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

function messageOf(line: Line): peer.ChaincodeMessage {
  return peer.ChaincodeMessage.deserializeBinary(Buffer.from(line.message!, 'base64'));
}

/** A recorded chaincode's end of a stream: collects what the peer sends. */
class RecordedStream implements ChaincodeStream {
  session!: StreamSession;
  readonly received: peer.ChaincodeMessage[] = [];
  refusal: Error | undefined;

  send(message: peer.ChaincodeMessage): void {
    this.received.push(message);
  }

  end(error?: Error): void {
    this.refusal = error;
  }

  /** Takes the next message of this transaction; the streams of the recording interleave transactions. */
  async next(txId: string): Promise<peer.ChaincodeMessage> {
    for (let tries = 0; tries < 1000; tries++) {
      const at = this.received.findIndex((message) => message.getTxid() === txId);
      if (at >= 0) return this.received.splice(at, 1)[0]!;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`the peer sent nothing for ${txId}`);
  }
}

/** The recording peer's ledger: seeded with what its answers show, and written through by the transactions. */
class RecordedLedger extends FakeSimulator {
  #paginated = false;

  /** A new transaction begins. */
  begin(): void {
    this.#paginated = false;
  }

  override getStateRangeWithPagination(namespace: string, start: string, end: string, pageSize: number) {
    this.#paginated = true;
    return super.getStateRangeWithPagination(namespace, start, end, pageSize);
  }

  override setState(namespace: string, key: string, value: Uint8Array): void {
    // The simulator's own rule, in its words, so that the text can travel through the handler.
    if (this.#paginated) {
      throw new LauncherError(
        `txid [${this.txId}]: Transaction has already performed a paginated query. Writes are not allowed`,
      );
    }
    super.setState(namespace, key, value);
  }

  txId = '';
}

describeGolden('recorded chaincode streams (Go shim, 1.4)', 'streams/go-1.4', () => {
  const { recordings } = fixtureJson(...folder, 'index.json') as { recordings: Recording[] };
  const state = new RecordedLedger();
  const history = new Map<string, ledger.queryresult.KeyModification[]>();
  const queryIds: string[] = [];
  const streams = new Map<number, RecordedStream>();
  let qsccAnswer: peer.Response | undefined;
  const ok = new peer.Response();
  ok.setStatus(200);

  const { support, inproc } = chaincodePeer({
    devMode: true,
    executeTimeoutMs: 300,
    support: {
      newId: () => queryIds.shift() ?? 'a system chaincode starts',
      acl: {
        checkAcl: async (_resource, channel) => {
          if (channel !== 'mychannel')
            throw new LauncherError(`Failed to get policy manager for channel [${channel}]`);
        },
      },
    },
  });
  inproc.register({
    name: 'qscc',
    invokableExternal: true,
    invokableCC2CC: true,
    init: async () => ok,
    invoke: async () => qsccAnswer ?? ok,
  });

  beforeAll(async () => {
    await support.startSystemChaincodes(['qscc']);
    seed();
  });

  it.each(recordings.map((recording) => [recording.file, recording.what, recording] as const))(
    '%s: %s',
    async (file, _what, recording) => {
      const results = await replay(file);
      for (const result of results) {
        const answer = await result;
        if (!recording.answer) continue;
        if (answer instanceof Error) {
          expect(recording.answer.status).toBe(500);
          // The recorded text is cut.
          expect(answer.message.slice(0, 150)).toBe(recording.answer.message.slice(0, 150));
        } else {
          expect({
            status: answer.response.getStatus(),
            message: answer.response.getMessage(),
            payloadBytes: answer.response.getPayload_asU8().length,
          }).toEqual(recording.answer);
        }
      }
    },
  );

  /** Feeds one recording; every message from the peer must be the recorded one, byte for byte. */
  async function replay(file: string): Promise<Promise<ChaincodeResult | Error>[]> {
    const results = new Map<string, Promise<ChaincodeResult | Error>>();
    for (const line of lines(file)) {
      if (line.event) onEvent(line);
      else if (line.dir === 'cc>peer') {
        if (file.startsWith('54')) expect(await results.get(line.txid!)).toBeInstanceOf(Error);
        streams.get(line.stream)!.session.receive(messageOf(line));
      } else {
        const wanted = messageOf(line);
        const type = typeName(wanted.getType());
        if ((type === 'INIT' || type === 'TRANSACTION') && !results.has(wanted.getTxid())) {
          results.set(wanted.getTxid(), run(wanted, line.stream));
        }
        const sent = await streams.get(line.stream)!.next(wanted.getTxid());
        expect(typeName(sent.getType())).toBe(type);
        expect(Buffer.from(sent.serializeBinary()).toString('base64')).toBe(line.message);
      }
    }
    if (file.startsWith('58')) {
      // Here we differ: Fabric answers nothing and leaves the stream open.
      expect(streams.get(4)!.refusal?.message).toBe(
        'error handling message, ending stream: duplicate chaincodeID: ks:1.0',
      );
    }
    for (const stream of streams.values()) expect(stream.received).toEqual([]);
    return [...results.values()];
  }

  function onEvent(line: Line): void {
    if (line.event === 'stream opened by the chaincode') {
      const stream = new RecordedStream();
      stream.session = support.open(stream);
      streams.set(line.stream, stream);
    } else if (line.event?.startsWith('chaincode gone')) {
      streams.get(line.stream)!.session.closed(new Error('cancelled'));
    }
  }

  /** Runs what the peer was asked for when it sent this message. */
  function run(message: peer.ChaincodeMessage, stream: number): Promise<ChaincodeResult | Error> {
    const name = stream === 2 ? 'ksother' : 'ks';
    const signedProposal = message.getProposal()!;
    state.begin();
    state.txId = message.getTxid();
    const params: TransactionParams = {
      channelId: message.getChannelId(),
      txId: message.getTxid(),
      signedProposal,
      proposal: peer.Proposal.deserializeBinary(signedProposal.getProposalBytes_asU8()),
      creatorMspId: 'Org1MSP',
      txSimulator: state,
      historyQueryExecutor: {
        getHistoryForKey: (_namespace, key) => {
          const modifications = [...(history.get(key) ?? [])];
          return { next: async () => modifications.shift(), close: () => undefined };
        },
      },
    };
    const input = peer.ChaincodeInput.deserializeBinary(message.getPayload_asU8());
    let result: Promise<ChaincodeResult>;
    if (typeName(message.getType()) === 'INIT') {
      const id = new peer.ChaincodeID();
      id.setName(name);
      const spec = new peer.ChaincodeSpec();
      spec.setChaincodeId(id);
      spec.setInput(input);
      const deployment = new peer.ChaincodeDeploymentSpec();
      deployment.setChaincodeSpec(spec);
      result = support.executeLegacyInit(params, name, '1.0', deployment);
    } else result = support.execute(params, name, '1.0', input);
    return result.catch((error: unknown) => error as Error);
  }

  /** What the ledger held before: taken from the answers to range and history queries; and the random query ids. */
  function seed(): void {
    for (const { file } of recordings) {
      const all = lines(file).filter((line) => line.message);
      for (const [i, line] of all.entries()) {
        const request = all[i - 1] && messageOf(all[i - 1]!);
        if (line.dir !== 'peer>cc' || !request || typeName(messageOf(line).getType()) !== 'RESPONSE')
          continue;
        seedFrom(typeName(request.getType()), request, messageOf(line).getPayload_asU8());
      }
    }
    const collection = new peer.StaticCollectionConfig();
    collection.setName('collA');
    const config = new peer.CollectionConfig();
    config.setStaticCollectionConfig(collection);
    const collections = new peer.CollectionConfigPackage();
    collections.addConfig(config);
    state.setState('lscc', 'ks~collection', collections.serializeBinary());
  }

  function seedFrom(type: string, request: peer.ChaincodeMessage, payload: Uint8Array): void {
    if (type === 'INVOKE_CHAINCODE') {
      const spec = peer.ChaincodeSpec.deserializeBinary(request.getPayload_asU8());
      if (spec.getChaincodeId()?.getName() !== 'qscc') return;
      const callee = peer.ChaincodeMessage.deserializeBinary(payload);
      qsccAnswer = peer.Response.deserializeBinary(callee.getPayload_asU8());
    }
    if (type !== 'GET_STATE_BY_RANGE' && type !== 'QUERY_STATE_NEXT' && type !== 'GET_HISTORY_FOR_KEY')
      return;
    const response = peer.QueryResponse.deserializeBinary(payload);
    if (type !== 'QUERY_STATE_NEXT') queryIds.push(response.getId());
    const results = response.getResultsList().map((result) => result.getResultbytes_asU8());
    if (type === 'GET_HISTORY_FOR_KEY') {
      const key = peer.GetHistoryForKey.deserializeBinary(request.getPayload_asU8()).getKey();
      history.set(
        key,
        results.map((bytes) => ledger.queryresult.KeyModification.deserializeBinary(bytes)),
      );
      return;
    }
    const isPrivate =
      type === 'GET_STATE_BY_RANGE' &&
      peer.GetStateByRange.deserializeBinary(request.getPayload_asU8()).getCollection() !== '';
    if (isPrivate) return;
    for (const bytes of results) {
      const kv = ledger.queryresult.KV.deserializeBinary(bytes);
      state.setState('ks', kv.getKey(), kv.getValue_asU8());
    }
  }
});
