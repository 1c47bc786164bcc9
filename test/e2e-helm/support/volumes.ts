import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { apply, kubectl } from '../../e2e-k8s/support/kubectl.js';

const folder = join(process.env['CLUSTER_STATE'] ?? '/var/lib/chaincode-cluster', 'volumes');
const storageClass = 'local';

/**
 * Volumes for claims without a class. The local cluster provisions none by itself, so folders of the node are offered under a
 * default StorageClass; other clusters have a provisioner.
 */
export class Volumes {
  readonly #names: string[] = [];

  async offer(count: number): Promise<void> {
    if (process.env['E2E_CLUSTER'] !== 'local') return;
    apply('default', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: storageClass,
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: 'kubernetes.io/no-provisioner',
    });
    for (let index = 0; index < count; index++) {
      const name = `volume-${Math.random().toString(36).slice(2, 9)}`;
      const path = join(folder, name);
      mkdirSync(path, { recursive: true });
      chownSync(path, 65532, 65532);
      this.#names.push(name);
      apply('default', {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name },
        spec: {
          capacity: { storage: '20Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Retain',
          storageClassName: storageClass,
          hostPath: { path },
        },
      });
    }
  }

  /** After the namespace with the claims is gone. */
  async remove(): Promise<void> {
    for (const name of this.#names) {
      await kubectl('delete', 'persistentvolume', name, '--ignore-not-found', '--timeout=60s');
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}
