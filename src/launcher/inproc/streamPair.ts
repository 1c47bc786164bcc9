import { LauncherError } from '../../errors.js';
import type { peer } from '../../protos/index.js';
import type { ChaincodeStream, ChaincodeStreamHandler, StreamSession } from '../stream.js';

/** The chaincode's end of an in-memory stream. */
export interface ChaincodeEnd {
  send(message: peer.ChaincodeMessage): void;
  close(): void;
}

/** What the chaincode's end is told. */
export interface ChaincodeEndListener {
  receive(message: peer.ChaincodeMessage): void;
  closed(): void;
}

/**
 * Connects a chaincode in this process with the peer's side: messages are passed as objects, in order, and each
 * from a turn of its own, so that neither side is re-entered while it sends.
 */
export function connectInProcess(
  handler: ChaincodeStreamHandler,
  listener: ChaincodeEndListener,
): ChaincodeEnd {
  let open = true;
  const close = (reason?: Error): void => {
    if (!open) return;
    open = false;
    queueMicrotask(() => {
      session.closed(reason);
      listener.closed();
    });
  };
  const send = (deliver: () => void): void => {
    if (!open) throw new LauncherError('send failure channel is closed');
    queueMicrotask(() => {
      if (open) deliver();
    });
  };
  const peerEnd: ChaincodeStream = {
    send: (message) => send(() => listener.receive(message)),
    end: close,
  };
  const session: StreamSession = handler.open(peerEnd);
  return {
    send: (message) => send(() => session.receive(message)),
    close: () => close(),
  };
}
