import type { peer } from '../protos/index.js';
import type { HistoryQueryExecutor, PeerLedger, QueryExecutor, TxSimulator } from '../ledger/types.js';
import type { ChannelResources } from '../channelconfig/types.js';
import type { ChaincodeContainerInfo } from '../launcher/types.js';

/** Fabric's ccprovider.TransactionParams: one proposal on its way through the chaincode support. */
export interface TransactionParams {
  /** '' for a proposal without a channel. */
  readonly channelId: string;
  readonly txId: string;
  readonly signedProposal: peer.SignedProposal;
  readonly proposal: peer.Proposal;
  readonly txSimulator?: TxSimulator;
  readonly historyQueryExecutor?: HistoryQueryExecutor;
  /** MSP id of the proposal's creator, for collection access. */
  readonly creatorMspId: string;
}

/** What Execute and ExecuteLegacyInit give back. */
export interface ChaincodeResult {
  readonly response: peer.Response;
  readonly event?: peer.ChaincodeEvent;
}

/** A chaincode's definition on a channel, from lscc's state. */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly version: string;
  readonly escc: string;
  readonly vscc: string;
  /** Marshalled SignaturePolicyEnvelope. */
  readonly policy: Uint8Array;
  readonly instantiationPolicy: Uint8Array;
}

/** Looks definitions up; implemented by lscc (contract 7.6 for the error texts). */
export interface Lifecycle {
  chaincodeDefinition(name: string, queryExecutor: QueryExecutor): ChaincodeDefinition;
  /** Reads the definition and the installed package and checks that they fit. */
  chaincodeContainerInfo(name: string, queryExecutor: QueryExecutor): Promise<ChaincodeContainerInfo>;
  /** Throws `Instantiation policy mismatch for cc ‹n›/‹v›` or when the package is missing. */
  checkInstantiationPolicy(definition: ChaincodeDefinition): Promise<void>;
}

/** Which names are system chaincode and how they may be called. */
export interface SystemChaincodes {
  isSystemChaincode(name: string): boolean;
  isInvokableExternal(name: string): boolean;
  isInvokableCC2CC(name: string): boolean;
}

/** ACL check of one resource on one channel ('' = channelless); rejects with Fabric's texts of contract 9. */
export interface AclProvider {
  checkAcl(resource: string, channelId: string, signedProposal: peer.SignedProposal): Promise<void>;
}

/** The channels that this peer has joined. */
export interface Channels {
  ledger(channelId: string): PeerLedger | undefined;
  resources(channelId: string): ChannelResources | undefined;
}

/** What the endorser asks of the chaincode support (contract 1.1). */
export interface ChaincodeExecutor {
  /** Launches if necessary, then runs TRANSACTION. Rejects with `failed to execute transaction …` and the like. */
  execute(
    params: TransactionParams,
    name: string,
    version: string,
    input: peer.ChaincodeInput,
  ): Promise<ChaincodeResult>;
  /** Launches what the deployment spec says, then runs INIT with the same simulator. */
  executeLegacyInit(
    params: TransactionParams,
    name: string,
    version: string,
    spec: peer.ChaincodeDeploymentSpec,
  ): Promise<ChaincodeResult>;
}
