import { LauncherError } from '../../errors.js';
import type { KeyValue, ResultsIterator } from '../../ledger/types.js';
import { ledger, peer } from '../../protos/index.js';
import { unmarshal, unmarshalKeyed } from '../messages.js';
import { newQuery } from '../queryContext.js';
import type { QueryContext } from '../queryContext.js';
import { nextBatch, response } from '../queryResponses.js';
import { checkPrivateRead } from './call.js';
import type { RequestHandler, ShimCall } from './call.js';

interface Paging {
  readonly pageSize: number;
  readonly bookmark: string;
}

/** GET_STATE_BY_RANGE: the first batch, or the whole page of a paginated query (contract 3). */
export const getStateByRange: RequestHandler = (call) => {
  const body = unmarshal(peer.GetStateByRange, call.payload);
  const paging = readPaging(body.getMetadata_asU8());
  const { simulator } = call.context;
  const { namespace } = call;
  const [startKey, endKey, collection] = [body.getStartkey(), body.getEndkey(), body.getCollection()];
  const limit = returnLimit(call, paging);
  if (collection !== '') {
    checkPrivateRead(call, collection);
    const range = simulator.getPrivateDataRange(namespace, collection, startKey, endKey);
    return first(call, newQuery(marshalled(range, keyValueBytes(namespace)), limit));
  }
  if (!paging) {
    const range = simulator.getStateRange(namespace, startKey, endKey);
    return first(call, newQuery(marshalled(range, keyValueBytes(namespace)), limit));
  }
  const from = paging.bookmark === '' ? startKey : paging.bookmark;
  const page = simulator.getStateRangeWithPagination(namespace, from, endKey, limit);
  const bookmark = (): string => page.bookmark();
  return first(call, newQuery(marshalled(page, keyValueBytes(namespace)), limit, bookmark));
};

/** GET_QUERY_RESULT: the embedded store has no rich queries and says so in Fabric's words. */
export const getQueryResult: RequestHandler = (call) => {
  const body = unmarshal(peer.GetQueryResult, call.payload);
  const collection = body.getCollection();
  if (collection !== '') checkPrivateRead(call, collection);
  else if (readPaging(body.getMetadata_asU8())) {
    throw new LauncherError('ExecuteQueryWithMetadata not supported for leveldb');
  }
  return call.context.simulator.executeQuery(call.namespace, body.getQuery());
};

/** GET_HISTORY_FOR_KEY: oldest first. */
export const getHistoryForKey: RequestHandler = (call) => {
  const body = unmarshalKeyed(peer.GetHistoryForKey, call.payload, 'GetHistoryForKey');
  const history = call.context.params.historyQueryExecutor;
  if (!history || !call.services.historyDatabase) throw new LauncherError('history database is not enabled');
  const results = history.getHistoryForKey(call.namespace, body.getKey());
  const query = newQuery(
    marshalled(results, (modification) => modification.serializeBinary()),
    call.services.totalQueryLimit,
  );
  return first(call, query);
};

/** QUERY_STATE_NEXT: the next batch of an open query. */
export const queryStateNext: RequestHandler = (call) => {
  const id = unmarshal(peer.QueryStateNext, call.payload).getId();
  const query = call.context.query(id);
  if (!query) throw new LauncherError('query iterator not found');
  return nextBatch(call.context, id, query);
};

/** QUERY_STATE_CLOSE: also of a query that has ended already, as the Go shim sends it. */
export const queryStateClose: RequestHandler = (call) => {
  const id = unmarshal(peer.QueryStateClose, call.payload).getId();
  call.context.closeQuery(id);
  return response(id, [], false);
};

function first(call: ShimCall, query: QueryContext): Promise<Uint8Array> {
  const id = call.services.newId();
  call.context.openQuery(id, query);
  return nextBatch(call.context, id, query);
}

/** Paginated iff a page size or a bookmark is given; collections are never paginated. */
function readPaging(metadata: Uint8Array): Paging | undefined {
  if (metadata.length === 0) return undefined;
  const body = unmarshal(peer.QueryMetadata, metadata);
  const paging = { pageSize: body.getPagesize(), bookmark: body.getBookmark() };
  return paging.pageSize === 0 && paging.bookmark === '' ? undefined : paging;
}

function returnLimit(call: ShimCall, paging: Paging | undefined): number {
  const { totalQueryLimit } = call.services;
  return paging && paging.pageSize > 0 && paging.pageSize < totalQueryLimit
    ? paging.pageSize
    : totalQueryLimit;
}

function keyValueBytes(namespace: string): (result: KeyValue) => Uint8Array {
  return ({ key, value }) => {
    const kv = new ledger.queryresult.KV();
    kv.setNamespace(namespace);
    kv.setKey(key);
    kv.setValue(value);
    return kv.serializeBinary();
  };
}

/** The same results, each marshalled when it is read. */
function marshalled<T>(
  results: ResultsIterator<T>,
  marshal: (result: T) => Uint8Array,
): ResultsIterator<Uint8Array> {
  return {
    next: async () => {
      const result = await results.next();
      return result === undefined ? undefined : marshal(result);
    },
    close: () => results.close(),
  };
}
