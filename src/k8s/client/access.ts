import type { AccessOptions, ClusterAccess } from './clusterAccess.js';
import { inClusterAccess, isInCluster } from './inCluster.js';

/** Finds out how to reach the API server, as kubectl would. @throws LauncherError that says what was looked for */
export async function clusterAccess(options: AccessOptions = {}): Promise<ClusterAccess> {
  if (!options.kubeconfig && !process.env['KUBECONFIG'] && isInCluster()) return inClusterAccess();
  // Reading a kubeconfig costs 70 MB and most of a second, and in a Pod there is none.
  const { kubeconfigAccess } = await import('./kubeconfig.js');
  return kubeconfigAccess(options);
}
