import type { peer } from '../../protos/index.js';

/** What a system chaincode may ask while it answers; served through the same stream protocol as any chaincode. */
export interface SystemChaincodeStub {
  readonly args: readonly Uint8Array[];
  readonly txId: string;
  readonly channelId: string;
  /** The signed proposal as it came with the transaction. */
  readonly signedProposal: peer.SignedProposal | undefined;
  getState(key: string): Promise<Uint8Array | undefined>;
  putState(key: string, value: Uint8Array): Promise<void>;
  /** All pairs of the range, over as many batches as needed. */
  getStateByRange(startKey: string, endKey: string): Promise<{ key: string; value: Uint8Array }[]>;
  setEvent(name: string, payload: Uint8Array): void;
}

/** A chaincode that runs in this process (contract 1.6, 7, 8). */
export interface SystemChaincode {
  readonly name: string;
  readonly invokableExternal: boolean;
  readonly invokableCC2CC: boolean;
  init(stub: SystemChaincodeStub): Promise<peer.Response>;
  invoke(stub: SystemChaincodeStub): Promise<peer.Response>;
}
