import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metadataIndex } from '../../src/channelconfig/blocks.js';
import { LedgerProvider } from '../../src/ledger/ledgerProvider.js';
import { ChannelRegistry } from '../../src/peer/channelRegistry.js';
import type { BlockVerdict } from '../../src/validation/types.js';
import { BlockValidator } from '../../src/validation/txValidator.js';
import { common } from '../../src/protos/index.js';
import { describeGolden, fixture, fixtureJson } from '../support/fixtures.js';
import { silentLogger } from '../support/silentLogger.js';

interface RecordedTransaction {
  readonly txid: string;
  readonly code: number;
  readonly what?: string;
  readonly reason?: string;
}
interface Recording {
  readonly chainInfo: { readonly height: number; readonly currentBlockHash: string };
  readonly blocks: readonly {
    readonly number: number;
    readonly file: string;
    readonly transactions: readonly RecordedTransaction[];
  }[];
}

interface RecordedState {
  readonly namespaces: Readonly<
    Record<
      string,
      readonly {
        key?: string;
        keyBase64?: string;
        valueBase64?: string;
        valueSha256?: string;
        metadataBase64?: string;
      }[]
    >
  >;
}

/** Reasons whose recorded text comes from Go's own decoder, verifier or printer. */
const goTexts = [
  /^checkSignatureFromCreator returns err (MSP error: could not deserialize|creator's signature over the proposal is not valid: could not determine)/,
  /proto: cannot parse invalid wire-format data$/,
];

describe.each(['chain-14', 'chain-25'])('the blocks of %s', (chain) => {
  describeGolden('replayed from block 0', chain, () => {
    const recording = fixtureJson(chain, 'index.json') as Recording;
    const verdicts: BlockVerdict[] = [];
    const finalCodes: number[][] = [];
    const commitHashes: string[] = [];
    let dir = '';
    let ledgers: LedgerProvider;
    let registry: ChannelRegistry;

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'validation-'));
      ledgers = await LedgerProvider.open(dir);
      const validator = new BlockValidator({ logger: silentLogger() });
      registry = new ChannelRegistry({
        ledgers,
        logger: silentLogger(),
        validator: {
          async validate(block, context) {
            const verdict = await validator.validate(block, context);
            verdicts[block.getHeader()!.getNumber()] = verdict;
            return verdict;
          },
        },
      });
      const channel = await registry.join(asDelivered(chain, 0));
      for (const { number } of recording.blocks.slice(1)) {
        const event = await channel.processBlock(asDelivered(chain, number));
        finalCodes[number] = event.transactions.map((one) => one.code);
        const stored = channel.ledger.getBlockByNumber(number).getMetadata()!.getMetadataList_asU8();
        commitHashes[number] = hex(stored[metadataIndex.commitHash]!);
      }
    }, 120_000);

    afterAll(async () => {
      await ledgers.close();
      await rm(dir, { recursive: true, force: true });
    });

    it('gives every transaction the recorded code', () => {
      const different = recording.blocks.slice(1).flatMap(({ number, transactions }) =>
        transactions.flatMap((one, txNum) => {
          const code = finalCodes[number]?.[txNum];
          const reason = verdicts[number]?.reasons[txNum];
          return code === one.code
            ? []
            : [{ at: `${number}:${txNum}`, what: one.what, want: one.code, code, reason }];
        }),
      );
      expect(different).toEqual([]);
      expect(finalCodes.flat()).toHaveLength(
        recording.blocks.slice(1).flatMap((one) => one.transactions).length,
      );
    });

    it('gives the reasons that the peer logged', () => {
      const different = recording.blocks.slice(1).flatMap(({ number, transactions }) =>
        transactions.flatMap((one, txNum) => {
          const reason = verdicts[number]?.reasons[txNum];
          if (one.reason === undefined || printable(one.reason) === printable(reason)) return [];
          if (goTexts.some((text) => text.test(one.reason!))) return [];
          return [{ at: `${number}:${txNum}`, want: one.reason, reason }];
        }),
      );
      expect(different).toEqual([]);
    });

    it('ends with the recorded chain and commit hashes', () => {
      const info = registry.ledger('mychannel')!.getBlockchainInfo();
      expect(info.getHeight()).toBe(recording.chainInfo.height);
      expect(hex(info.getCurrentblockhash_asU8())).toBe(
        recorded64ToHex(recording.chainInfo.currentBlockHash),
      );
      const recordedHashes = recording.blocks.map(({ number }) =>
        hex(recordedBlock(chain, number).getMetadata()!.getMetadataList_asU8()[metadataIndex.commitHash]!),
      );
      expect(commitHashes.slice(1)).toEqual(recordedHashes.slice(1));
    });

    it('ends with the recorded public state', () => {
      const state = registry.ledger('mychannel')!.newQueryExecutor();
      const recorded = fixtureJson(chain, 'state.json') as RecordedState;
      let compared = 0;
      for (const [namespace, entries] of Object.entries(recorded.namespaces)) {
        if (namespace === '' || namespace.includes(' ')) continue;
        for (const { key, keyBase64, valueBase64, valueSha256, metadataBase64 } of entries) {
          const name = keyBase64 === undefined ? key! : Buffer.from(keyBase64, 'base64').toString('utf8');
          const value = Buffer.from(state.getState(namespace, name)!);
          // Large values were recorded by their hash.
          const got = valueSha256 ? sha256(value) : value.toString('base64');
          expect(got, `${namespace}/${name}`).toBe(valueSha256 ?? valueBase64);
          expect(state.getStateMetadata(namespace, name) !== undefined).toBe(metadataBase64 !== undefined);
          compared++;
        }
      }
      state.done();
      expect(compared).toBeGreaterThan(200);
    });

    it('has the configuration of the last CONFIG transaction, after a restart too', async () => {
      const before = registry.resources('mychannel')!;
      const again = new ChannelRegistry({
        ledgers,
        logger: silentLogger(),
        validator: new BlockValidator({ logger: silentLogger() }),
      });
      await again.openAll();
      const after = again.resources('mychannel')!;
      expect(after.sequence).toBe(before.sequence);
      expect(after.sequence).toBeGreaterThan(0);
      expect(again.list().map((one) => one.id)).toEqual(['mychannel']);
    });
  });
});

/** The block as an orderer delivers it: without what the peer added. */
function asDelivered(chain: string, number: number): common.Block {
  const block = recordedBlock(chain, number);
  const entries = block.getMetadata()!.getMetadataList_asU8().slice(0, 4);
  entries[metadataIndex.transactionsFilter] = new Uint8Array();
  block.getMetadata()!.setMetadataList(entries);
  return block;
}

function recordedBlock(chain: string, number: number): common.Block {
  return common.Block.deserializeBinary(fixture(chain, 'blocks', `${String(number).padStart(4, '0')}.pb`));
}

/** A private key's hash stands raw in the text; the recording dropped the bytes that cannot be printed. */
function printable(text: string | undefined): string | undefined {
  return text?.replace(/[^\x20-\x7e\xa1-\xff]/g, '').replaceAll('\xad', '');
}

function recorded64ToHex(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text : Buffer.from(text, 'base64').toString('hex');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
