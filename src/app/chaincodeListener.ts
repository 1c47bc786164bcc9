import { chaincodeEndpoint, splitHostPort } from '../chaincode/endpoint.js';
import { LaunchCa } from '../chaincode/launchCa.js';
import type { CompiledConfig } from '../config/compile.js';
import type { GrpcMetrics } from '../grpc/metrics.js';
import { GrpcServer } from '../grpc/server.js';

/** The listener that chaincode dials back to, not yet listening. */
export interface ChaincodeListener {
  readonly server: GrpcServer;
  /** undefined = TLS is off. */
  readonly launchCa: LaunchCa | undefined;
  /** host:port for the chaincode; final once the server listens. */
  readonly endpoint: () => string;
}

/** Makes the chaincode listener with a CA of its own, new at every start (contract 4). */
export async function chaincodeListener(
  config: CompiledConfig,
  withTls: boolean,
  metrics: GrpcMetrics,
): Promise<ChaincodeListener> {
  const { chaincodeAddress, chaincodeListenAddress, address } = config.peer;
  const settings = {
    chaincodeAddress,
    chaincodeListenAddress,
    peerAddress: address,
    devMode: config.chaincode.mode === 'dev',
  };
  const host = splitHostPort(chaincodeEndpoint(settings, 0)).host;
  const listen =
    chaincodeListenAddress === '' ? `${splitHostPort(address).host}:7052` : chaincodeListenAddress;
  if (!withTls) {
    const server = new GrpcServer({ address: listen, metrics });
    return { server, launchCa: undefined, endpoint: () => chaincodeEndpoint(settings, server.port) };
  }
  const launchCa = await LaunchCa.create();
  const { certPem, keyPem } = await launchCa.issueServerCert(host);
  const server = new GrpcServer({
    address: listen,
    metrics,
    tls: {
      cert: Buffer.from(certPem),
      key: Buffer.from(keyPem),
      clientRootCas: [Buffer.from(launchCa.certPem)],
      clientAuthRequired: true,
    },
  });
  return { server, launchCa, endpoint: () => chaincodeEndpoint(settings, server.port) };
}
