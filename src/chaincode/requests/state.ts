import { peer } from '../../protos/index.js';
import { unmarshalKeyed } from '../messages.js';
import { checkPrivateRead, emptyPayload, refusePrivateInInit } from './call.js';
import type { RequestHandler } from './call.js';

/** GET_STATE: the value, empty when there is none. */
export const getState: RequestHandler = (call) => {
  const body = unmarshalKeyed(peer.GetState, call.payload, 'GetState');
  const { simulator } = call.context;
  const collection = body.getCollection();
  if (collection === '') return simulator.getState(call.namespace, body.getKey()) ?? emptyPayload;
  checkPrivateRead(call, collection);
  return simulator.getPrivateData(call.namespace, collection, body.getKey()) ?? emptyPayload;
};

/** PUT_STATE; an empty value deletes, which is the simulator's rule. */
export const putState: RequestHandler = (call) => {
  const body = unmarshalKeyed(peer.PutState, call.payload, 'PutState');
  const { simulator } = call.context;
  const collection = body.getCollection();
  if (collection === '') {
    simulator.setState(call.namespace, body.getKey(), body.getValue_asU8());
  } else {
    refusePrivateInInit(call);
    simulator.setPrivateData(call.namespace, collection, body.getKey(), body.getValue_asU8());
  }
  return emptyPayload;
};

/** DEL_STATE. */
export const delState: RequestHandler = (call) => {
  const body = unmarshalKeyed(peer.DelState, call.payload, 'DelState');
  const { simulator } = call.context;
  const collection = body.getCollection();
  if (collection === '') {
    simulator.deleteState(call.namespace, body.getKey());
  } else {
    refusePrivateInInit(call);
    simulator.deletePrivateData(call.namespace, collection, body.getKey());
  }
  return emptyPayload;
};

/** GET_PRIVATE_DATA_HASH: open to non-members, so no access check beyond Init. */
export const getPrivateDataHash: RequestHandler = (call) => {
  const body = unmarshalKeyed(peer.GetState, call.payload, 'GetState');
  refusePrivateInInit(call);
  const { simulator } = call.context;
  return simulator.getPrivateDataHash(call.namespace, body.getCollection(), body.getKey()) ?? emptyPayload;
};
