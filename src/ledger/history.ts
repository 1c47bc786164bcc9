import { openEnvelope } from '../channelconfig/blocks.js';
import { ledger } from '../protos/index.js';
import type { BlockStore } from './blockStore.js';
import { afterPrefix, keys } from './keys.js';
import type { Database, WriteOperation } from './ledgerDb.js';
import { readTransaction, type NamespaceSet } from './transactions.js';
import type { HistoryQueryExecutor, ResultsIterator } from './types.js';

type KeyModification = InstanceType<typeof ledger.queryresult.KeyModification>;

/** The index entries for the keys that a valid transaction writes. */
export function historyWrites(
  namespaces: readonly NamespaceSet[],
  blockNum: number,
  txNum: number,
): WriteOperation[] {
  return namespaces.flatMap(({ namespace, set }) =>
    set.getWritesList().map((write): WriteOperation => ({
      type: 'put',
      key: keys.history(namespace, write.getKey(), blockNum, txNum),
      value: Buffer.alloc(0),
    })),
  );
}

/** Reads a key's modifications from the blocks that made them (history/historyleveldb). */
export class KeyHistory implements HistoryQueryExecutor {
  readonly #database: Database;
  readonly #blocks: BlockStore;

  constructor(database: Database, blocks: BlockStore) {
    this.#database = database;
    this.#blocks = blocks;
  }

  getHistoryForKey(namespace: string, key: string): ResultsIterator<KeyModification> {
    const prefix = keys.historyPrefix(namespace, key);
    const iterator = this.#database.keys({ gte: prefix, lt: afterPrefix(prefix) });
    const blocks = this.#blocks;
    let closed = false;
    const close = (): void => {
      if (closed) return;
      closed = true;
      iterator.close().catch(() => undefined);
    };
    return {
      async next(): Promise<KeyModification | undefined> {
        if (closed) return undefined;
        const entry = await iterator.next();
        if (!entry) {
          close();
          return undefined;
        }
        const { blockNum, txNum } = keys.parseHistory(entry);
        return modification(blocks.envelopeAt(blockNum, txNum), namespace, key);
      },
      close,
    };
  }
}

function modification(envelope: Uint8Array, namespace: string, key: string): KeyModification {
  const { channelHeader } = openEnvelope(envelope);
  const { namespaces = [] } = readTransaction(envelope);
  const write = namespaces
    .find((one) => one.namespace === namespace)
    ?.set.getWritesList()
    .find((one) => one.getKey() === key);
  const result = new ledger.queryresult.KeyModification();
  result.setTxId(channelHeader.getTxId());
  result.setTimestamp(channelHeader.getTimestamp());
  if (write) {
    result.setValue(write.getValue_asU8());
    result.setIsDelete(write.getIsDelete());
  }
  return result;
}
