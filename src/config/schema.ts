import { Type, type Static } from 'typebox';

/** A duration as Go writes it; kept as text until it is compiled. */
const duration = Type.String({ format: 'duration' });
/** A path: relative to the folder of core.yaml. */
const path = Type.String({ format: 'path' });
const text = Type.String();
const flag = Type.Boolean();
const count = Type.Integer();
const file = Type.Object({ file: path });
/** Keys of Fabric's core.yaml that mean nothing to this program: accepted, never read. */
const ignored = Type.Unknown();

const tls = Type.Object({
  enabled: flag,
  clientAuthRequired: flag,
  cert: file,
  key: file,
  rootcert: file,
  clientRootCAs: Type.Object({ files: Type.Array(path) }),
  clientKey: file,
  clientCert: file,
  serverhostoverride: text,
});

const peer = Type.Object({
  id: text,
  networkId: text,
  listenAddress: text,
  address: text,
  addressAutoDetect: flag,
  chaincodeAddress: text,
  chaincodeListenAddress: text,
  fileSystemPath: path,
  mspConfigPath: path,
  localMspId: text,
  localMspType: ignored,
  tls,
  authentication: Type.Object({ timewindow: duration }),
  client: Type.Object({ connTimeout: duration }),
  keepalive: ignored,
  gossip: ignored,
  events: ignored,
  BCCSP: ignored,
  deliveryclient: ignored,
  profile: ignored,
  adminService: ignored,
  handlers: ignored,
  validatorPoolSize: ignored,
  discovery: ignored,
  limits: ignored,
});

const chaincode = Type.Object({
  id: ignored,
  builder: text,
  pull: flag,
  golang: Type.Object({ runtime: text, dynamicLink: flag }),
  car: Type.Object({ runtime: text }),
  java: Type.Object({ runtime: text }),
  node: Type.Object({ runtime: text }),
  installTimeout: ignored,
  startuptimeout: duration,
  executetimeout: duration,
  mode: Type.Union([Type.Literal('net'), Type.Literal('dev')]),
  keepalive: text,
  system: Type.Record(Type.String(), Type.String()),
  systemPlugins: ignored,
  logging: Type.Object({ level: text, shim: text, format: text }),
});

/** How one platform is built and run in Pods; empty = as Fabric does it. */
const platform = Type.Object({
  runtime: text,
  builder: text,
  buildCommand: text,
  mountPath: path,
  command: text,
});
const names = Type.Record(Type.String(), Type.String());

/** Chaincode in Pods: what the endorser writes into its ChaincodeLaunch objects. */
const kubernetes = Type.Object({
  kubeconfig: path,
  context: text,
  namespace: text,
  instance: text,
  owner: text,
  artifacts: Type.Object({ listenAddress: text, address: text }),
  golang: platform,
  car: platform,
  java: platform,
  node: platform,
  images: names,
  imagesWithoutShell: Type.Array(text),
  buildEnv: names,
  pod: Type.Unknown(),
  pods: Type.Unknown(),
  timeouts: Type.Object({
    build: duration,
    schedule: duration,
    start: duration,
    register: duration,
    imagePullGrace: duration,
  }),
  networkPolicy: flag,
  attachStdout: flag,
  prewarmed: count,
  keepFinished: duration,
});

/** A number for which -1 means "no limit". */
const limit = Type.Integer({ minimum: -1 });

/** vm.docker.hostConfig with every key that Fabric 1.4 reads. */
const hostConfig = Type.Object({
  CapAdd: Type.Array(text),
  CapDrop: Type.Array(text),
  Dns: Type.Array(text),
  DnsSearch: Type.Array(text),
  ExtraHosts: Type.Array(text),
  NetworkMode: text,
  IpcMode: text,
  PidMode: text,
  UTSMode: text,
  LogConfig: Type.Object({ Type: text, Config: names }),
  ReadonlyRootfs: flag,
  SecurityOpt: Type.Array(text),
  CgroupParent: text,
  Memory: count,
  MemorySwap: limit,
  MemorySwappiness: limit,
  OomKillDisable: flag,
  CpuShares: count,
  Cpuset: text,
  CpusetCPUs: text,
  CpusetMEMs: text,
  CpuQuota: limit,
  CpuPeriod: count,
  BlkioWeight: count,
});

/** Chaincode in containers of a Docker engine. */
const docker = Type.Object({
  tls: Type.Object({ enabled: flag, ca: file, cert: file, key: file }),
  attachStdout: flag,
  hostConfig,
  images: names,
});

const ledger = Type.Object({
  blockchain: ignored,
  state: Type.Object({
    stateDatabase: Type.Union([Type.Literal('goleveldb')]),
    totalQueryLimit: count,
    couchDBConfig: ignored,
  }),
  history: Type.Object({ enableHistoryDatabase: flag }),
});

const operations = Type.Object({
  listenAddress: text,
  tls: Type.Object({
    enabled: flag,
    cert: file,
    key: file,
    clientAuthRequired: flag,
    clientRootCAs: Type.Object({ files: Type.Array(path) }),
  }),
});

/** The shape of core.yaml. Every key is optional. */
export const coreSchema = Type.Object({
  peer,
  vm: Type.Object({
    provider: Type.Union([Type.Literal('process'), Type.Literal('docker'), Type.Literal('kubernetes')]),
    endpoint: text,
    docker,
    kubernetes,
    retire: Type.Object({ keep: count, grace: duration }),
  }),
  chaincode,
  ledger,
  operations,
  metrics: Type.Object({
    provider: Type.Union([Type.Literal('prometheus'), Type.Literal('statsd'), Type.Literal('disabled')]),
    statsd: ignored,
  }),
  logging: Type.Object({ spec: text, format: ignored }),
});

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** What a person writes: any part of the schema. */
export type CoreConfig = DeepPartial<Static<typeof coreSchema>>;
