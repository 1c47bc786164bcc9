import { credentials, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import { clientKeepalive, maxMessageBytes, type Keepalive } from './limits.js';

/** PEM material of a client; without a root CA the connection is plain text. */
export interface ClientTls {
  readonly rootCa?: Uint8Array;
  readonly clientCert?: Uint8Array;
  readonly clientKey?: Uint8Array;
}

/** Credentials for a peer's or an orderer's port; both client files come together or not at all. */
export function grpcCredentials(tls: ClientTls = {}): ChannelCredentials {
  if (!tls.rootCa) return credentials.createInsecure();
  const key = tls.clientKey ? Buffer.from(tls.clientKey) : null;
  const cert = tls.clientCert ? Buffer.from(tls.clientCert) : null;
  return credentials.createSsl(Buffer.from(tls.rootCa), key, cert);
}

export interface ChannelSettings {
  /** The name that the server's certificate must hold when it is not the host dialled. */
  readonly serverNameOverride?: string;
  /** @default Fabric's: 60 s, 20 s */
  readonly keepalive?: Keepalive;
}

/** Options of a channel as Fabric's clients set them: 100 MiB messages, pings, no proxy from the environment. */
export function channelOptions(settings: ChannelSettings = {}): ChannelOptions {
  const keepalive = settings.keepalive ?? clientKeepalive;
  return {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': keepalive.timeMs,
    'grpc.keepalive_timeout_ms': keepalive.timeoutMs,
    'grpc.enable_http_proxy': 0,
    ...(settings.serverNameOverride !== undefined &&
      settings.serverNameOverride !== '' && {
        'grpc.ssl_target_name_override': settings.serverNameOverride,
        'grpc.default_authority': settings.serverNameOverride,
      }),
  };
}
