import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './load.js';
import type { DockerConfig } from './docker.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'docker-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function docker(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<DockerConfig> {
  writeFileSync(join(dir, 'core.yaml'), yaml);
  return (await loadConfig({ env: { FABRIC_CFG_PATH: dir, ...env } })).config.vm.docker;
}

async function problems(yaml: string): Promise<readonly string[]> {
  const error: unknown = await docker(yaml).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).problems.map((problem) => problem.replace(`${join(dir, 'core.yaml')}: `, ''));
}

const hostConfig = (text: string): string => `vm: {docker: {hostConfig: {${text}}}}`;

describe('vm.docker', () => {
  it('has the values of Fabric’s sample core.yaml', async () => {
    expect(await docker('')).toMatchObject({
      attachStdout: false,
      tls: { enabled: false, caFile: '', certFile: '', keyFile: '' },
      hostConfig: {
        NetworkMode: 'host',
        Memory: 2147483648,
        LogConfig: { Type: 'json-file', Config: { 'max-size': '50m', 'max-file': '5' } },
      },
    });
  });

  it('takes every key of hostConfig', async () => {
    const keys = {
      ...{ CapAdd: ['SYS_TIME'], CapDrop: ['ALL'], Dns: ['10.0.0.1'], DnsSearch: ['example.com'] },
      ...{ ExtraHosts: ['peer0:10.0.0.5'], NetworkMode: 'bridge', IpcMode: 'private', PidMode: 'host' },
      ...{ UTSMode: 'host', LogConfig: { Type: 'syslog', Config: { tag: 'cc' } }, ReadonlyRootfs: true },
      ...{ SecurityOpt: ['no-new-privileges'], CgroupParent: '/cc', Memory: 1, MemorySwap: -1 },
      ...{ MemorySwappiness: 10, OomKillDisable: true, CpuShares: 2, Cpuset: '0', CpusetCPUs: '0-1' },
      ...{ CpusetMEMs: '0', CpuQuota: -1, CpuPeriod: 3, BlkioWeight: 500 },
    };
    const { hostConfig: taken } = await docker(JSON.stringify({ vm: { docker: { hostConfig: keys } } }));
    expect(taken).toEqual(keys);
  });

  it('takes them from the environment as well', async () => {
    const { hostConfig: taken } = await docker('', {
      CORE_VM_DOCKER_HOSTCONFIG_NETWORKMODE: 'net_fabric',
      CORE_VM_DOCKER_HOSTCONFIG_MEMORY: '536870912',
    });
    expect([taken.NetworkMode, taken.Memory]).toEqual(['net_fabric', 536870912]);
  });

  it('refuses keys of hostConfig that there are not, by name', async () => {
    expect(await problems(hostConfig('Networkmod: host, Memroy: 1, Privileged: true'))).toEqual([
      'vm.docker.hostConfig.Networkmod: unknown key; did you mean vm.docker.hostConfig.NetworkMode?',
      'vm.docker.hostConfig.Memroy: unknown key; did you mean vm.docker.hostConfig.Memory?',
      'vm.docker.hostConfig.Privileged: unknown key',
    ]);
  });

  it('refuses values of a wrong type, by name', async () => {
    expect(
      await problems(hostConfig('Memory: 2GB, CapAdd: {a: b}, LogConfig: {Typ: x}, MemorySwap: -2')),
    ).toEqual([
      'vm.docker.hostConfig.Memory: must be a whole number, not "2GB"',
      'vm.docker.hostConfig.CapAdd: must be a list of texts, not {"a":"b"}',
      'vm.docker.hostConfig.LogConfig.Typ: unknown key; did you mean vm.docker.hostConfig.LogConfig.Type?',
      'vm.docker.hostConfig.MemorySwap: must be a whole number of at least -1, not -2',
    ]);
  });

  it('reads the files of TLS relative to the folder of core.yaml', async () => {
    const tls =
      'vm: {docker: {tls: {enabled: true, ca: {file: ca.crt}, cert: {file: /c.crt}, key: {file: k}}}}';
    expect((await docker(tls)).tls).toEqual({
      enabled: true,
      caFile: join(dir, 'ca.crt'),
      certFile: '/c.crt',
      keyFile: join(dir, 'k'),
    });
  });
});
