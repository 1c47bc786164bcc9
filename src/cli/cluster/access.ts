import { LauncherError } from '../../errors.js';
import { chaincodeLaunches, type ChaincodeLaunch } from '../../k8s/api/chaincodeLaunch.js';
import { explainMissingCrd } from '../../k8s/api/missingCrd.js';
import { clusterAccess } from '../../k8s/client/access.js';
import { KubeClient } from '../../k8s/client/kubeClient.js';
import { Resource, type Selection } from '../../k8s/client/resource.js';

export interface ClusterFlags {
  namespace?: string;
  allNamespaces?: boolean;
  kubeconfig?: string;
  context?: string;
  output: 'text' | 'json';
}

/** The cluster as a command sees it. */
export interface Cluster {
  readonly client: KubeClient;
  readonly launches: Resource<ChaincodeLaunch>;
  readonly selection: Selection;
}

/** Runs a command against the cluster that kubectl would use. */
export async function withCluster(
  flags: ClusterFlags,
  work: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const access = await clusterAccess(flags);
  const client = new KubeClient({ access });
  const selection = flags.allNamespaces ? {} : { namespace: flags.namespace ?? client.namespace };
  try {
    await work({ client, launches: new Resource(client, chaincodeLaunches), selection });
  } catch (error) {
    throw explainMissingCrd(error);
  } finally {
    client.close();
  }
}

/** All launches, in the order of namespace and name. */
export async function listLaunches({ launches, selection }: Cluster): Promise<ChaincodeLaunch[]> {
  const { items } = await launches.list(selection);
  const place = ({ metadata }: ChaincodeLaunch): string => `${metadata.namespace ?? ''}/${metadata.name}`;
  return [...items].sort((a, b) => place(a).localeCompare(place(b)));
}

/** The launch that a person means: by the object's name, by `chaincode:version`, or by the chaincode if there is one only. */
export async function findLaunch(cluster: Cluster, name: string): Promise<ChaincodeLaunch> {
  const all = await listLaunches(cluster);
  const named = all.filter(({ metadata }) => metadata.name === name);
  const meant = named.length > 0 ? named : all.filter(({ spec }) => isMeant(spec.chaincode, name));
  const [first, ...more] = meant;
  const where = cluster.selection.namespace ?? 'any namespace';
  if (!first) throw new LauncherError(`no launch of ${name} in ${where}; see: launches list -n NAMESPACE`);
  if (more.length > 0) {
    const names = meant.map(({ metadata }) => metadata.name);
    throw new LauncherError(`${name} is launched more than once: name one of ${names.join(', ')}`);
  }
  return first;
}

function isMeant(chaincode: ChaincodeLaunch['spec']['chaincode'], name: string): boolean {
  return chaincode.name === name || `${chaincode.name}:${chaincode.version}` === name;
}
