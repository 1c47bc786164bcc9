import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { stringify } from 'yaml';
import { kubernetesProvider } from '../../src/app/kubernetesProvider.js';
import { LaunchCa } from '../../src/chaincode/launchCa.js';
import { loadConfig } from '../../src/config/load.js';
import { LogRegistry } from '../../src/ops/logRegistry.js';
import { vmContract } from '../support/vmContract.js';
import { hostForPods, Namespace, nodeImage, type Shown } from './support/kubectl.js';
import { OperatorProcess } from './support/operator.js';

const versionKey = 'chaincode-launcher.dev/chaincode-version';

vmContract({
  name: 'kubernetes',
  timeoutMs: 120_000,
  // A Pod is asked to end, and ends.
  farewellMs: 20_000,
  // Its Pod is deleted, and nobody asks any more how it has ended.
  endedByUs: [-1],
  moments: [0, 30, 100, 500],
  open: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'k8s-contract-'));
    const namespace = new Namespace('contract');
    const operator = new OperatorProcess(namespace.name);
    await namespace.create();
    await operator.start();
    const file = join(dir, 'core.yaml');
    // Most of the chaincodes here do not end when they are asked to.
    const pod = { terminationGracePeriodSeconds: 1 };
    writeFileSync(file, stringify({ vm: { kubernetes: { pod } } }));
    const { config } = await loadConfig({
      config: file,
      env: {},
      overrides: {
        'peer.networkId': 'contract',
        'peer.id': 'peer0',
        'peer.fileSystemPath': dir,
        'vm.provider': 'kubernetes',
        'vm.kubernetes.kubeconfig': process.env['KUBECONFIG'] ?? '',
        'vm.kubernetes.namespace': namespace.name,
        'vm.kubernetes.artifacts.listenAddress': `${hostForPods}:0`,
        'vm.kubernetes.attachStdout': 'true',
        'chaincode.builder': nodeImage,
        'chaincode.node.runtime': nodeImage,
      },
    });
    const logs = await LogRegistry.create({ spec: 'fatal' });
    const parts = { config, logs, metrics: new Registry(), launchCa: await LaunchCa.create() };
    const provider = await kubernetesProvider({ ...parts, chaincodeAddress: () => `${hostForPods}:7052` });
    const pods = (): Promise<Shown[]> => namespace.list('pods');
    return {
      provider,
      remains: async () => (await pods()).map(({ metadata }) => metadata.name),
      kill: async ({ request: { ccid } }) => {
        const pod = (await namespace.standingPods(ccid.name)).find(
          ({ metadata }) => metadata.annotations?.[versionKey] === ccid.version,
        );
        const command = ['sh', '-c', 'kill -9 $(pidof node)'];
        await namespace.kubectl('exec', pod!.metadata.name, '-c', 'chaincode', '--', ...command);
      },
      remove: async () => {
        await operator.stop();
        await namespace.remove();
        rmSync(dir, { recursive: true });
      },
    };
  },
});
