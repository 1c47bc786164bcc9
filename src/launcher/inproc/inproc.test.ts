import { describe, expect, it } from 'vitest';
import { chaincodePeer, inputOf, transaction } from '../../../test/support/chaincodePeer.js';
import { FakeSimulator } from '../../../test/support/fakeSimulator.js';
import { peer } from '../../protos/index.js';
import type { SystemChaincode, SystemChaincodeStub } from './types.js';

function ok(payload = ''): peer.Response {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(Buffer.from(payload));
  return response;
}

function systemChaincode(
  name: string,
  invoke: (stub: SystemChaincodeStub) => Promise<peer.Response>,
  init: SystemChaincode['init'] = async () => ok(),
): SystemChaincode {
  return { name, invokableExternal: true, invokableCC2CC: true, init, invoke };
}

async function started(...chaincodes: SystemChaincode[]) {
  const it = chaincodePeer();
  for (const chaincode of chaincodes) it.inproc.register(chaincode);
  await it.support.startSystemChaincodes(chaincodes.map(({ name }) => name));
  return it;
}

function payloadOf(result: { response: peer.Response }): string {
  return Buffer.from(result.response.getPayload_asU8()).toString();
}

describe('system chaincode', () => {
  it('registers at start under its name and the peer version, and answers', async () => {
    const { support, registry, journal } = await started(
      systemChaincode('lscc', async (stub) => ok(Buffer.concat(stub.args).toString())),
    );
    expect(registry.names).toEqual(['lscc:1.4.12']);
    const result = await support.execute(transaction(), 'lscc', '1.4.12', inputOf('getchaincodes'));
    expect(payloadOf(result)).toBe('getchaincodes');
    expect(journal.get('lscc')).toMatchObject({ version: '1.4.12', phase: 'Running' });
  });

  it('reads and writes the state of its own namespace through the stream', async () => {
    const { support } = await started(
      systemChaincode('lscc', async (stub) => {
        await stub.putState('a', Buffer.from('1'));
        const [a, none] = await Promise.all([stub.getState('a'), stub.getState('b')]);
        return ok(`${Buffer.from(a ?? []).toString()} ${String(none)}`);
      }),
    );
    const simulator = new FakeSimulator();
    const result = await support.execute(transaction(simulator), 'lscc', '1.4.12', inputOf());
    expect(payloadOf(result)).toBe('1 undefined');
    expect([...simulator.state.keys()]).toEqual(['lscc\0a']);
  });

  it('gets a range of 250 keys over three batches, without composite keys', async () => {
    const { support } = await started(
      systemChaincode('lscc', async (stub) => {
        const all = await stub.getStateByRange('', '');
        return ok(`${all.length} ${all.at(0)?.key} ${all.at(-1)?.key}`);
      }),
    );
    const simulator = new FakeSimulator();
    simulator.setState('lscc', '\0composite', Buffer.from('x'));
    for (let i = 0; i < 250; i++)
      simulator.setState('lscc', `k${String(i).padStart(3, '0')}`, Buffer.from('v'));
    const result = await support.execute(transaction(simulator), 'lscc', '1.4.12', inputOf());
    expect(payloadOf(result)).toBe('250 k000 k249');
    expect(simulator.iterators.every(({ closed }) => closed)).toBe(true);
  });

  it('has no ledger in a proposal without a channel', async () => {
    const { support } = await started(
      systemChaincode('cscc', async (stub) => {
        await stub.putState('a', Buffer.from('1'));
        return ok();
      }),
    );
    const { txSimulator: _, ...params } = transaction(undefined, '');
    await expect(support.execute(params, 'cscc', '1.4.12', inputOf())).rejects.toThrow(
      `transaction returned with failure: PUT_STATE failed: transaction ID: ${params.txId}: no ledger context`,
    );
  });

  it('fails its start when Init answers 500', async () => {
    const chaincode = systemChaincode(
      'qscc',
      async () => ok(),
      async () => {
        const response = new peer.Response();
        response.setStatus(500);
        response.setMessage('not today');
        return response;
      },
    );
    const { support, inproc } = chaincodePeer();
    inproc.register(chaincode);
    await expect(support.startSystemChaincodes(['qscc'])).rejects.toThrow(
      'transaction returned with failure: not today',
    );
  });

  it('that throws is answered as an error, and serves the next call', async () => {
    let calls = 0;
    const { support } = await started(
      systemChaincode('qscc', async () => {
        if (calls++ === 0) throw new TypeError('oops');
        return ok('fine');
      }),
    );
    await expect(support.execute(transaction(), 'qscc', '1.4.12', inputOf())).rejects.toThrow(
      'transaction returned with failure: oops',
    );
    expect(payloadOf(await support.execute(transaction(), 'qscc', '1.4.12', inputOf()))).toBe('fine');
  });

  it('gives its event with its own name and the transaction id', async () => {
    const { support } = await started(
      systemChaincode('lscc', async (stub) => {
        stub.setEvent('upgrade', Buffer.from('x'));
        return ok();
      }),
    );
    const params = transaction();
    const { event } = await support.execute(params, 'lscc', '1.4.12', inputOf());
    expect(event?.toObject()).toMatchObject({ chaincodeId: 'lscc', txId: params.txId, eventName: 'upgrade' });
  });

  it('cannot be registered twice, and an unknown one cannot be started', async () => {
    const { inproc, support } = await started(systemChaincode('lscc', async () => ok()));
    expect(() => inproc.register(systemChaincode('lscc', async () => ok()))).toThrow(
      'lscc already registered',
    );
    await expect(support.startSystemChaincodes(['nothere'])).rejects.toThrow(
      'error starting container: error starting container: nothere not registered',
    );
  });

  it('ends with the provider, and a transaction under way is told so', async () => {
    const { inproc, support, registry } = await started(
      systemChaincode('lscc', () => new Promise(() => undefined)),
    );
    const running = support.execute(transaction(), 'lscc', '1.4.12', inputOf());
    const outcome = expect(running).rejects.toThrow('error sending: chaincode stream terminated');
    await new Promise((resolve) => setImmediate(resolve));
    await inproc.close();
    await outcome;
    expect(registry.names).toEqual([]);
  });
});
