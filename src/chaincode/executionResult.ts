import { LauncherError, wrap } from '../errors.js';
import { peer } from '../protos/index.js';
import { Type } from './messages.js';
import type { ChaincodeResult } from './types.js';

/** What a chaincode's answer means for the endorser (contract 1.1, result processing). */
export async function executionResult(
  txId: string,
  name: string,
  answered: Promise<peer.ChaincodeMessage>,
): Promise<ChaincodeResult> {
  let answer: peer.ChaincodeMessage;
  try {
    answer = await answered;
  } catch (error) {
    throw wrap(`failed to execute transaction ${txId}`, error);
  }
  const event = answer.getChaincodeEvent();
  event?.setChaincodeId(name);
  event?.setTxId(txId);
  switch (answer.getType()) {
    case Type.COMPLETED:
      return { response: responseOf(answer, txId), ...(event && { event }) };
    case Type.ERROR:
      throw new LauncherError(
        `transaction returned with failure: ${Buffer.from(answer.getPayload_asU8()).toString()}`,
      );
    default:
      throw new LauncherError(`unexpected response type ${answer.getType()} for transaction ${txId}`);
  }
}

function responseOf(answer: peer.ChaincodeMessage, txId: string): peer.Response {
  try {
    return peer.Response.deserializeBinary(answer.getPayload_asU8());
  } catch (error) {
    throw wrap(`failed to unmarshal response for transaction ${txId}`, error);
  }
}
