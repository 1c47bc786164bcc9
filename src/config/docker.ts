/** HostConfig as core.yaml has it; what is left out is decided by the engine. */
export interface HostConfigSettings {
  readonly CapAdd: readonly string[];
  readonly CapDrop: readonly string[];
  readonly Dns: readonly string[];
  readonly DnsSearch: readonly string[];
  readonly ExtraHosts: readonly string[];
  readonly NetworkMode: string;
  readonly IpcMode: string;
  readonly PidMode: string;
  readonly UTSMode: string;
  readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  readonly ReadonlyRootfs: boolean;
  readonly SecurityOpt: readonly string[];
  readonly CgroupParent: string;
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly MemorySwappiness: number;
  readonly OomKillDisable: boolean;
  readonly CpuShares: number;
  readonly Cpuset: string;
  readonly CpusetCPUs: string;
  readonly CpusetMEMs: string;
  readonly CpuQuota: number;
  readonly CpuPeriod: number;
  readonly BlkioWeight: number;
}

/** vm.docker with its defaults; paths are absolute. */
export interface DockerConfig {
  /** Mutual TLS with the engine. */
  readonly tls: {
    readonly enabled: boolean;
    readonly caFile: string;
    readonly certFile: string;
    readonly keyFile: string;
  };
  readonly attachStdout: boolean;
  readonly hostConfig: HostConfigSettings;
  /** Images that carry their chaincode already, by `‹name›` or `‹name›:‹version›`. */
  readonly images: Readonly<Record<string, string>>;
}

const none = [] as readonly string[];

const hostConfig: HostConfigSettings = {
  CapAdd: none,
  CapDrop: none,
  Dns: none,
  DnsSearch: none,
  ExtraHosts: none,
  NetworkMode: 'host',
  IpcMode: '',
  PidMode: '',
  UTSMode: '',
  // See sampleLog: the options of one log driver must not be laid below those of another.
  LogConfig: { Type: '', Config: {} },
  ReadonlyRootfs: false,
  SecurityOpt: none,
  CgroupParent: '',
  Memory: 2 * 1024 ** 3,
  MemorySwap: 0,
  MemorySwappiness: 0,
  OomKillDisable: false,
  CpuShares: 0,
  Cpuset: '',
  CpusetCPUs: '',
  CpusetMEMs: '',
  CpuQuota: 0,
  CpuPeriod: 0,
  BlkioWeight: 0,
};

/** What holds when core.yaml says nothing of logs. */
const sampleLog: HostConfigSettings['LogConfig'] = {
  Type: 'json-file',
  Config: { 'max-size': '50m', 'max-file': '5' },
};

/** vm.docker of Fabric's sample core.yaml. */
export const dockerDefaults = {
  tls: { enabled: false, ca: { file: '' }, cert: { file: '' }, key: { file: '' } },
  attachStdout: false,
  hostConfig,
  images: {} as Readonly<Record<string, string>>,
};

/** @param at makes a path of core.yaml absolute */
export function compileDocker(docker: typeof dockerDefaults, at: (path: string) => string): DockerConfig {
  const { tls, hostConfig, ...rest } = docker;
  const { Type, Config } = hostConfig.LogConfig;
  const options = Type === '' && Object.keys(Config).length === 0 ? sampleLog.Config : Config;
  const file = (path: string): string => (path === '' ? '' : at(path));
  return {
    ...rest,
    hostConfig: { ...hostConfig, LogConfig: { Type: Type || sampleLog.Type, Config: options } },
    tls: {
      enabled: tls.enabled,
      caFile: file(tls.ca.file),
      certFile: file(tls.cert.file),
      keyFile: file(tls.key.file),
    },
  };
}
