import { count, flag, section } from './kinds.js';
import { unused } from './unused.js';

/** The ledgers of the peer. */
export const ledger = section('The ledgers of the peer.', {
  state: section('', {
    totalQueryLimit: count('At most so many results of one range query.', 100_000),
    ...unused.ledgerState,
  }),
  history: section('', {
    enableHistoryDatabase: flag(
      'Chaincode may ask for the history of a key. It is kept in any case, so this can be switched on later.',
      true,
    ),
  }),
  ...unused.ledger,
});
