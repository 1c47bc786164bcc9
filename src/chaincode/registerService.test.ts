import { credentials } from '@grpc/grpc-js';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { connect } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { listeningPeer } from '../../test/support/chaincodeListener.js';
import type { ListeningPeerOptions } from '../../test/support/chaincodeListener.js';
import { deploymentSpec, inputOf, transaction } from '../../test/support/chaincodePeer.js';
import { FakeSimulator } from '../../test/support/fakeSimulator.js';
import type { ExitStatus, VMProvider, VMStart } from '../launcher/types.js';
import { peer } from '../protos/index.js';
import type { IssuedCert } from './launchCa.js';
import { newMessage, Type, typeName } from './messages.js';

type Stream = ClientDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>;

/** A chaincode that does exactly what the test says: for what no shim does on demand. */
class ScriptedChaincode {
  readonly received: peer.ChaincodeMessage[] = [];
  readonly #client: peer.ChaincodeSupportClient;
  readonly #stream: Stream;
  readonly ended: Promise<string>;
  #waiting: (() => void)[] = [];

  constructor(address: string, tls?: { cert: IssuedCert }) {
    const channel = tls
      ? credentials.createSsl(
          Buffer.from(tls.cert.caPem),
          Buffer.from(tls.cert.keyPem),
          Buffer.from(tls.cert.certPem),
        )
      : credentials.createInsecure();
    this.#client = new peer.ChaincodeSupportClient(address, channel);
    this.#stream = this.#client.register();
    this.#stream.on('data', (message: peer.ChaincodeMessage) => {
      this.received.push(message);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.ended = new Promise((resolve) => {
      this.#stream.on('error', (error: ServiceError) => resolve(`${error.code} ${error.details}`));
      this.#stream.on('end', () => resolve('end'));
    });
  }

  send(message: peer.ChaincodeMessage): void {
    this.#stream.write(message);
  }

  register(cname: string): void {
    const id = new peer.ChaincodeID();
    id.setName(cname);
    this.send(newMessage(Type.REGISTER, id.serializeBinary()));
  }

  /** The n-th message from the peer. */
  async message(n: number): Promise<peer.ChaincodeMessage> {
    while (this.received.length <= n) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.received[n]!;
  }

  async registered(): Promise<void> {
    expect(typeName((await this.message(0)).getType())).toBe('REGISTERED');
    expect(typeName((await this.message(1)).getType())).toBe('READY');
  }

  close(): void {
    this.#stream.cancel();
    this.#client.close();
  }
}

/** A VM that runs nothing: the test plays the chaincode. */
class ManualProvider implements VMProvider {
  readonly name = 'manual';
  readonly starts: VMStart[] = [];
  readonly #ends: ((exit: ExitStatus) => void)[] = [];
  onStart: (start: VMStart) => void = () => undefined;

  async start(request: VMStart): Promise<void> {
    this.starts.push(request);
    this.onStart(request);
  }

  wait(): Promise<ExitStatus> {
    return new Promise((resolve) => this.#ends.push(resolve));
  }

  async stop(): Promise<void> {
    this.exit(137);
  }

  exit(exitCode: number): void {
    for (const end of this.#ends.splice(0)) end({ exitCode, lastLines: [] });
  }

  async healthCheck(): Promise<void> {
    // Nothing to check.
  }

  async close(): Promise<void> {
    this.exit(0);
  }
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close();
});

async function manualPeer(options: ListeningPeerOptions = {}) {
  const provider = new ManualProvider();
  const it = await listeningPeer({ ...options, provider });
  open.push(it);
  const chaincode = (tls?: { cert: IssuedCert }): ScriptedChaincode => {
    const scripted = new ScriptedChaincode(it.address, tls);
    open.push(scripted);
    return scripted;
  };
  const init = (name = 'mycc', params = transaction()) =>
    it.support.executeLegacyInit(params, name, '1.0', deploymentSpec(name, '1.0', 'x'));
  /** A registered chaincode and the INIT that it has not answered yet. */
  const initialising = async (name = 'mycc') => {
    let scripted!: ScriptedChaincode;
    provider.onStart = () => {
      scripted = chaincode();
      scripted.register(`${name}:1.0`);
    };
    const params = transaction();
    const result = init(name, params);
    result.catch(() => undefined);
    while (!it.registry.handler(`${name}:1.0`)) await new Promise((resolve) => setTimeout(resolve, 5));
    await scripted.registered();
    await scripted.message(2);
    return { scripted, result, params };
  };
  /** The same, initialised. */
  const running = async (name = 'mycc') => {
    const { scripted, result, params } = await initialising(name);
    scripted.send(completed(params.txId));
    await result;
    return scripted;
  };
  return { ...it, provider, chaincode, init, initialising, running };
}

function completed(txId: string, status = 200): peer.ChaincodeMessage {
  const response = new peer.Response();
  response.setStatus(status);
  return newMessage(Type.COMPLETED, response.serializeBinary(), txId, 'mychannel');
}

function getState(txId: string, key = 'k'): peer.ChaincodeMessage {
  const request = new peer.GetState();
  request.setKey(key);
  return newMessage(Type.GET_STATE, request.serializeBinary(), txId, 'mychannel');
}

function textOf(message: peer.ChaincodeMessage): string {
  return `${typeName(message.getType())} ${Buffer.from(message.getPayload_asU8()).toString()}`;
}

describe('a chaincode that registers', () => {
  it('without an invitation is refused with the reason', async () => {
    const { chaincode, registry } = await manualPeer();
    const uninvited = chaincode();
    uninvited.register('mycc:1.0');
    expect(await uninvited.ended).toBe(
      '2 error handling message, ending stream: peer will not accept external chaincode connection mycc:1.0 (except in dev mode)',
    );
    expect(registry.names).toEqual([]);
  });

  it('without an invitation is welcome in dev mode', async () => {
    const { chaincode, registry, support } = await manualPeer({ devMode: true });
    const started = chaincode();
    started.register('mycc:1.0');
    await started.registered();
    expect(registry.names).toEqual(['mycc:1.0']);
    const params = transaction();
    const result = support.execute(params, 'mycc', '1.0', inputOf('a'));
    await started.message(2);
    started.send(completed(params.txId));
    expect((await result).response.getStatus()).toBe(200);
  });

  it('a second time under a taken name is refused, and the first goes on, also after the second has gone', async () => {
    const { chaincode, running, registry, support } = await manualPeer();
    const first = await running();
    const second = chaincode();
    second.register('mycc:1.0');
    expect(await second.ended).toBe(
      '2 error handling message, ending stream: duplicate chaincodeID: mycc:1.0',
    );
    second.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(registry.names).toEqual(['mycc:1.0']);
    const params = transaction();
    const result = support.execute(params, 'mycc', '1.0', inputOf('a'));
    await first.message(3);
    first.send(completed(params.txId));
    expect((await result).response.getStatus()).toBe(200);
  });

  it('and sends REGISTER again is refused and its transactions end', async () => {
    const { running, support, registry } = await manualPeer();
    const scripted = await running();
    const result = support.execute(transaction(), 'mycc', '1.0', inputOf('a'));
    const outcome = expect(result).rejects.toThrow('error sending: chaincode stream terminated');
    await scripted.message(3);
    scripted.register('mycc:1.0');
    expect(await scripted.ended).toBe(
      '2 error handling message, ending stream: [] Fabric side handler cannot handle message (REGISTER) while in ready state',
    );
    await outcome;
    expect(registry.names).toEqual([]);
  });

  it('with another message first is refused', async () => {
    const { chaincode } = await manualPeer();
    const rude = chaincode();
    rude.send(getState('tx1'));
    expect(await rude.ended).toBe(
      '2 error handling message, ending stream: [tx1] Fabric side handler cannot handle message (GET_STATE) while in created state',
    );
  });

  it('with an id that cannot be read is refused', async () => {
    const { chaincode } = await manualPeer();
    const broken = chaincode();
    broken.send(newMessage(Type.REGISTER, new Uint8Array([10, 200, 1])));
    expect(await broken.ended).toMatch(
      /^2 error handling message, ending stream: error unmarshaling ChaincodeID: /,
    );
  });

  it('never, is ended in time', async () => {
    const { chaincode } = await manualPeer({ registerTimeoutMs: 100 });
    expect(await chaincode().ended).toBe('2 no register message in time, closing connection');
  });

  it('with half a message breaks only its own stream', async () => {
    const { running, address, support } = await manualPeer();
    const good = await running();
    const session = connect(`http://${address}`);
    const request = session.request({
      ':method': 'POST',
      ':path': '/protos.ChaincodeSupport/Register',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    // A frame that says 100 bytes and has four, then one of random bytes on a second stream, then nothing more.
    request.write(Buffer.from([0, 0, 0, 0, 100, 8, 1, 26, 2]));
    const random = session.request({
      ':method': 'POST',
      ':path': '/protos.ChaincodeSupport/Register',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const trailers = new Promise<Record<string, unknown>>((resolve) => {
      random.on('trailers', resolve);
      random.on('response', (headers) => 'grpc-status' in headers && resolve(headers));
    });
    random.resume();
    random.write(Buffer.from([0, 0, 0, 0, 4, 255, 255, 255, 255]));
    expect((await trailers)['grpc-status']).toBe('13');
    session.destroy();
    const params = transaction();
    const result = support.execute(params, 'mycc', '1.0', inputOf('a'));
    await good.message(3);
    good.send(completed(params.txId));
    expect((await result).response.getStatus()).toBe(200);
  });
});

describe('a registered chaincode', () => {
  it('gets INIT with the proposal, and TRANSACTION with its own', async () => {
    const { initialising } = await manualPeer();
    const { scripted, params } = await initialising();
    const init = await scripted.message(2);
    expect(typeName(init.getType())).toBe('INIT');
    expect(init.getTxid()).toBe(params.txId);
    expect(Buffer.from(init.getProposal()!.getProposalBytes_asU8())).toEqual(
      Buffer.from(params.signedProposal.getProposalBytes_asU8()),
    );
  });

  it('is refused private data in Init', async () => {
    const { initialising } = await manualPeer();
    const { scripted, params } = await initialising();
    const request = new peer.GetState();
    request.setKey('k');
    request.setCollection('coll');
    scripted.send(newMessage(Type.GET_STATE, request.serializeBinary(), params.txId, 'mychannel'));
    expect(textOf(await scripted.message(3))).toBe(
      `ERROR GET_STATE failed: transaction ID: ${params.txId}: private data APIs are not allowed in chaincode Init()`,
    );
  });

  it('that asks for a transaction that is over gets an error', async () => {
    const { running } = await manualPeer();
    const scripted = await running();
    scripted.send(getState('gone'));
    expect(textOf(await scripted.message(3))).toBe(
      'ERROR GET_STATE failed: transaction ID: gone: no ledger context',
    );
    const spec = new peer.ChaincodeSpec();
    scripted.send(newMessage(Type.INVOKE_CHAINCODE, spec.serializeBinary(), 'gone', 'mychannel'));
    expect(textOf(await scripted.message(4))).toBe(
      'ERROR INVOKE_CHAINCODE failed: transaction ID: gone: could not get valid transaction',
    );
  });

  it('that asks twice at once gets an answer to both: the second is refused', async () => {
    const { running, support } = await manualPeer({
      support: { acl: { checkAcl: () => new Promise((resolve) => setTimeout(resolve, 50)) } },
    });
    const scripted = await running();
    const params = transaction();
    const result = support.execute(params, 'mycc', '1.0', inputOf('a'));
    await scripted.message(3);
    const spec = new peer.ChaincodeSpec();
    const id = new peer.ChaincodeID();
    id.setName('nosuch');
    spec.setChaincodeId(id);
    scripted.send(newMessage(Type.INVOKE_CHAINCODE, spec.serializeBinary(), params.txId, 'mychannel'));
    scripted.send(getState(params.txId));
    expect(textOf(await scripted.message(4))).toBe(
      `ERROR GET_STATE failed: transaction ID: ${params.txId}: another request of this transaction is pending`,
    );
    expect(textOf(await scripted.message(5))).toMatch(
      /^ERROR INVOKE_CHAINCODE failed: .*chaincode nosuch not found$/,
    );
    scripted.send(getState(params.txId));
    expect(textOf(await scripted.message(6))).toBe('RESPONSE ');
    scripted.send(completed(params.txId));
    await result;
  });

  it('with a key that is not UTF-8, or a payload that cannot be read, gets an error', async () => {
    const { running, support } = await manualPeer();
    const scripted = await running();
    const params = transaction();
    const result = support.execute(params, 'mycc', '1.0', inputOf('a'));
    await scripted.message(3);
    const put = Buffer.from([0x0a, 2, 0xff, 0xfe, 0x12, 1, 0x78]);
    scripted.send(newMessage(Type.PUT_STATE, put, params.txId, 'mychannel'));
    expect(textOf(await scripted.message(4))).toBe(
      `ERROR PUT_STATE failed: transaction ID: ${params.txId}: unmarshal failed: proto: field "protos.PutState.key" contains invalid UTF-8`,
    );
    const half = Buffer.from([0x0a, 3, 0x61, 0xff, 0x62]);
    scripted.send(newMessage(Type.DEL_STATE, half, params.txId, 'mychannel'));
    expect(textOf(await scripted.message(5))).toMatch(/field "protos.DelState.key" contains invalid UTF-8$/);
    scripted.send(newMessage(Type.GET_STATE, Buffer.from([0xff]), params.txId, 'mychannel'));
    expect(textOf(await scripted.message(6))).toMatch(/unmarshal failed: unexpected EOF$/);
    scripted.send(completed(params.txId));
    await result;
  });

  it('that answers with a type of no meaning ends its stream, one late answer does not', async () => {
    const { running, registry } = await manualPeer();
    const scripted = await running();
    scripted.send(completed('nobody waits for this'));
    scripted.send(newMessage(Type.KEEPALIVE));
    scripted.send(newMessage(Type.READY, undefined, 'tx2'));
    expect(await scripted.ended).toMatch(
      /\[tx2\] Fabric side handler cannot handle message \(READY\) while in ready/,
    );
    expect(registry.names).toEqual([]);
  });

  it('that answers with what is no Response fails the transaction', async () => {
    const { running, support } = await manualPeer();
    const scripted = await running();
    const params = transaction();
    const result = support.execute(params, 'mycc', '1.0', inputOf('a'));
    const outcome = expect(result).rejects.toThrow(
      `failed to unmarshal response for transaction ${params.txId}: `,
    );
    await scripted.message(3);
    scripted.send(newMessage(Type.COMPLETED, new Uint8Array([0xff]), params.txId, 'mychannel'));
    await outcome;
  });

  it('that is sent more than the limit loses its stream and its transactions, at once', async () => {
    const { running, support, registry } = await manualPeer({ maxMessageBytes: 4096 });
    const scripted = await running();
    const simulator = new FakeSimulator();
    simulator.setState('mycc', 'big', Buffer.alloc(10_000));
    const params = transaction(simulator);
    const result = support.execute(params, 'mycc', '1.0', inputOf('a'));
    const outcome = expect(result).rejects.toThrow('chaincode stream terminated');
    await scripted.message(3);
    scripted.send(getState(params.txId, 'big'));
    expect(await scripted.ended).toMatch(/^8 /);
    await outcome;
    expect(registry.names).toEqual([]);
  });

  it('that sends more than the limit loses its stream and its transactions, at once', async () => {
    const { running, support, registry } = await manualPeer({ maxMessageBytes: 4096 });
    const scripted = await running();
    const params = transaction();
    const result = support.execute(params, 'mycc', '1.0', inputOf('a'));
    const outcome = expect(result).rejects.toThrow('chaincode stream terminated');
    await scripted.message(3);
    scripted.send(getState(params.txId, 'k'.repeat(10_000)));
    expect(await scripted.ended).toMatch(/^8 /);
    await outcome;
    expect(registry.names).toEqual([]);
  });

  it('is sent KEEPALIVE only when that is switched on', async () => {
    const { running } = await manualPeer({ support: { keepaliveMs: 20 } });
    const scripted = await running();
    expect(typeName((await scripted.message(3)).getType())).toBe('KEEPALIVE');
    const silent = await (await manualPeer()).running();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(silent.received).toHaveLength(3);
  });
});

describe('with TLS', () => {
  it('only the certificate of this very launch registers', async () => {
    const { chaincode, ca, auth, registry } = await manualPeer({ tls: true });
    const stranger = chaincode({ cert: await ca!.issueClientCert() });
    registry.launching('mycc:1.0');
    stranger.register('mycc:1.0');
    expect(await stranger.ended).toMatch(
      /^2 Chaincode mycc:1\.0 with given certificate hash \[\d+( \d+){31}\] not found in registry$/,
    );

    const launch = await auth!.generate('mycc:1.0');
    const other = await auth!.generate('other:1.0');
    const thief = chaincode({ cert: { ...other, der: new Uint8Array() } });
    thief.register('mycc:1.0');
    expect(await thief.ended).toMatch(/\] belongs to a different chaincode$/);

    const rude = chaincode({ cert: { ...launch, der: new Uint8Array() } });
    rude.send(getState('tx'));
    expect(await rude.ended).toBe('2 First message needs to be a register');

    const good = chaincode({ cert: { ...launch, der: new Uint8Array() } });
    good.register('mycc:1.0');
    await good.registered();

    launch.release();
    const late = chaincode({ cert: { ...launch, der: new Uint8Array() } });
    late.register('mycc:1.0');
    expect(await late.ended).toMatch(/not found in registry$/);
    expect(registry.names).toEqual(['mycc:1.0']);
  });

  it('the certificate of a failed launch no longer registers', async () => {
    const { init, provider, auth, support } = await manualPeer({ tls: true, startupTimeoutMs: 100 });
    await expect(init()).rejects.toThrow('timeout expired while starting chaincode mycc:1.0 for transaction');
    expect(provider.starts[0]?.files.map(({ path }) => path)).toHaveLength(5);
    expect(auth!.size).toBe(0);
    expect(support).toBeDefined();
  });

  it('a connection without a certificate does not come through', async () => {
    const { address, ca } = await manualPeer({ tls: true });
    const client = new peer.ChaincodeSupportClient(address, credentials.createSsl(Buffer.from(ca!.certPem)));
    const stream = client.register();
    const code = await new Promise((resolve) => {
      stream.on('error', (error: ServiceError) => resolve(error.code));
      stream.resume();
    });
    client.close();
    expect(code).toBe(14);
  });
});
