import { dockerDefaults } from './docker.js';
import type { CoreConfig } from './schema.js';

const noTls = {
  enabled: false,
  clientAuthRequired: false,
  cert: { file: '' },
  key: { file: '' },
  rootcert: { file: '' },
  clientRootCAs: { files: [] as readonly string[] },
};

const asFabric = { runtime: '', builder: '', buildCommand: '', mountPath: '', command: '' };

/** What holds where nobody says otherwise: Fabric's sample core.yaml. */
export const defaults = {
  peer: {
    id: 'jdoe',
    networkId: 'dev',
    listenAddress: '0.0.0.0:7051',
    address: '0.0.0.0:7051',
    chaincodeAddress: '',
    chaincodeListenAddress: '',
    fileSystemPath: '/var/hyperledger/production',
    mspConfigPath: 'msp',
    localMspId: 'SampleOrg',
    tls: noTls,
    authentication: { timewindow: '15m' },
  },
  vm: {
    provider: 'process' as 'process' | 'docker' | 'kubernetes',
    endpoint: '',
    docker: dockerDefaults,
    kubernetes: {
      kubeconfig: '',
      context: '',
      namespace: '',
      instance: '',
      owner: '',
      artifacts: { listenAddress: '', address: '' },
      golang: asFabric,
      car: asFabric,
      java: asFabric,
      node: asFabric,
      images: {} as Readonly<Record<string, string>>,
      imagesWithoutShell: [] as readonly string[],
      buildEnv: {} as Readonly<Record<string, string>>,
      pod: {} as unknown,
      pods: {} as unknown,
      timeouts: { build: '300s', schedule: '300s', start: '300s', register: '300s', imagePullGrace: '30s' },
      networkPolicy: true,
      attachStdout: false,
      prewarmed: 0,
      keepFinished: '24h',
    },
    retire: { keep: 0, grace: '0s' },
  },
  chaincode: {
    builder: '',
    pull: false,
    golang: { runtime: '', dynamicLink: false },
    car: { runtime: '' },
    java: { runtime: '' },
    node: { runtime: '' },
    startuptimeout: '300s',
    executetimeout: '30s',
    mode: 'net' as 'net' | 'dev',
    keepalive: '0',
    system: { cscc: 'enable', lscc: 'enable', qscc: 'enable' } as Readonly<Record<string, string>>,
    logging: {
      level: 'info',
      shim: 'warning',
      format:
        '%{color}%{time:2006-01-02 15:04:05.000 MST} [%{module}] %{shortfunc} -> %{level:.4s} %{id:03x}%{color:reset} %{message}',
    },
  },
  ledger: { state: { totalQueryLimit: 100_000 }, history: { enableHistoryDatabase: true } },
  operations: { listenAddress: '127.0.0.1:9443', tls: noTls },
  metrics: { provider: 'disabled' as 'prometheus' | 'statsd' | 'disabled' },
  logging: { spec: 'info' },
};

export type CompleteConfig = typeof defaults;

/** The given values over the defaults. */
export function withDefaults(config: CoreConfig): CompleteConfig {
  return merge(defaults, config) as CompleteConfig;
}

function merge(base: object, over: object): object {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over) as [string, unknown][]) {
    const below = result[key];
    result[key] = isMapping(below) && isMapping(value) ? merge(below, value) : value;
  }
  return result;
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
