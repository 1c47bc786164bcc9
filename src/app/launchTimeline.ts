import type { LaunchJournal } from '../launcher/journal.js';
import type { BlockListener } from '../peer/types.js';

/** Tells the journal when the transaction that launched a chaincode was ordered and committed. */
export function launchTimeline(journal: LaunchJournal): BlockListener {
  return {
    blockReceived: (_channelId, _blockNumber, txIds) => {
      for (const txId of txIds) journal.stepOfTransaction(txId, 'ordered');
    },
    blockCommitted: ({ transactions }) => {
      for (const { txId } of transactions) journal.stepOfTransaction(txId, 'committed');
    },
  };
}
