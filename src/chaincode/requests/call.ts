import { LauncherError } from '../../errors.js';
import type { HandlerServices } from '../services.js';
import type { TransactionContext } from '../transactionContext.js';

/** One request of a chaincode in a transaction. */
export interface ShimCall {
  readonly payload: Uint8Array;
  readonly channelId: string;
  readonly txId: string;
  readonly context: TransactionContext;
  /** The ledger namespace: the chaincode's bare name. */
  readonly namespace: string;
  readonly services: HandlerServices;
}

/** Serves one type of request; gives the payload of the RESPONSE, throws the cause of the ERROR. */
export type RequestHandler = (call: ShimCall) => Uint8Array | Promise<Uint8Array>;

export const emptyPayload = new Uint8Array();

/** Private data has no history of endorsement in Init; Fabric refuses all of it there. */
export function refusePrivateInInit(call: ShimCall): void {
  if (call.context.isInit) {
    throw new LauncherError('private data APIs are not allowed in chaincode Init()');
  }
}

/** Reads of a collection: never in Init, and only for members where the collection says so. */
export function checkPrivateRead(call: ShimCall, collection: string): void {
  refusePrivateInInit(call);
  const { context, namespace, services } = call;
  if (context.readableCollections.has(collection)) return;
  if (!services.collectionAccess.hasReadAccess(context.params, context.simulator, namespace, collection)) {
    throw new LauncherError(
      `tx creator does not have read access permission on privatedata in chaincodeName:${namespace} collectionName: ${collection}`,
    );
  }
  context.readableCollections.add(collection);
}
