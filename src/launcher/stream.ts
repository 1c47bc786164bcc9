import type { peer } from '../protos/index.js';

/** The peer's end of one ChaincodeMessage stream. Sending on a closed stream throws `send failure ‹…›`. */
export interface ChaincodeStream {
  send(message: peer.ChaincodeMessage): void;
  /** Ends the stream, with an error that the chaincode sees when one is given. May be called twice. */
  end(error?: Error): void;
}

/** What serves the peer's side of one stream; told by the stream's owner. */
export interface StreamSession {
  receive(message: peer.ChaincodeMessage): void;
  /** The stream is over, whoever ended it; called once. */
  closed(reason?: Error): void;
}

/** Opens the peer's side of a stream. Implemented by the chaincode support. */
export interface ChaincodeStreamHandler {
  open(stream: ChaincodeStream): StreamSession;
}
