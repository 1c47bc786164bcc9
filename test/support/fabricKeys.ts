import { nested } from './coreKeys.js';

/** Names of keys by version, each line a section and its keys. */
const names = {
  '1.4': `
  peer: id networkId listenAddress address addressAutoDetect gomaxprocs fileSystemPath mspConfigPath localMspId localMspType adminService validatorPoolSize maxRecvMsgSize maxSendMsgSize
  peer.keepalive: minInterval
  peer.keepalive.client: interval timeout
  peer.keepalive.deliveryClient: interval timeout
  peer.gossip: bootstrap useLeaderElection orgLeader membershipTrackerInterval endpoint maxBlockCountToStore maxPropagationBurstLatency maxPropagationBurstSize propagateIterations propagatePeerNum pullInterval pullPeerNum requestStateInfoInterval publishStateInfoInterval stateInfoRetentionInterval publishCertPeriod skipBlockVerification dialTimeout connTimeout recvBuffSize sendBuffSize digestWaitTime requestWaitTime responseWaitTime aliveTimeInterval aliveExpirationTimeout reconnectInterval maxConnectionAttempts msgExpirationFactor externalEndpoint
  peer.gossip.election: startupGracePeriod membershipSampleInterval leaderAliveThreshold leaderElectionDuration
  peer.gossip.pvtData: pullRetryThreshold transientstoreMaxBlockRetention pushAckTimeout btlPullMargin reconcileBatchSize reconcileSleepInterval reconciliationEnabled skipPullingInvalidTransactionsDuringCommit
  peer.gossip.state: enabled checkInterval responseTimeout batchSize blockBufferSize maxRetries
  peer.tls: enabled clientAuthRequired
  peer.tls.cert: file
  peer.tls.key: file
  peer.tls.rootcert: file
  peer.tls.clientRootCAs: files
  peer.tls.clientKey: file
  peer.tls.clientCert: file
  peer.authentication: timewindow
  peer.BCCSP: Default
  peer.BCCSP.SW: Hash Security
  peer.BCCSP.SW.FileKeyStore: KeyStore
  peer.BCCSP.PKCS11: Library Label Pin Hash Security
  peer.BCCSP.PKCS11.FileKeyStore: KeyStore
  peer.client: connTimeout
  peer.deliveryclient: reconnectTotalTimeThreshold connTimeout reConnectBackoffThreshold addressOverrides
  peer.profile: enabled listenAddress
  peer.handlers: authFilters decorators
  peer.handlers.endorsers.escc: name library
  peer.handlers.validators.vscc: name library
  peer.discovery: enabled authCacheEnabled authCacheMaxSize authCachePurgeRetentionRatio orgMembersAllowedAccess
  vm: endpoint
  vm.docker.tls: enabled
  vm.docker.tls.ca: file
  vm.docker.tls.cert: file
  vm.docker.tls.key: file
  vm.docker: attachStdout
  vm.docker.hostConfig: NetworkMode Dns Memory
  vm.docker.hostConfig.LogConfig: Type
  vm.docker.hostConfig.LogConfig.Config: max-size max-file
  chaincode.id: path name
  chaincode: builder pull startuptimeout executetimeout mode keepalive systemPlugins
  chaincode.golang: runtime dynamicLink
  chaincode.car: runtime
  chaincode.java: runtime
  chaincode.node: runtime
  chaincode.system: cscc lscc qscc
  chaincode.logging: level shim format
  ledger: blockchain
  ledger.state: stateDatabase totalQueryLimit
  ledger.state.couchDBConfig: couchDBAddress username password maxRetries maxRetriesOnStartup requestTimeout internalQueryLimit maxBatchUpdateSize warmIndexesAfterNBlocks createGlobalChangesDB
  ledger.history: enableHistoryDatabase
  operations: listenAddress
  operations.tls: enabled clientAuthRequired
  operations.tls.cert: file
  operations.tls.key: file
  operations.tls.clientRootCAs: files
  metrics: provider
  metrics.statsd: network address writeInterval prefix`,
  /** Those of 2.5 that 1.4 does not have. */
  '2.5': `
  peer.gateway: enabled endorsementTimeout broadcastTimeout dialTimeout
  peer.keepalive: interval timeout
  peer.gossip.pvtData.implicitCollectionDisseminationPolicy: requiredPeerCount maxPeerCount
  peer.BCCSP.PKCS11: SoftwareVerify Immutable AltID KeyIds
  peer.deliveryclient: blockGossipEnabled
  peer.limits.concurrency: endorserService deliverService gatewayService
  chaincode: externalBuilders installTimeout
  chaincode.system: _lifecycle
  ledger.state.couchDBConfig: cacheSize
  ledger.pvtdataStore: collElgProcMaxDbBatchSize collElgProcDbBatchesInterval deprioritizedDataReconcilerInterval purgeInterval purgedKeyAuditLogging
  ledger.snapshots: rootDir`,
  /** Those of 1.0 to 1.3 that 1.4 does not have. */
  'before 1.4': `
  logging: cauthdsl gossip ledger msp policies grpc format level
  peer.events: address buffersize timeout timewindow sendTimeout
  peer.tls: serverhostoverride
  chaincode: peerAddress
  chaincode.java: Dockerfile
  chaincode.system: escc vscc
  ledger.state.couchDBConfig: queryLimit
  logging.peer: gossip
  peer.events.keepalive: minInterval
  metrics: enabled reporter interval
  metrics.statsdReporter: address flushInterval flushBytes
  metrics.promReporter: listenAddress`,
};

export type FabricVersion = keyof typeof names;

/** Every key in the core.yaml that comes with a version of Fabric, as a dotted name. */
export function fabricKeys(version: FabricVersion): string[] {
  return names[version]
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [section = '', keys = ''] = line.trim().split(': ');
      return keys.split(' ').map((key) => `${section}.${key}`);
    });
}

/** One file of many dotted keys. */
export function fileOf(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const file: Record<string, unknown> = {};
  for (const [key, value] of values) merge(file, nested(key, value));
  return file;
}

function merge(target: Record<string, unknown>, more: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(more)) {
    const before = target[key];
    if (isMapping(before) && isMapping(value)) merge(before, value);
    else target[key] = value;
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
