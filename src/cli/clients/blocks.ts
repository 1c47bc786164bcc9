import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { LauncherError } from '../../errors.js';
import { common, orderer, type peer } from '../../protos/index.js';
import { rpcText, statusName } from './connections.js';

/** Which blocks are wanted: one kind of position for both ends, or a number for each. */
export type Position = 'oldest' | 'newest' | number;

/**
 * Marshalled SeekInfo from `start` to `stop`.
 * @param wait whether blocks that do not exist yet are waited for
 * @param bestEffort takes blocks even of an orderer that cannot serve at the moment
 */
export function seekInfo(start: Position, stop: Position, wait: boolean, bestEffort = false): Uint8Array {
  const info = new orderer.SeekInfo();
  info.setStart(position(start));
  info.setStop(position(stop));
  const { BLOCK_UNTIL_READY, FAIL_IF_NOT_READY } = orderer.SeekInfo.SeekBehavior;
  info.setBehavior(wait ? BLOCK_UNTIL_READY : FAIL_IF_NOT_READY);
  if (bestEffort) info.setErrorResponse(orderer.SeekInfo.SeekErrorResponse.BEST_EFFORT);
  return info.serializeBinary();
}

function position(value: Position): orderer.SeekPosition {
  const result = new orderer.SeekPosition();
  if (value === 'oldest') result.setOldest(new orderer.SeekOldest());
  else if (value === 'newest') result.setNewest(new orderer.SeekNewest());
  else {
    const specified = new orderer.SeekSpecified();
    specified.setNumber(value);
    result.setSpecified(specified);
  }
  return result;
}

type BlockAnswer = orderer.DeliverResponse | peer.DeliverResponse;

/** Reads the one block that a request names. Rejects with `can't read the block: &{‹status›}`. */
export function readOneBlock<R extends BlockAnswer>(
  stream: ClientDuplexStream<common.Envelope, R>,
  envelope: common.Envelope,
): Promise<common.Block> {
  return new Promise((resolve, reject) => {
    stream.on('error', (error: ServiceError) => reject(new LauncherError(rpcText(error), { cause: error })));
    stream.on('data', (answer: R) => {
      stream.end();
      const block = answer.getBlock();
      if (block) resolve(block);
      else reject(new LauncherError(`can't read the block: &{${statusName(answer.getStatus())}}`));
    });
    stream.write(envelope);
  });
}
