import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  Gateway,
  Wallets,
  type Contract,
  type ContractEvent,
  type Network,
  type X509Identity,
} from 'fabric-network';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DevNetwork } from '../support/devNetwork.js';

const kvRaw = resolve(import.meta.dirname, '../../samples/kv-raw');

describe('an application on the Fabric SDK for Node.js 2.2, with the connection profile of dev', () => {
  const network = new DevNetwork();
  const gateway = new Gateway();
  let channel: Network;
  let contract: Contract;

  beforeAll(async () => {
    await network.start();
    await network.deploy('kv', kvRaw, ['init', 'a', '100']);
    const { msp } = network.description;
    const wallet = await Wallets.newInMemoryWallet();
    const only = (folder: string): string => {
      const [name = ''] = readdirSync(join(msp.userDir, folder));
      return readFileSync(join(msp.userDir, folder, name), 'utf8');
    };
    const user: X509Identity = {
      type: 'X.509',
      mspId: msp.id,
      credentials: { certificate: only('signcerts'), privateKey: only('keystore') },
    };
    await wallet.put('user', user);
    await gateway.connect(network.profile, {
      wallet,
      identity: 'user',
      discovery: { enabled: false },
    });
    channel = await gateway.getNetwork('mychannel');
    contract = channel.getContract('kv');
  }, 120_000);

  afterAll(async () => {
    gateway.disconnect();
    await network.remove();
  });

  it('evaluates a transaction', async () => {
    expect((await contract.evaluateTransaction('get', 'a')).toString()).toBe('100');
  });

  it('submits a transaction and sees it committed', async () => {
    expect((await contract.submitTransaction('put', 'a', '80')).toString()).toBe('80');
    expect((await contract.evaluateTransaction('get', 'a')).toString()).toBe('80');
  });

  it('hears the events of the chaincode', async () => {
    const heard = new Promise<ContractEvent>((done) => {
      void contract.addContractListener(async (event) => done(event));
    });
    await contract.submitTransaction('event', 'sold', 'asset1');
    const event = await heard;
    expect([event.eventName, event.payload?.toString()]).toEqual(['sold', 'asset1']);
  });

  it('hears of blocks from the first one on', async () => {
    const numbers: number[] = [];
    await new Promise<void>((done) => {
      void channel.addBlockListener(
        async (event) => {
          numbers.push(event.blockNumber.toNumber());
          if (numbers.length === 3) done();
        },
        { startBlock: 0 },
      );
    });
    expect(numbers).toEqual([0, 1, 2]);
  });

  it('gets the words of the chaincode when it refuses', async () => {
    await expect(contract.submitTransaction('error', 'not today')).rejects.toThrow('not today');
  });
});
