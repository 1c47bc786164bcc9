import { Type } from 'typebox';

/** A key of Fabric's core.yaml that is accepted and never read; any value is taken. @param reason shown in the reference */
const any = (reason: string) => Type.Unknown({ description: reason, 'x-unused': true });

const clientsOnly =
  'Only peers that talk to other peers need it; this one takes its blocks from the orderers.';

/**
 * All keys of Fabric 1.4's core.yaml that mean nothing to this program, each with the reason: they are accepted so that
 * a peer's file can be taken as it is.
 */
export const unused = {
  peer: {
    addressAutoDetect: any('`peer.address` is taken as it is written.'),
    gomaxprocs: any('Go’s number of threads.'),
    localMspType: any('There are only MSPs of X.509 certificates (bccsp).'),
    BCCSP: any('Keys lie in files below `peer.mspConfigPath`; there is no PKCS#11.'),
    gossip: any(clientsOnly),
    discovery: any(clientsOnly),
    deliveryclient: any('A lost orderer is tried again until it answers, after 10 seconds at most.'),
    events: any('Fabric itself has no event hub any more; clients use Deliver.'),
    keepalive: any('Fabric’s defaults hold: servers ping after two hours, clients after a minute.'),
    limits: any('The number of calls at the same time has no limit of its own.'),
    handlers: any('Plugins are Go code. Endorsement and validation are the built-in ones.'),
    validatorPoolSize: any('Signatures are checked in the threads of Node.js.'),
    profile: any('The Go profiler. Node.js has `--inspect`.'),
    adminService: any('The operations endpoint has log levels and health.'),
  },
  chaincode: {
    id: any('Fabric’s peer fills it in itself.'),
    installTimeout: any('Of Fabric 2. Installing only stores the package; it is built at the first launch.'),
    systemPlugins: any('Plugins are Go code.'),
  },
  ledger: {
    pvtdataStore: any('It tunes how missing private data is fetched by gossip.'),
    blockchain: any('Fabric 1.4 reads nothing below it either.'),
  },
  ledgerState: {
    stateDatabase: Type.Unsafe<'goleveldb'>({
      type: 'string',
      enum: ['goleveldb'],
      description: 'There is no CouchDB: the ledger is embedded, and rich queries are refused.',
      'x-unused': true,
    }),
    couchDBConfig: any('There is no CouchDB.'),
  },
  metrics: { statsd: any('There is no StatsD: Prometheus reads /metrics.') },
  logging: { format: any('Lines are JSON, or readable ones in a terminal.') },
};
