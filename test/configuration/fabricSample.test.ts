import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';

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
    handlers: { authFilters: [{ name: DefaultAuth }], decorators: [{ name: DefaultDecorator }], endorsers: { escc: { name: DefaultEndorsement, library: } } }
    validatorPoolSize:
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

describe('the core.yaml that comes with Fabric 1.4', () => {
  it('is accepted as it is, with one warning for the keys that have no use', async () => {
    writeFileSync(join(folder, 'core.yaml'), sample);
    const { config, warnings } = await loadConfig({ env: {}, config: folder });
    expect(warnings).toEqual([
      'keys of core.yaml that have no use here: peer.addressAutoDetect, peer.gomaxprocs, peer.localMspType, peer.BCCSP, ' +
        'peer.gossip, peer.discovery, peer.deliveryclient, peer.keepalive, peer.handlers, peer.profile, chaincode.id, ' +
        'ledger.state.couchDBConfig, ledger.pvtdataStore, metrics.statsd (docs/configuration.md says why)',
    ]);
    expect(config.notes).toEqual([]);
    expect(config.peer.tls.certFile).toBe(join(folder, 'tls/server.crt'));
    expect(config.chaincode.system).toMatchObject({ lscc: true, qscc: true });
  });
});
