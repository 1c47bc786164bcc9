import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Namespace } from '../e2e-k8s/support/kubectl.js';
import { chart, template, type Values } from './support/helm.js';
import { runCommand } from '../support/command.js';

const ownNetwork = {
  endorser: {
    trial: { enabled: false },
    localMspId: 'Org1MSP',
    msp: { secretName: 'msp' },
    tls: { secretName: 'tls' },
    channels: { configMapName: 'channels' },
  },
};
const orderer = {
  orderer: {
    enabled: true,
    localMspId: 'OrdererMSP',
    msp: { secretName: 'msp' },
    tls: { secretName: 'tls' },
    genesisBlocks: { configMapName: 'channels' },
  },
};

describe('the values of the chart', () => {
  const namespace = new Namespace('values');

  beforeAll(() => namespace.create());
  afterAll(() => namespace.remove());

  it.each<[string, Values, string]>([
    [
      'an unknown key',
      { operator: { replica: 3 } },
      "at '/operator': additional properties 'replica' not allowed",
    ],
    ['a wrong type', { operator: { replicas: 'two' } }, "at '/operator/replicas': got string, want integer"],
    ['a value that is none of a list', { image: { pullPolicy: 'Sometimes' } }, "at '/image/pullPolicy'"],
    [
      'a size that is none',
      { endorser: { persistence: { size: 'big' } } },
      "at '/endorser/persistence/size': 'big'",
    ],
    [
      'an unknown key of core.yaml',
      { endorser: { config: { vm: { kubernets: {} } } } },
      "at '/endorser/config/vm': additional properties 'kubernets' not allowed",
    ],
    [
      'an unknown Pod setting of chaincode',
      { chaincode: { pod: { resource: {} } } },
      "at '/chaincode/pod': additional properties 'resource' not allowed",
    ],
    [
      'an unknown Pod setting of one chaincode',
      { chaincode: { pods: { mycc: { nodeselector: {} } } } },
      "at '/chaincode/pods/mycc': additional properties 'nodeselector' not allowed",
    ],
    [
      'several endorsers of a trial',
      { endorser: { replicas: 2 } },
      'endorser.replicas must be 1 while endorser.trial',
    ],
    ['no MSP id', { endorser: { trial: { enabled: false } } }, 'endorser.localMspId is needed'],
    [
      'no genesis block',
      { orderer: { ...orderer.orderer, genesisBlocks: {} } },
      'orderer.genesisBlocks.configMapName',
    ],
    [
      'Docker without an engine',
      { endorser: { docker: { enabled: true } } },
      'endorser.docker.endpoint is needed',
    ],
  ])('are refused by name: %s', async (_what, values, message) => {
    const { code, stderr } = await template(values);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  it.each<[string, Values]>([
    ['the defaults', {}],
    ['one operator for all namespaces', { operator: { clusterWide: true }, endorser: { enabled: false } }],
    ['an endorser of an own network, with an orderer', { ...ownNetwork, ...orderer }],
    [
      'everything that can be switched on',
      {
        ...orderer,
        image: { digest: `sha256:${'0'.repeat(64)}`, pullSecrets: ['registry'] },
        operator: {
          podLabels: { team: 'a' },
          podAnnotations: { note: 'b' },
          nodeSelector: { disk: 'ssd' },
          tolerations: [{ key: 'dedicated', operator: 'Exists' }],
          affinity: { nodeAffinity: {} },
          priorityClassName: 'system-cluster-critical',
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
          ],
          chaincodeImagePullPolicy: 'Always',
          extraArgs: ['--verbose'],
          extraEnv: [{ name: 'A', value: 'b' }],
        },
        endorser: {
          ...ownNetwork.endorser,
          replicas: 2,
          service: { type: 'LoadBalancer', annotations: { internal: 'true' } },
          persistence: { storageClassName: 'fast', annotations: { a: 'b' } },
          extraVolumes: [{ name: 'more', emptyDir: {} }],
          extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
          serviceAccount: { annotations: { a: 'b' } },
          config: { peer: { gossip: { anything: 1 } }, ledger: { state: { totalQueryLimit: 10 } } },
        },
        chaincode: {
          attachStdout: true,
          prewarmed: 2,
          pod: { resources: { limits: { memory: '1Gi' } } },
          pods: { mycc: { nodeSelector: { a: 'b' } } },
        },
        networkPolicy: { clients: [{ podSelector: {} }], monitoring: [{ namespaceSelector: {} }] },
        metrics: { dashboards: { enabled: true } },
        tests: { adminMspSecretName: 'admin', channel: 'mychannel' },
      },
    ],
    [
      'Docker in the place of Pods',
      {
        endorser: {
          docker: {
            enabled: true,
            endpoint: 'tcp://docker.example.com:2376',
            tlsSecretName: 'docker',
            chaincodeAddress: 'peer.example.com:7052',
          },
        },
      },
    ],
    ['nothing kept', { endorser: { persistence: { enabled: false } }, networkPolicy: { enabled: false } }],
  ])('give objects that the API server takes: %s', async (_what, values) => {
    const { code, stdout, stderr } = await template(values, '--namespace', namespace.name, '--include-crds');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const dryRun = [
      'apply',
      '-n',
      namespace.name,
      '--server-side',
      '--force-conflicts',
      '--dry-run=server',
      '--validate=strict',
      '-f',
      '-',
    ];
    const applied = spawnSync('kubectl', dryRun, { input: stdout, encoding: 'utf8' });
    expect(applied.stderr).toBe('');
    expect(applied.status).toBe(0);
  });

  it('give a ServiceMonitor for each part and a PrometheusRule with the alerts', async () => {
    const { stdout } = await template({
      ...orderer,
      metrics: {
        serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
        prometheusRule: { enabled: true },
      },
    });
    const objects = parseAllDocuments(stdout).map((document) => document.toJSON());
    const monitors = objects.filter((object) => object?.kind === 'ServiceMonitor');
    expect(monitors.map(({ metadata }: Loose) => metadata.name).sort()).toEqual([
      'ccl-endorser',
      'ccl-operator',
      'ccl-orderer',
    ]);
    for (const monitor of monitors) {
      const selected = objects.filter((object) => object?.kind === 'Service' && matches(object, monitor));
      expect(selected).toHaveLength(1);
      expect(selected[0].spec.ports.map(({ name }: Loose) => name)).toContain('operations');
      expect(monitor.metadata.labels.release).toBe('prometheus');
    }
    const [rule] = objects.filter((object) => object?.kind === 'PrometheusRule');
    expect(rule.spec.groups.length).toBeGreaterThan(0);
  });

  function matches(service: Loose, monitor: Loose): boolean {
    const wanted = Object.entries(monitor.spec.selector.matchLabels as Record<string, string>);
    return wanted.every(([key, value]) => service.metadata.labels[key] === value);
  }

  it('pass helm lint --strict', async () => {
    const { code, stdout } = await runCommand('helm', ['lint', '--strict', chart]);
    expect(stdout).toContain('0 chart(s) failed');
    expect(code).toBe(0);
  });
});

// Objects of many kinds, looked at by one test.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;
