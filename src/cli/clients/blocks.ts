import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { statusName } from '../../deliver/statusName.js';
import { LauncherError } from '../../errors.js';
import { rpcText } from '../../grpc/rpcText.js';
import type { common, orderer, peer } from '../../protos/index.js';

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
