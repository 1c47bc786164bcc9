import { LauncherError, wrap } from '../../errors.js';
import type { KubeClient } from './kubeClient.js';
import type { KubeObject, OwnerReference } from './objects.js';

/**
 * A reference to the object with which everything of this program shall go (garbage collection by owner).
 * @param path `apps/v1/statefulsets/‹name›` or `v1/configmaps/‹name›`, in the namespace of what it owns
 * @throws LauncherError naming the object when it cannot be read
 */
export async function ownerReference(
  client: KubeClient,
  namespace: string,
  path: string,
): Promise<OwnerReference> {
  const { groupVersion, resource, name } = split(path);
  const root = groupVersion.includes('/') ? 'apis' : 'api';
  let owner: KubeObject;
  try {
    owner = await client.json<KubeObject>({
      method: 'GET',
      path: `/${root}/${groupVersion}/namespaces/${namespace}/${resource}/${name}`,
    });
  } catch (error) {
    throw wrap(`the owner ${path} in namespace ${namespace} cannot be read`, error);
  }
  const { apiVersion = groupVersion, kind = '', metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' };
}

function split(path: string): { groupVersion: string; resource: string; name: string } {
  const [, groupVersion, resource, name] =
    /^((?:[a-z0-9.-]+\/)?v[a-z0-9]+)\/([a-z]+)\/([a-z0-9.-]+)$/.exec(path) ?? [];
  if (!groupVersion || !resource || !name) {
    throw new LauncherError(`${path} names no owner: expected, for example, apps/v1/statefulsets/endorser`);
  }
  return { groupVersion, resource, name };
}
