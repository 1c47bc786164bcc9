import { readFile } from 'node:fs/promises';
import { LauncherError, wrap } from '../errors.js';
import { clusterAccess } from '../k8s/client/access.js';
import { KubeClient } from '../k8s/client/kubeClient.js';
import { profileOf, type DevClients } from './devClientFiles.js';

/**
 * Puts what clients of a trial network need into a Secret that is there already, so that whoever made it also removes it:
 * the administrator's certificate and key, the TLS authorities, a connection profile. Needs no right but to patch that Secret.
 */
export async function fillClientSecret(name: string, clients: DevClients): Promise<void> {
  const client = new KubeClient({ access: await clusterAccess() });
  try {
    await client.text({
      method: 'PATCH',
      path: `/api/v1/namespaces/${client.namespace}/secrets/${name}`,
      contentType: 'application/merge-patch+json',
      body: { data: await contents(clients) },
    });
  } catch (error) {
    throw wrap(`cannot write what clients need into Secret ${client.namespace}/${name}`, error);
  } finally {
    client.close();
  }
}

async function contents(clients: DevClients): Promise<Record<string, string>> {
  const { organisation, peer, network } = clients;
  const orderer = network.ordererOrg.nodes[0];
  if (!orderer) throw new LauncherError('the network has no orderer');
  const { admin } = organisation;
  const file = async (path: string): Promise<string> => (await readFile(path)).toString('base64');
  return {
    'admin-cert.pem': await file(admin.certFile),
    'admin-key.pem': await file(admin.keyFile),
    'ca.pem': await file(organisation.caFile),
    'peer-tls-ca.pem': await file(peer.tls.caFile),
    'orderer-tls-ca.pem': await file(orderer.tls.caFile),
    'connection.json': Buffer.from(JSON.stringify(await profileOf(clients), null, 2)).toString('base64'),
  };
}
