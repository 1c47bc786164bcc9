import { Type } from 'typebox';
import { section } from './kinds.js';

/** A key of Fabric's core.yaml that is accepted and never read; any value is taken. @param reason shown in the reference */
const any = (reason: string) => Type.Unknown({ description: reason, 'x-unused': true });

/** A key of Fabric with the one value that this program can honour; any other is refused with the reason. */
const only = <const Value extends string>(value: Value, reason: string) =>
  Type.Unsafe<Value>({ type: 'string', enum: [value], description: reason, 'x-unused': true });

/** Handlers by name, wherever they stand below the key; those that are not built in are refused. */
const builtIn = (names: readonly string[], reason: string) =>
  Type.Unknown({ description: reason, 'x-unused': true, 'x-built-in': names });

const levels = any('Of Fabric before 1.4. Log levels are in `logging.spec` and `FABRIC_LOGGING_SPEC`.');
const oldMetrics = any('Of Fabric before 1.4. Metrics are switched on by `metrics.provider`.');

/**
 * All keys in the core.yaml of Fabric 1.0 to 2.5 that mean nothing to this program, each with the reason: they are
 * accepted so that a peer's file can be taken as it is. What would change a peer's answers if it were left out is refused.
 */
export const unused = {
  peer: {
    addressAutoDetect: any('`peer.address` is taken as it is written.'),
    gomaxprocs: any('Go’s number of threads.'),
    localMspType: only('bccsp', 'There are only MSPs of X.509 certificates.'),
    BCCSP: section('', {
      Default: only(
        'SW',
        'There is no PKCS#11: the private key is a file in keystore/ of `peer.mspConfigPath`.',
      ),
      SW: any(
        'Hashes are SHA-256, as Fabric’s MSPs have them. Keys lie in keystore/ of `peer.mspConfigPath`.',
      ),
      PKCS11: any('It has no meaning with SW in Fabric either.'),
    }),
    gossip: any(
      'This peer talks to no other peers. Blocks come from the orderers; private data stays on the peer that endorsed it.',
    ),
    discovery: any('There is no discovery service: connection profiles name the peers.'),
    deliveryclient: any(
      'A lost orderer is tried again until it answers, after 10 seconds at most. Its address is that in the channel’s configuration.',
    ),
    events: any('Fabric itself has no event hub any more; clients use Deliver.'),
    keepalive: any('Fabric’s defaults hold: servers ping after two hours, clients after a minute.'),
    limits: any('The number of calls at the same time has no limit of its own.'),
    gateway: any('Of Fabric 2.4. There is no gateway service: clients are those of Fabric 1.4 and 2.2.'),
    maxRecvMsgSize: any('Messages of up to 100 MiB are taken, Fabric’s default.'),
    maxSendMsgSize: any('Messages of up to 100 MiB are sent, Fabric’s default.'),
    handlers: builtIn(
      ['DefaultAuth', 'ExpirationCheck', 'DefaultDecorator', 'DefaultEndorsement', 'DefaultValidation'],
      'Only Fabric’s own handlers are there, and they are always on. A plugin is refused: it is Go code.',
    ),
    validatorPoolSize: any('Signatures are checked in the threads of Node.js.'),
    profile: any('The Go profiler. Node.js has `--inspect`.'),
    adminService: any('The operations endpoint has log levels and health.'),
  },
  chaincode: {
    id: any('Fabric’s peer fills it in itself.'),
    installTimeout: any('Of Fabric 2. Installing only stores the package; it is built at the first launch.'),
    systemPlugins: any('Plugins are Go code.'),
    externalBuilders: any('Of Fabric 2. `vm.provider` says what builds and runs chaincode.'),
    peerAddress: any('Of Fabric 1.0. `peer.chaincodeAddress` is what chaincode dials.'),
  },
  java: {
    Dockerfile: any('Of Fabric before 1.3. `chaincode.java.runtime` names the image.'),
  },
  ledger: {
    pvtdataStore: any('It tunes how missing private data is fetched by gossip.'),
    blockchain: any('Fabric 1.4 reads nothing below it either.'),
    snapshots: any('Of Fabric 2.3. There are no snapshots of ledgers.'),
  },
  ledgerState: {
    stateDatabase: only(
      'goleveldb',
      'There is no CouchDB: the ledger is embedded, and rich queries are refused.',
    ),
    couchDBConfig: any('There is no CouchDB.'),
  },
  metrics: {
    statsd: any('There is no StatsD: Prometheus reads /metrics.'),
    enabled: oldMetrics,
    reporter: oldMetrics,
    interval: oldMetrics,
    statsdReporter: oldMetrics,
    promReporter: oldMetrics,
  },
  logging: {
    format: any('Lines are JSON, or readable ones in a terminal.'),
    level: levels,
    peer: levels,
    cauthdsl: levels,
    gossip: levels,
    grpc: levels,
    ledger: levels,
    msp: levels,
    policies: levels,
  },
};
