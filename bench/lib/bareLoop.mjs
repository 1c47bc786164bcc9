// The plain API calls that the operator is measured against: the same client, and nothing between.
import { clusterAccess } from '../../dist/k8s/client/access.js';
import { ApiError } from '../../dist/k8s/client/apiError.js';
import { KubeClient } from '../../dist/k8s/client/kubeClient.js';
import { pods } from '../../dist/k8s/client/objects.js';
import { Resource } from '../../dist/k8s/client/resource.js';
import { chaincodeLaunches } from '../../dist/k8s/api/chaincodeLaunch.js';
import { podManifest } from '../../dist/k8s/operator/manifests.js';
import { now } from './stats.mjs';

/** A launch that nobody registers, for the simulated nodes. */
export function fakeLaunch(namespace, number, image) {
  return {
    metadata: {
      name: `fake-${number}`,
      namespace,
      uid: `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`,
      labels: { 'chaincode-launcher.dev/peer': 'fakepeerfakepeer' },
    },
    spec: {
      chaincode: { name: `fake${number}`, version: '1.0', type: 'NODE' },
      peer: { id: 'peer0.org1.example.com', mspID: 'Org1MSP', address: 'peer0:7052' },
      source: { image, shell: true },
      command: ['node', 'index.js', '--peer.address', 'peer0:7052'],
      tls: false,
      networkPolicy: false,
      launch: 1,
      suspended: false,
      timeouts: {
        startSeconds: 3600,
        registerSeconds: 3600,
        scheduleSeconds: 3600,
        buildSeconds: 300,
        imagePullGraceSeconds: 30,
      },
      pod: { nodeSelector: { bench: 'fake' }, tolerations: [{ key: 'bench', operator: 'Exists' }] },
    },
  };
}

export class BareLoop {
  #client;
  #pods;
  #launches;

  static async open() {
    const loop = new BareLoop();
    loop.#client = new KubeClient({ access: await clusterAccess() });
    loop.#pods = new Resource(loop.#client, pods);
    loop.#launches = new Resource(loop.#client, chaincodeLaunches);
    return loop;
  }

  create(pod) {
    return this.#pods.create(pod);
  }

  remove(namespace, name) {
    return this.#pods.delete(namespace, name, { gracePeriodSeconds: 0 });
  }

  async firstLogLine(namespace, name) {
    try {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?timestamps=true&limitBytes=500`;
      const text = await this.#client.text({ method: 'GET', path });
      return text.includes('\n') ? text.split('\n', 1)[0] : undefined;
    } catch (error) {
      if (error instanceof ApiError && (error.code === 400 || error.code === 404)) return undefined;
      throw error;
    }
  }

  /** Creates as many Pods as fast as eight requests at a time can. Gives the rate per second. */
  async createPods(namespace, count, like) {
    const begin = now();
    await this.#inParallel(count, async (number) => {
      const launch = { ...like, metadata: { ...like.metadata, name: `fake-${number}`, namespace } };
      const pod = podManifest(launch, 'chaincode', { fetchImage: 'none', runAsUser: 65532 });
      delete pod.metadata.ownerReferences;
      await this.#pods.create(pod);
    });
    return count / ((now() - begin) / 1000);
  }

  async createLaunches(namespace, count, image) {
    await this.#inParallel(count, async (number) => {
      const { metadata, spec } = fakeLaunch(namespace, number, image);
      const { uid: _uid, ...rest } = metadata;
      await this.#launches.create({ metadata: rest, spec });
    });
  }

  /** How many launches are in which phase. */
  async countLaunches(namespace) {
    const { items } = await this.#launches.list({ namespace });
    const counts = {};
    for (const { status } of items)
      counts[status?.phase ?? 'none'] = (counts[status?.phase ?? 'none'] ?? 0) + 1;
    return counts;
  }

  async #inParallel(count, work) {
    let next = 0;
    const worker = async () => {
      while (next < count) await work(next++);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  }
}
