import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { metadataIndex } from '../../src/channelconfig/blocks.js';
import { LedgerProvider } from '../../src/ledger/ledgerProvider.js';
import type { PeerLedger } from '../../src/ledger/types.js';
import { common } from '../../src/protos/index.js';
import { dumpState } from '../support/dumpState.js';
import { describeGolden, fixtureJson } from '../support/fixtures.js';
import { recordedBlock, recordedChain, recordedState } from '../support/recordedChain.js';

const mvccCodes = [11, 12];

for (const folder of ['chain-14', 'chain-25']) {
  describeGolden(`the ledger of ${folder}`, folder, () => {
    const recorded = recordedChain(folder);
    let dir: string;
    let provider: LedgerProvider;
    let ledger: PeerLedger;

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'ledger-'));
      provider = await LedgerProvider.open(dir);
      ledger = await provider.create(withoutCodes(recordedBlock(folder, 0)));
      for (const block of recorded.blocks.slice(1)) {
        // What the ledger itself decides is taken out of the recorded codes.
        const codes = block.transactions.map(({ code }) => (mvccCodes.includes(code) ? 0 : code));
        await ledger.commit({
          block: withoutCodes(recordedBlock(folder, block.number)),
          codes: Uint8Array.from(codes),
        });
      }
    });

    afterAll(async () => {
      await provider.close();
      await rm(dir, { recursive: true, force: true });
    });

    it('finds the recorded MVCC and phantom conflicts', () => {
      for (const block of recorded.blocks) {
        const codes = metadataOf(ledger.getBlockByNumber(block.number), metadataIndex.transactionsFilter);
        expect([...codes], `block ${block.number}`).toEqual(block.transactions.map(({ code }) => code));
      }
    });

    it('computes the recorded commit hashes', () => {
      for (const block of recorded.blocks) {
        const got = metadataOf(ledger.getBlockByNumber(block.number), metadataIndex.commitHash);
        const wanted = metadataOf(recordedBlock(folder, block.number), metadataIndex.commitHash);
        expect(Buffer.from(got).toString('hex'), `block ${block.number}`).toBe(
          Buffer.from(wanted).toString('hex'),
        );
      }
    });

    it('stores the blocks byte for byte as the recording peer did', () => {
      for (const block of recorded.blocks) {
        const got = ledger.getBlockByNumber(block.number).serializeBinary();
        expect(Buffer.compare(got, recordedBlock(folder, block.number).serializeBinary())).toBe(0);
      }
    });

    it('reports the recorded chain info', () => {
      const info = ledger.getBlockchainInfo();
      expect(info.getHeight()).toBe(recorded.chainInfo.height);
      expect(Buffer.from(info.getCurrentblockhash_asU8()).toString('hex')).toBe(
        recorded.chainInfo.currentBlockHash,
      );
      expect(Buffer.from(info.getPreviousblockhash_asU8()).toString('hex')).toBe(
        recorded.chainInfo.previousBlockHash,
      );
    });

    it('gives the recorded history of each key', async () => {
      const history = fixtureJson(folder, 'history.json') as {
        chaincode: string;
        keys: Record<string, { txid: string; valueBase64?: string; isDelete: boolean; timestamp: object }[]>;
      };
      for (const [key, wanted] of Object.entries(history.keys)) {
        const results = ledger.newHistoryQueryExecutor().getHistoryForKey(history.chaincode, key);
        const got: object[] = [];
        for (let one = await results.next(); one; one = await results.next()) {
          got.push({
            txid: one.getTxId(),
            valueBase64: Buffer.from(one.getValue_asU8()).toString('base64'),
            isDelete: one.getIsDelete(),
            timestamp: one.getTimestamp()!.toObject(),
          });
        }
        results.close();
        const expected = wanted.map((one) => ({ ...one, valueBase64: one.valueBase64 ?? '' }));
        // 1.4 gives the oldest first, which is the contract here; 2.5 gives the newest first.
        expect(got, key).toEqual(folder === 'chain-25' ? expected.reverse() : expected);
      }
    });

    it('ends with the recorded public and hashed state, versions and metadata included', async () => {
      await provider.close();
      const got = await dumpState(join(dir, recorded.channel));
      for (const [namespace, wanted] of recordedState(folder)) {
        // Plain private values do not travel in blocks, so a replay has none.
        if (namespace.includes(' private ')) continue;
        expect(got.get(namespace), namespace).toEqual(wanted);
      }
      expect([...got.keys()].filter((name) => name !== '').sort()).toEqual(
        [...recordedState(folder).keys()].filter((name) => !name.includes(' private ')).sort(),
      );
    });
  });
}

/** The block as an orderer delivers it: codes and commit hash are the peer's to fill in. */
function withoutCodes(block: common.Block): common.Block {
  const metadata = block.getMetadata()!;
  metadata.setMetadataList(
    metadata
      .getMetadataList_asU8()
      .map((entry, index) =>
        index === metadataIndex.transactionsFilter || index === metadataIndex.commitHash
          ? new Uint8Array()
          : entry,
      ),
  );
  return block;
}

function metadataOf(block: common.Block, index: number): Uint8Array {
  return block.getMetadata()!.getMetadataList_asU8()[index]!;
}
