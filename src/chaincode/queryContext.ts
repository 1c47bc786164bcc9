import type { ResultsIterator } from '../ledger/types.js';

/** One open query of a transaction. */
export interface QueryContext {
  /** Marshalled KV or KeyModification, one by one. */
  readonly results: ResultsIterator<Uint8Array>;
  /** Present iff the query is paginated: the bookmark behind the page. */
  readonly bookmark?: () => string;
  /** Records that this query may return at most, over all its batches. */
  readonly limit: number;
  /** Records returned or queued so far. */
  total: number;
  /** Read already, to be sent as the first of the next batch. */
  readonly queued: Uint8Array[];
}

export function newQuery(
  results: ResultsIterator<Uint8Array>,
  limit: number,
  bookmark?: () => string,
): QueryContext {
  return { results, limit, total: 0, queued: [], ...(bookmark && { bookmark }) };
}
