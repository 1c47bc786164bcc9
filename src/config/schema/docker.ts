import type { Static } from 'typebox';
import { count, file, flag, limit, names, section, text, texts } from './kinds.js';

/** vm.docker.hostConfig with every key that Fabric 1.4 reads. */
const hostConfig = section(
  'HostConfig of the containers, in the words of Docker. What is empty, 0 or false is left to the engine.',
  {
    CapAdd: texts('Capabilities that are added.'),
    CapDrop: texts('Capabilities that are taken away.'),
    Dns: texts('DNS servers.'),
    DnsSearch: texts('DNS search domains.'),
    ExtraHosts: texts('Lines for /etc/hosts, as `name:address`.'),
    NetworkMode: text(
      'Network of the containers. They must reach `peer.chaincodeAddress` from there.',
      'host',
    ),
    IpcMode: text('IPC namespace.'),
    PidMode: text('PID namespace.'),
    UTSMode: text('UTS namespace.'),
    LogConfig: section('', {
      Type: text('Log driver. Empty = `json-file`.'),
      Config: names(
        'Options of the log driver. Without any, and without a driver: `max-size: 50m`, `max-file: "5"`.',
      ),
    }),
    ReadonlyRootfs: flag('The root file system cannot be written.'),
    SecurityOpt: texts('Security options, such as `no-new-privileges`.'),
    CgroupParent: text('Parent cgroup.'),
    Memory: count('Limit of memory in bytes.', 2 * 1024 ** 3),
    MemorySwap: limit('Limit of memory and swap in bytes; -1 = none.'),
    MemorySwappiness: limit('Swappiness, 0 to 100; -1 = that of the machine.'),
    OomKillDisable: flag('The container is not killed when memory runs out.'),
    CpuShares: count('Share of the processor, relative to other containers.'),
    Cpuset: text('Processors that may be used, as older engines call it.'),
    CpusetCPUs: text('Processors that may be used, such as `0-2,7`.'),
    CpusetMEMs: text('Memory nodes that may be used.'),
    CpuQuota: limit('Microseconds of processor time per period; -1 = no limit.'),
    CpuPeriod: count('Length of that period in microseconds.'),
    BlkioWeight: count('Weight of block I/O, 10 to 1000.'),
  },
);

/** HostConfig as core.yaml has it; what is left out is decided by the engine. */
export type HostConfigSettings = Readonly<Static<typeof hostConfig>>;

/** Chaincode in containers of a Docker engine. */
export const docker = section('Chaincode in containers of a Docker engine. Only for `vm.provider: docker`.', {
  tls: section('Mutual TLS with an engine behind tcp.', {
    enabled: flag('TLS with the engine.'),
    ca: file('CA of the engine, PEM.'),
    cert: file('Client certificate, PEM.'),
    key: file('Private key of that certificate, PEM.'),
  }),
  attachStdout: flag('What chaincode prints goes into the log of the endorser.'),
  hostConfig,
  images: names(
    'Not in Fabric: ready images that carry their chaincode, by `‹name›` or `‹name›:‹version›`. Nothing is built for these.',
  ),
});
