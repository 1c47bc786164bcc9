import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError, loadConfig } from '../../src/config/load.js';
import { coreKeys, nested } from '../support/coreKeys.js';
import { fabricKeys, fileOf } from '../support/fabricKeys.js';

/** The keys of the core.yaml that comes with Fabric 1.4; of parts that have no use here only some. */
const sample = `
peer:
    id: jdoe
    networkId: dev
    listenAddress: 0.0.0.0:7051
    address: 0.0.0.0:7051
    addressAutoDetect: false
    gomaxprocs: -1
    keepalive: { minInterval: 60s, client: { interval: 60s, timeout: 20s }, deliveryClient: { interval: 60s, timeout: 20s } }
    gossip:
        bootstrap: 127.0.0.1:7051
        useLeaderElection: true
        orgLeader: false
        endpoint:
        pvtData: { pullRetryThreshold: 60s, transientstoreMaxBlockRetention: 1000 }
        state: { enabled: true, checkInterval: 10s }
    tls:
        enabled: false
        clientAuthRequired: false
        cert: { file: tls/server.crt }
        key: { file: tls/server.key }
        rootcert: { file: tls/ca.crt }
        clientRootCAs: { files: [tls/ca.crt] }
        clientKey: { file: }
        clientCert: { file: }
    authentication: { timewindow: 15m }
    fileSystemPath: /var/hyperledger/production
    BCCSP: { Default: SW, SW: { Hash: SHA2, Security: 256, FileKeyStore: { KeyStore: } }, PKCS11: { Library: , Pin: } }
    mspConfigPath: msp
    localMspId: SampleOrg
    client: { connTimeout: 3s }
    deliveryclient: { reconnectTotalTimeThreshold: 3600s, connTimeout: 3s, reConnectBackoffThreshold: 3600s, addressOverrides: }
    localMspType: bccsp
    profile: { enabled: false, listenAddress: 0.0.0.0:6060 }
    adminService:
    handlers:
        authFilters: [{ name: DefaultAuth }, { name: ExpirationCheck }]
        decorators: [{ name: DefaultDecorator }]
        endorsers: { escc: { name: DefaultEndorsement, library: } }
        validators: { vscc: { name: DefaultValidation, library: } }
    validatorPoolSize:
    maxRecvMsgSize: 104857600
    maxSendMsgSize: 104857600
    discovery: { enabled: true, authCacheEnabled: true, authCacheMaxSize: 1000, orgMembersAllowedAccess: false }
vm:
    endpoint: unix:///var/run/docker.sock
    docker:
        tls: { enabled: false, ca: { file: docker/ca.crt }, cert: { file: docker/tls.crt }, key: { file: docker/tls.key } }
        attachStdout: false
        hostConfig:
            NetworkMode: host
            Dns:
            LogConfig: { Type: json-file, Config: { max-size: 50m, max-file: '5' } }
            Memory: 2147483648
chaincode:
    id: { path: , name: }
    builder: $(DOCKER_NS)/fabric-ccenv:latest
    pull: false
    golang: { runtime: $(BASE_DOCKER_NS)/fabric-baseos:latest, dynamicLink: false }
    car: { runtime: $(BASE_DOCKER_NS)/fabric-baseos:latest }
    java: { runtime: $(DOCKER_NS)/fabric-javaenv:latest }
    node: { runtime: $(BASE_DOCKER_NS)/fabric-baseimage:latest }
    startuptimeout: 300s
    executetimeout: 30s
    mode: net
    keepalive: 0
    system: { +lifecycle: enable, cscc: enable, lscc: enable, escc: enable, vscc: enable, qscc: enable }
    systemPlugins:
    logging: { level: info, shim: warning, format: '%{message}' }
ledger:
    blockchain:
    state:
        stateDatabase: goleveldb
        totalQueryLimit: 100000
        couchDBConfig: { couchDBAddress: 127.0.0.1:5984, username: , password: , maxRetries: 3 }
    history: { enableHistoryDatabase: true }
    pvtdataStore: { collElgProcMaxDbBatchSize: 5000, collElgProcDbBatchesInterval: 1000 }
operations:
    listenAddress: 127.0.0.1:9443
    tls: { enabled: false, cert: { file: }, key: { file: }, clientAuthRequired: false, clientRootCAs: { files: [] } }
metrics:
    provider: disabled
    statsd: { network: udp, address: 127.0.0.1:8125, writeInterval: 10s, prefix: }
`;

const folder = mkdtempSync(join(tmpdir(), 'fabric-sample-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Loads a file that is written down here. */
async function load(text: string): ReturnType<typeof loadConfig> {
  writeFileSync(join(folder, 'core.yaml'), text);
  return loadConfig({ env: {}, config: folder });
}

/** What is wrong with such a file, line by line. */
async function problems(text: string): Promise<readonly string[]> {
  const error: unknown = await load(text).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).problems.map((line) => line.replace(`${join(folder, 'core.yaml')}: `, ''));
}

/** A value that a key of Fabric may have. */
function value(key: string): unknown {
  const shape = coreKeys.get(key);
  return shape?.default ?? shape?.enum?.[0] ?? 1;
}

describe('the core.yaml that comes with Fabric', () => {
  it('of 1.4 is accepted as it is, with one warning for the keys that have no use', async () => {
    const { config, warnings } = await load(sample);
    expect(warnings).toEqual([
      'keys of core.yaml that have no use here: peer.addressAutoDetect, peer.gomaxprocs, peer.BCCSP.SW, peer.BCCSP.PKCS11, ' +
        'peer.gossip, peer.discovery, peer.deliveryclient, peer.keepalive, peer.maxRecvMsgSize, peer.maxSendMsgSize, ' +
        'peer.handlers, peer.profile, chaincode.id, ledger.state.couchDBConfig, ledger.pvtdataStore, metrics.statsd ' +
        '(docs/configuration.md says why)',
      'vm.endpoint has no use: chaincode runs as processes (set vm.provider to docker or kubernetes)',
    ]);
    expect(config.notes).toEqual([]);
    expect(config.peer.tls.certFile).toBe(join(folder, 'tls/server.crt'));
    expect(config.chaincode.system).toMatchObject({ lscc: true, qscc: true });
  });

  it.each(['1.4', '2.5', 'before 1.4'] as const)('%s has no key that is refused', async (version) => {
    const keys = fabricKeys(version);
    expect(keys.length).toBeGreaterThan(20);
    const { warnings } = await load(stringify(fileOf(new Map(keys.map((key) => [key, value(key)])))));
    expect(warnings.filter((line) => line.startsWith('keys of core.yaml'))).toHaveLength(1);
  });

  it.each(fabricKeys('1.4').filter((key) => coreKeys.has(key)))(
    'of 1.4 with a misspelt %s is refused by that name',
    async (key) => {
      const misspelt = `${key}x`;
      expect(await problems(stringify(nested(misspelt, value(key))))).toEqual([
        expect.stringContaining(`${misspelt}: unknown key; did you mean ${key}?`),
      ]);
    },
  );

  it('is refused for what this peer would do otherwise than the one whose file it is', async () => {
    const text = `
peer:
  localMspType: idemix
  BCCSP: { Default: PKCS11, PKCS11: { Library: /usr/lib/softhsm.so } }
  handlers: { authFilters: [{ name: DefaultAuth }, { name: FilterOne, library: /opt/lib/filter.so }] }
ledger: { state: { stateDatabase: CouchDB } }
`;
    expect(await problems(text)).toEqual([
      'peer.localMspType: must be "bccsp", not "idemix". There are only MSPs of X.509 certificates.',
      'peer.BCCSP.Default: must be "SW", not "PKCS11". There is no PKCS#11: the private key is a file in keystore/ of `peer.mspConfigPath`.',
      'peer.handlers: there is no handler "/opt/lib/filter.so". Only Fabric’s own handlers are there, and they are always on. A plugin is refused: it is Go code.',
      'ledger.state.stateDatabase: must be "goleveldb", not "CouchDB". There is no CouchDB: the ledger is embedded, and rich queries are refused.',
    ]);
  });

  it('is refused for an own validation plugin that only has a name', async () => {
    expect(await problems('peer: { handlers: { validators: { vscc: { name: Strict } } } }')).toEqual([
      expect.stringContaining('peer.handlers: there is no handler "Strict"'),
    ]);
  });
});
