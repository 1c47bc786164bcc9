import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { seekEnvelope, seekInfo } from '../../deliver/seekRequest.js';
import { statusName } from '../../deliver/statusName.js';
import { LauncherError } from '../../errors.js';
import { rpcText } from '../../grpc/rpcText.js';
import type { SigningIdentity } from '../../msp/types.js';
import { peer, type common } from '../../protos/index.js';
import type { PeerConnection } from './connections.js';

/** Far beyond every block: a deliver stream that does not end by itself. */
const noEnd = Number.MAX_SAFE_INTEGER;

/** Waits on one peer for the commit of a transaction. Start it before the transaction is sent. */
export class CommitWaiter {
  readonly address: string;
  readonly #stream: ClientDuplexStream<common.Envelope, peer.DeliverResponse>;
  readonly #committed: Promise<number>;

  private constructor(connection: PeerConnection, txId: string) {
    this.address = connection.address;
    this.#stream = connection.deliverFiltered();
    this.#committed = new Promise((resolve, reject) => {
      this.#stream.on('error', (error: ServiceError) =>
        reject(new LauncherError(rpcText(error), { cause: error })),
      );
      this.#stream.on('data', (answer: peer.DeliverResponse) => {
        const found = answer
          .getFilteredBlock()
          ?.getFilteredTransactionsList()
          .find((one) => one.getTxid() === txId);
        if (found) resolve(found.getTxValidationCode());
        else if (!answer.hasFilteredBlock()) {
          reject(
            new LauncherError(
              `deliver completed with status (${statusName(answer.getStatus())}) before txid received`,
            ),
          );
        }
      });
    });
    // Whoever asks gets the error; until then it must not count as unhandled.
    this.#committed.catch(() => undefined);
  }

  static async start(
    connection: PeerConnection,
    signer: SigningIdentity,
    channelId: string,
    txId: string,
  ): Promise<CommitWaiter> {
    const waiter = new CommitWaiter(connection, txId);
    const info = seekInfo('newest', noEnd, true);
    waiter.#stream.write(await seekEnvelope(signer, channelId, info, connection.tlsCertHash));
    return waiter;
  }

  /** The validation code's name. Rejects with `timed out waiting for txid on all peers`. */
  async wait(timeoutMs: number): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new LauncherError('timed out waiting for txid on all peers')),
        timeoutMs,
      );
    });
    try {
      const code = await Promise.race([this.#committed, late]);
      return Object.entries(peer.TxValidationCode).find(([, value]) => value === code)?.[0] ?? String(code);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#stream.removeAllListeners('error');
    // Our own cancel comes back as an error of the stream.
    this.#stream.on('error', () => undefined);
    this.#stream.cancel();
  }
}
