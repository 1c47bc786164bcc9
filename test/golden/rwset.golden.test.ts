import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LedgerProvider } from '../../src/ledger/ledgerProvider.js';
import type { KeyValue, PeerLedger, ResultsIterator, TxSimulator } from '../../src/ledger/types.js';
import { peer } from '../../src/protos/index.js';
import { describeGolden, fixture } from '../support/fixtures.js';
import { recordedBlock, recordedChain } from '../support/recordedChain.js';

/** What the peer asked of its simulator in a recorded case; every case reads `lscc/‹cc›` first. */
type Steps = (tx: TxSimulator) => void | Promise<void>;

async function read(results: ResultsIterator<KeyValue>, limit = Infinity): Promise<void> {
  for (let count = 0; count < limit && (await results.next()); count++);
}

const one = Buffer.from('1');

const cases: Record<string, Steps> = {
  '003-get-an-existing-key': (tx) => void tx.getState('ks', 'a'),
  '006-delete-an-existing-key': (tx) => tx.deleteState('ks', 'a'),
  '009-put-with-an-empty-value': (tx) => tx.setState('ks', 'pe', new Uint8Array()),
  '016-range-over-everything': (tx) => read(tx.getStateRange('ks', '\u0001', '')),
  '017-range-with-start-after-end': (tx) => read(tx.getStateRange('ks', 'z', 'a')),
  '018-range-of-151-keys-more-than-one-batch-of-100': (tx) => read(tx.getStateRange('ks', 'm', 'n')),
  // The peer reads one record more than the batch of 100 that it sends.
  '019-range-of-151-keys-stopped-at-5-and-a-write': async (tx) => {
    await read(tx.getStateRange('ks', 'm', 'n'), 101);
    tx.setState('ks', 'px', one);
  },
  '020-range-of-151-keys-with-a-write': async (tx) => {
    await read(tx.getStateRange('ks', 'm', 'n'));
    tx.setState('ks', 'px', one);
  },
  '021-two-ranges-and-a-write': async (tx) => {
    await read(tx.getStateRange('ks', 'r00', 'r03'));
    await read(tx.getStateRange('ks', 's', 't'));
    tx.setState('ks', 'px', one);
  },
  '023-page-1-of-2-keys': (tx) => read(tx.getStateRangeWithPagination('ks', 'r', 's', 2)),
  '027-composite-key-query': (tx) => {
    const prefix = '\0color~name\0blue\0';
    return read(tx.getStateRange('ks', prefix, `${prefix}\u{10FFFF}`));
  },
  '033-key-policy-of-vp1': (tx) => void tx.getStateMetadata('ks', 'vp1'),
  '061-cc2cc-same-channel': (tx) => {
    tx.getState('lscc', 'ksother');
    tx.setState('ksother', 'x', one);
  },
};

/** The same for the chaincode with collections, whose definition is read too. */
const privateCases: Record<string, Steps> = {
  '079-private-hash-of-collorg2-at-the-peer-of-org1': (tx) =>
    void tx.getPrivateDataHash('kspvt', 'collOrg2', 'x'),
  '080-private-hash': (tx) => void tx.getPrivateDataHash('kspvt', 'collOrg1', 'o1'),
  '081-private-delete': (tx) => tx.deletePrivateData('kspvt', 'collOrg1', 'o1'),
  '087-private-put-and-public-put': (tx) => {
    tx.setPrivateData('kspvt', 'collOrg1', 'k', Buffer.from('v'));
    tx.setPrivateData('kspvt', 'collBoth', 'k', Buffer.from('v'));
    tx.setState('kspvt', 'pub', Buffer.from('x'));
  },
  '089-private-key-policy': (tx) => void tx.getPrivateDataMetadata('kspvt', 'collBoth', 'pv'),
};

describeGolden('read-write sets', 'proposals-14', () => {
  let dir: string;
  let provider: LedgerProvider;
  let ledger: PeerLedger;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ledger-'));
    provider = await LedgerProvider.open(dir);
    const chain = recordedChain('chain-14');
    ledger = await provider.create(recordedBlock('chain-14', 0));
    for (const { number, transactions } of chain.blocks.slice(1)) {
      const codes = Uint8Array.from(transactions, ({ code }) => (code === 11 || code === 12 ? 0 : code));
      await ledger.commit({ block: recordedBlock('chain-14', number), codes });
    }
  });

  afterAll(async () => {
    await provider.close();
    await rm(dir, { recursive: true, force: true });
  });

  it.each(Object.entries(cases))('%s has the recorded bytes', async (file, steps) => {
    const simulator = ledger.newTxSimulator(file);
    simulator.getState('lscc', 'ks');
    await steps(simulator);
    const { publicBytes } = simulator.getTxSimulationResults();
    simulator.done();

    expect(Buffer.from(publicBytes).toString('hex')).toBe(Buffer.from(recordedResults(file)).toString('hex'));
  });

  it.each(Object.entries(privateCases))('%s has the recorded bytes', async (file, steps) => {
    const simulator = ledger.newTxSimulator(file);
    simulator.getState('lscc', 'kspvt');
    simulator.getState('lscc', 'kspvt~collection');
    await steps(simulator);
    const { publicBytes } = simulator.getTxSimulationResults();
    simulator.done();

    expect(Buffer.from(publicBytes).toString('hex')).toBe(Buffer.from(recordedResults(file)).toString('hex'));
  });
});

/** ChaincodeAction.results of a recorded answer. */
function recordedResults(file: string): Uint8Array {
  const response = peer.ProposalResponse.deserializeBinary(fixture('proposals-14', `${file}.resp`));
  const payload = peer.ProposalResponsePayload.deserializeBinary(response.getPayload_asU8());
  return peer.ChaincodeAction.deserializeBinary(payload.getExtension_asU8()).getResults_asU8();
}
