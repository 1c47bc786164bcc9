import { Server, ServerCredentials } from '@grpc/grpc-js';
import { CertAuth } from '../../src/chaincode/certAuth.js';
import { LaunchCa } from '../../src/chaincode/launchCa.js';
import { registerService } from '../../src/chaincode/registerService.js';
import type { VMProvider } from '../../src/launcher/types.js';
import { chaincodePeer } from './chaincodePeer.js';
import type { ChaincodePeerOptions } from './chaincodePeer.js';
import { silentLogger } from './silentLogger.js';

export interface ListeningPeerOptions extends ChaincodePeerOptions {
  readonly provider?: VMProvider;
  readonly tls?: boolean;
  readonly registerTimeoutMs?: number;
  /** @default 100 MiB */
  readonly maxMessageBytes?: number;
}

/** A peer whose chaincode listener is bound to 127.0.0.1, with or without TLS. */
export async function listeningPeer(options: ListeningPeerOptions = {}) {
  const ca = options.tls ? await LaunchCa.create() : undefined;
  const auth = ca && new CertAuth(ca);
  let port = 0;
  const peerAddress = (): string => `127.0.0.1:${port}`;
  const it = chaincodePeer({ ...options, peerAddress, ...(auth && { certificates: auth }) });
  const maxMessageBytes = options.maxMessageBytes ?? 100 * 1024 * 1024;
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  });
  const { definition, implementation } = registerService({
    handler: it.support,
    ...(auth && { auth }),
    logger: silentLogger(),
    ...(options.registerTimeoutMs !== undefined && { registerTimeoutMs: options.registerTimeoutMs }),
  });
  server.addService(definition, implementation);
  port = await bind(server, ca);
  const close = async (): Promise<void> => {
    await options.provider?.close();
    it.registry.close();
    await it.inproc.close();
    server.forceShutdown();
  };
  return { ...it, server, ca, auth, address: peerAddress(), close };
}

async function bind(server: Server, ca: LaunchCa | undefined): Promise<number> {
  let credentials = ServerCredentials.createInsecure();
  if (ca) {
    const cert = await ca.issueServerCert('127.0.0.1');
    const pair = { private_key: Buffer.from(cert.keyPem), cert_chain: Buffer.from(cert.certPem) };
    credentials = ServerCredentials.createSsl(Buffer.from(ca.certPem), [pair], true);
  }
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}
