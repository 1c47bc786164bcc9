import type { Registry } from 'prom-client';
import type { CompiledConfig } from '../config/compile.js';
import { DeliverMetrics } from '../deliver/metrics.js';
import { peerDeliverService, type GrpcService } from '../deliver/services.js';
import type { DeliverChannel } from '../deliver/types.js';
import { LauncherError } from '../errors.js';
import type { LogRegistry } from '../ops/logRegistry.js';
import type { ChannelRegistry } from '../peer/channelRegistry.js';

export interface DeliveryParts {
  readonly channels: ChannelRegistry;
  readonly config: CompiledConfig;
  readonly logs: LogRegistry;
  readonly metrics: Registry;
}

const defaultReaders = '/Channel/Application/Readers';

/** The peer's Deliver services over its channels. */
export function peerDelivery({ channels, config, logs, metrics }: DeliveryParts): GrpcService {
  const options = {
    logger: logs.logger('deliver'),
    metrics: new DeliverMetrics(metrics),
    timeWindowMs: config.peer.authenticationTimeWindowMs,
    mutualTls: config.peer.tls.clientAuthRequired,
  };
  return peerDeliverService({
    full: { ...options, channels: (id) => deliverChannel(channels, id, 'event/Block') },
    filtered: { ...options, channels: (id) => deliverChannel(channels, id, 'event/FilteredBlock') },
  });
}

function deliverChannel(
  channels: ChannelRegistry,
  channelId: string,
  resource: string,
): DeliverChannel | undefined {
  const channel = channels.get(channelId);
  if (!channel) return undefined;
  const { ledger } = channel;
  return {
    blocks: {
      get height() {
        return ledger.height;
      },
      getBlock: (blockNumber) => ledger.getBlockByNumber(blockNumber),
      waitForBlock: (blockNumber, signal) => ledger.waitForBlock(blockNumber, signal),
    },
    get configSequence() {
      return channel.resources.sequence;
    },
    checkAccess: async (envelope, creator) => {
      const { application, policies } = channel.resources;
      const path = (application.capabilities.v12 && application.acls.get(resource)) || defaultReaders;
      const policy = policies.getPolicy(path);
      if (!policy) throw new LauncherError(`no policy ${path} in channel ${channelId}`);
      await policy.evaluateSignedData([
        { data: envelope.getPayload_asU8(), identity: creator, signature: envelope.getSignature_asU8() },
      ]);
    },
    expiresAt: (creator) => channel.resources.deserializer.deserializeIdentity(creator).expiresAt,
  };
}
