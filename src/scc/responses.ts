import { messageOf } from '../errors.js';
import { peer } from '../protos/index.js';

/** The shim's Success: status 200 with a payload. */
export function success(payload: Uint8Array | string): peer.Response {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(typeof payload === 'string' ? Buffer.from(payload) : payload);
  return response;
}

/** The shim's Error: status 500 with a text. */
export function failure(error: unknown): peer.Response {
  const response = new peer.Response();
  response.setStatus(500);
  response.setMessage(messageOf(error));
  return response;
}

/** Whatever a system chaincode throws is its answer with status 500. */
export async function answer(work: () => Promise<Uint8Array | string>): Promise<peer.Response> {
  try {
    return success(await work());
  } catch (error) {
    return failure(error);
  }
}
