import { peer } from '../protos/index.js';
import type { QueryContext } from './queryContext.js';
import type { TransactionContext } from './transactionContext.js';

/** Records in one message from the peer (Fabric's MaxResultLimit; not configurable there either). */
export const batchSize = 100;

/**
 * Reads the next batch of a query (contract 3): up to 100 records and one look ahead, or the whole page when the
 * query is paginated. A query that has ended, or failed, is closed and forgotten.
 */
export async function nextBatch(
  context: TransactionContext,
  id: string,
  query: QueryContext,
): Promise<Uint8Array> {
  try {
    for (;;) {
      // At the limit the result simply ends; nothing is read ahead.
      if (query.total >= query.limit) return lastBatch(context, id, query);
      const result = await query.results.next();
      if (!result) return lastBatch(context, id, query);
      query.total++;
      if (!query.bookmark && query.queued.length === batchSize) {
        const batch = query.queued.splice(0, batchSize, result);
        return response(id, batch, true);
      }
      query.queued.push(result);
    }
  } catch (error) {
    context.closeQuery(id);
    throw error;
  }
}

function lastBatch(context: TransactionContext, id: string, query: QueryContext): Uint8Array {
  const batch = query.queued.splice(0);
  const bookmark = query.bookmark?.();
  context.closeQuery(id);
  if (bookmark === undefined) return response(id, batch, false);
  const metadata = new peer.QueryResponseMetadata();
  metadata.setFetchedRecordsCount(query.total);
  metadata.setBookmark(bookmark);
  return response(id, batch, false, metadata.serializeBinary());
}

/** A marshalled QueryResponse. */
export function response(
  id: string,
  results: readonly Uint8Array[],
  hasMore: boolean,
  metadata?: Uint8Array,
): Uint8Array {
  const message = new peer.QueryResponse();
  message.setResultsList(
    results.map((bytes) => {
      const result = new peer.QueryResultBytes();
      result.setResultbytes(bytes);
      return result;
    }),
  );
  message.setHasMore(hasMore);
  message.setId(id);
  if (metadata) message.setMetadata(metadata);
  return message.serializeBinary();
}
