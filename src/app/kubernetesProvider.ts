import { join } from 'node:path';
import { splitHostPort } from '../chaincode/endpoint.js';
import type { LaunchCa } from '../chaincode/launchCa.js';
import type { CompiledConfig } from '../config/compile.js';
import { LauncherError } from '../errors.js';
import { chaincodeLaunches, type ChaincodeLaunch } from '../k8s/api/chaincodeLaunch.js';
import { peerHash, type PeerIdentity } from '../k8s/api/names.js';
import { ArtifactDesk } from '../k8s/artifacts/artifactDesk.js';
import { ArtifactServer } from '../k8s/artifacts/artifactServer.js';
import { OutputStore } from '../k8s/artifacts/outputStore.js';
import { TokenVerifier } from '../k8s/artifacts/tokenVerifier.js';
import { clusterAccess } from '../k8s/client/access.js';
import { KubeClient } from '../k8s/client/kubeClient.js';
import { ownerReference } from '../k8s/client/owner.js';
import { Resource } from '../k8s/client/resource.js';
import { LaunchWatch } from '../k8s/provider/launchWatch.js';
import { podSettings, podSettingsByName } from '../k8s/provider/podSettings.js';
import { KubernetesVMProvider } from '../k8s/provider/provider.js';
import type { VMProvider } from '../launcher/types.js';
import type { UserProviderParts } from './userProviderParts.js';

/** Port of the artifact endpoint where nobody says otherwise. */
const artifactPort = 7055;
const onlyHere = new Set(['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::', '']);

/** Everything of the endorser's side of Kubernetes: the provider, the artifact endpoint, the watch. */
export async function kubernetesProvider(parts: UserProviderParts): Promise<VMProvider> {
  const { config, logs } = parts;
  const { kubernetes } = config.vm;
  const logger = logs.logger('kubernetes');
  const launchCa = tlsOf(config, parts.launchCa);
  const host = reachableHost(config, parts.chaincodeAddress);
  const pod = podSettings(kubernetes.pod ?? {}, 'vm.kubernetes.pod');
  const pods = podSettingsByName(kubernetes.pods ?? {}, 'vm.kubernetes.pods');
  const client = new KubeClient({
    access: await clusterAccess({ kubeconfig: kubernetes.kubeconfig, context: kubernetes.context }),
  });
  const namespace = kubernetes.namespace || client.namespace;
  const peer: PeerIdentity = {
    networkId: [config.peer.networkId, kubernetes.instance].filter(Boolean).join('/'),
    id: config.peer.id,
    mspId: config.peer.localMspId,
  };
  const launches = new Resource<ChaincodeLaunch>(client, chaincodeLaunches);
  const watch = new LaunchWatch({ client, launches, namespace, peer: peerHash(peer), logger });
  const outputs = new OutputStore(join(config.peer.fileSystemPath, 'chaincode-builds'));
  const desk = new ArtifactDesk(outputs);
  const audience = `chaincode-launcher.dev/${peerHash(peer)}`;
  const { certPem, keyPem } = await launchCa.issueServerCert(host);
  const server = new ArtifactServer({
    desk,
    verifier: new TokenVerifier(client, audience),
    directory: watch,
    tls: { cert: certPem, key: keyPem },
    logger,
  });
  const listen = listenAddress(config, host);
  const port = await server.listen(listen.host, listen.port);
  const url = `https://${kubernetes.artifacts.address || joined(host, port)}`;
  const owner =
    kubernetes.owner === '' ? undefined : await ownerReference(client, namespace, kubernetes.owner);
  const onClosed = async (): Promise<void> => {
    await server.close();
    client.close();
  };
  const provider = new KubernetesVMProvider({
    client,
    launches,
    watch,
    namespace,
    peer,
    ...(owner && { owner }),
    settings: {
      ...kubernetes,
      golangDynamicLink: config.chaincode.golangDynamicLink,
      pod,
      pods,
    },
    desk,
    outputs,
    address: parts.chaincodeAddress,
    artifacts: () => ({ url, caBundle: launchCa.certPem, audience }),
    logger,
    ...(kubernetes.attachStdout && { chaincodeLogger: (name: string) => logs.logger(name) }),
    onClosed,
  });
  try {
    await provider.open();
  } catch (error) {
    await provider.close();
    throw error;
  }
  logger.info(`chaincode runs in Pods of namespace ${namespace}, artifacts at ${url}`);
  return provider;
}

/** Pods prove who they are, and so must we: without TLS the artifact endpoint has no certificate. */
function tlsOf(config: CompiledConfig, launchCa: LaunchCa | undefined): LaunchCa {
  if (launchCa) return launchCa;
  throw new LauncherError(
    `vm.provider ${config.vm.provider} needs peer.tls.enabled: packages and keys go over the network`,
  );
}

/** The host that Pods dial. @throws LauncherError when it is one that only this machine knows */
function reachableHost(config: CompiledConfig, address: () => string): string {
  const where = (text: string): LauncherError =>
    new LauncherError(
      `peer.chaincodeAddress ${text} cannot be reached from a Pod: set peer.chaincodeAddress to an address or name of this peer in the cluster (vm.provider is ${config.vm.provider})`,
    );
  let endpoint: string;
  try {
    endpoint = address();
  } catch (error) {
    throw new LauncherError(where('""').message, { cause: error });
  }
  const { host } = splitHostPort(endpoint);
  if (onlyHere.has(host)) throw where(endpoint);
  return host;
}

function listenAddress(config: CompiledConfig, host: string): { host: string; port: number } {
  const given = config.vm.kubernetes.artifacts.listenAddress;
  if (given !== '') {
    const split = splitHostPort(given);
    return { host: split.host, port: split.port ?? artifactPort };
  }
  const listener = splitHostPort(config.peer.chaincodeListenAddress || config.peer.address).host;
  return { host: listener || host, port: artifactPort };
}

function joined(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
