import { Type } from '../messages.js';
import type { RequestHandler } from './call.js';
import { invokeChaincode } from './invokeChaincode.js';
import { getStateMetadata, putStateMetadata } from './metadata.js';
import {
  getHistoryForKey,
  getQueryResult,
  getStateByRange,
  queryStateClose,
  queryStateNext,
} from './queries.js';
import { delState, getPrivateDataHash, getState, putState } from './state.js';

/** The requests that a registered chaincode may send, by type (contract 2.3). */
export const requestHandlers: ReadonlyMap<number, RequestHandler> = new Map<number, RequestHandler>([
  [Type.GET_STATE, getState],
  [Type.PUT_STATE, putState],
  [Type.DEL_STATE, delState],
  [Type.GET_PRIVATE_DATA_HASH, getPrivateDataHash],
  [Type.GET_STATE_METADATA, getStateMetadata],
  [Type.PUT_STATE_METADATA, putStateMetadata],
  [Type.GET_STATE_BY_RANGE, getStateByRange],
  [Type.GET_QUERY_RESULT, getQueryResult],
  [Type.GET_HISTORY_FOR_KEY, getHistoryForKey],
  [Type.QUERY_STATE_NEXT, queryStateNext],
  [Type.QUERY_STATE_CLOSE, queryStateClose],
  [Type.INVOKE_CHAINCODE, invokeChaincode],
]);
