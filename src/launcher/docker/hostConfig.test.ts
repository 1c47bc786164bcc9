import { describe, expect, it } from 'vitest';
import { defaults } from '../../config/schema/core.js';
import { hostConfigOf } from './hostConfig.js';

const empty = defaults.vm.docker.hostConfig;

describe('the HostConfig of a container', () => {
  it('has what is written, spelled as the API does', () => {
    const LogConfig = { Type: 'syslog', Config: { tag: 'cc' } };
    expect(
      hostConfigOf({
        ...empty,
        CpusetCPUs: '0',
        CpusetMEMs: '1',
        CapDrop: ['ALL'],
        MemorySwap: -1,
        LogConfig,
      }),
    ).toEqual({
      NetworkMode: 'host',
      Memory: 2147483648,
      MemorySwap: -1,
      CpusetCpus: '0',
      CpusetMems: '1',
      CapDrop: ['ALL'],
      LogConfig,
    });
  });

  it('leaves out what is empty, but for the network, which is then the host’s', () => {
    expect(hostConfigOf({ ...empty, Memory: 0, NetworkMode: '' })).toEqual({ NetworkMode: 'host' });
  });
});
