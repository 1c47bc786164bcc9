import { LauncherError } from '../../errors.js';
import { peer } from '../../protos/index.js';
import { unmarshalKeyed } from '../messages.js';
import { checkPrivateRead, emptyPayload, refusePrivateInInit } from './call.js';
import type { RequestHandler, ShimCall } from './call.js';

function checkKeyLevelEndorsement(call: ShimCall): void {
  const resources = call.services.channels.resources(call.channelId);
  if (!resources) throw new LauncherError(`application config does not exist for ${call.channelId}`);
  if (!resources.application.capabilities.v13) {
    throw new LauncherError(
      'key level endorsement is not enabled, channel application capability of V1_3 or later is required',
    );
  }
}

/** GET_STATE_METADATA: StateMetadataResult with what is set on the key. */
export const getStateMetadata: RequestHandler = (call) => {
  checkKeyLevelEndorsement(call);
  const body = unmarshalKeyed(peer.GetStateMetadata, call.payload, 'GetStateMetadata');
  const { simulator } = call.context;
  const collection = body.getCollection();
  if (collection !== '') checkPrivateRead(call, collection);
  const metadata =
    collection === ''
      ? simulator.getStateMetadata(call.namespace, body.getKey())
      : simulator.getPrivateDataMetadata(call.namespace, collection, body.getKey());
  const result = new peer.StateMetadataResult();
  for (const [name, value] of metadata ?? []) {
    const entry = new peer.StateMetadata();
    entry.setMetakey(name);
    entry.setValue(value);
    result.addEntries(entry);
  }
  return result.serializeBinary();
};

/** PUT_STATE_METADATA: one entry replaces whatever the key had. */
export const putStateMetadata: RequestHandler = (call) => {
  checkKeyLevelEndorsement(call);
  const body = unmarshalKeyed(peer.PutStateMetadata, call.payload, 'PutStateMetadata');
  const entry = body.getMetadata();
  if (!entry) throw new LauncherError('unmarshal failed: no metadata in the request');
  const metadata = new Map([[entry.getMetakey(), entry.getValue_asU8()]]);
  const { simulator } = call.context;
  const collection = body.getCollection();
  if (collection === '') {
    simulator.setStateMetadata(call.namespace, body.getKey(), metadata);
  } else {
    refusePrivateInInit(call);
    simulator.setPrivateDataMetadata(call.namespace, collection, body.getKey(), metadata);
  }
  return emptyPayload;
};
