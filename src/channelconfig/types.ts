import type { common } from '../protos/index.js';
import type { IdentityDeserializer } from '../msp/types.js';
import type { PolicyManager } from '../policies/types.js';

/** What the Application group's capabilities switch on (contract 12.3); each level includes the lower ones. */
export interface ApplicationCapabilities {
  readonly v11: boolean;
  readonly v12: boolean;
  readonly v13: boolean;
  readonly v142: boolean;
  /** V2_0 and later. */
  readonly v20: boolean;
}

/** The orderer's values of a channel. */
export interface OrdererSettings {
  readonly consensusType: string;
  readonly maxMessageCount: number;
  readonly absoluteMaxBytes: number;
  readonly preferredMaxBytes: number;
  readonly batchTimeoutMs: number;
}

/** One channel configuration, read once from its Config message and then immutable: MSPs, policies, capabilities, values. */
export interface ChannelResources {
  readonly channelId: string;
  readonly config: common.Config;
  readonly sequence: number;
  readonly deserializer: IdentityDeserializer;
  readonly policies: PolicyManager;
  readonly application: {
    readonly capabilities: ApplicationCapabilities;
    /** MSP ids of the Application organisations, sorted. */
    readonly mspIds: readonly string[];
    /** ACL resource → policy reference as an absolute path. */
    readonly acls: ReadonlyMap<string, string>;
  };
  readonly orderer: OrdererSettings;
  readonly ordererAddresses: readonly string[];
  /** PEM of the TLS authorities of the orderers' organisations: what their servers' certificates come from. */
  readonly ordererTlsRoots: readonly Uint8Array[];
}
