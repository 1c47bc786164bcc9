import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { aLaunch, readyStatus } from '../../../test/support/launches.js';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { chaincodeLaunches, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { KubeClient } from '../client/kubeClient.js';
import { pods } from '../client/objects.js';
import { Resource } from '../client/resource.js';
import { CachedLaunches } from './launchCache.js';
import { OperatorMetrics } from './metrics.js';
import type { Pod } from './pod.js';

function emptyCache(): { cache: CachedLaunches; told: string[]; registry: Registry } {
  const access = {
    server: 'https://127.0.0.1:1',
    namespace: 'fabric',
    tls: {},
    authorization: async () => undefined,
  };
  const client = new KubeClient({ access });
  const registry = new Registry();
  const told: string[] = [];
  const cache = new CachedLaunches({
    client,
    launches: new Resource<ChaincodeLaunch>(client, chaincodeLaunches),
    pods: new Resource<Pod>(client, pods),
    onChange: () => undefined,
    onLaunch: (key) => told.push(key),
    metrics: new OperatorMetrics(registry, 1),
    logger: silentLogger(),
  });
  return { cache, told, registry };
}

const version = (resourceVersion: string, status?: ChaincodeLaunch['status']): ChaincodeLaunch =>
  aLaunch({ metadata: { resourceVersion }, ...(status && { status }) });

describe('the cache of launches', () => {
  it('tells what an own write has changed, of which the watch will say nothing more', async () => {
    const { cache, told, registry } = emptyCache();
    cache.rememberLaunch(version('1'));
    cache.rememberLaunch(version('2', readyStatus));
    expect(told).toEqual(['fabric/kv-1-0-x', 'fabric/kv-1-0-x']);
    const text = await registry.getSingleMetricAsString('chaincode_launcher_launches');
    expect(text).toContain('{phase="Pending"} 0');
    expect(text).toContain('{phase="Ready"} 1');
  });

  it('tells nothing of an answer that is older than what is known', async () => {
    const { cache, told, registry } = emptyCache();
    cache.rememberLaunch(version('2', readyStatus));
    cache.rememberLaunch(version('1'));
    expect(told).toHaveLength(1);
    expect(cache.launch('fabric/kv-1-0-x')?.status?.phase).toBe('Ready');
    expect(await registry.getSingleMetricAsString('chaincode_launcher_launches')).toContain(
      '{phase="Ready"} 1',
    );
  });
});
