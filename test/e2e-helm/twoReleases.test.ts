import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Namespace } from '../e2e-k8s/support/kubectl.js';
import { Release } from './support/helm.js';
import { Volumes } from './support/volumes.js';

describe('two releases in one namespace', () => {
  const namespace = new Namespace('two');
  const first = new Release('one', namespace);
  const second = new Release('two', namespace);
  const volumes = new Volumes();

  beforeAll(async () => {
    await namespace.create();
    await volumes.offer(2);
    await first.install();
    await second.install();
  });

  afterAll(async () => {
    await namespace.remove();
    await volumes.remove();
  });

  it('launch the same chaincode each for itself', async () => {
    for (const release of [first, second]) {
      expect(await release.helm('test', '--timeout', '90s', '--logs')).toContain(
        'the counter was 0 and is 1',
      );
    }
    const launches = await namespace.launches();
    expect(launches.map(({ metadata }) => metadata.ownerReferences?.map(({ name }) => name)).sort()).toEqual([
      ['one-endorser'],
      ['two-endorser'],
    ]);
    expect(await namespace.standingPods('helmtest')).toHaveLength(2);
  });

  it('have one leading operator', async () => {
    const [lease, ...others] = await namespace.list('leases');
    expect(others).toEqual([]);
    expect(lease!.spec.holderIdentity).toMatch(/^one-operator-/);
  });

  it('go on when the one whose operator led is uninstalled', async () => {
    await first.uninstall();
    await namespace.until('the other operator leads', async () => {
      const [lease] = await namespace.list('leases');
      return /^two-operator-/.test(String(lease?.spec.holderIdentity));
    });
    await namespace.until('its chaincode is gone', async () => (await namespace.launches()).length === 1);
    expect(await second.helm('test', '--timeout', '90s', '--logs')).toContain('the counter was 1 and is 2');
  });
});

describe('an operator for all namespaces', () => {
  const home = new Namespace('wide');
  const elsewhere = new Namespace('elsewhere');
  const operator = new Release('operator', home);
  const endorser = new Release('peer', elsewhere);
  const volumes = new Volumes();

  beforeAll(async () => {
    await home.create();
    await elsewhere.create();
    await volumes.offer(1);
    await operator.install({
      operator: { clusterWide: true },
      endorser: { enabled: false, rbac: { create: false } },
    });
    await endorser.install({ operator: { enabled: false } });
  });

  afterAll(async () => {
    await endorser.uninstall();
    await operator.uninstall();
    await home.remove();
    await elsewhere.remove();
    await volumes.remove();
  });

  it('serves an endorser of another release in another namespace', async () => {
    const text = await endorser.helm('test', '--timeout', '90s', '--logs');
    expect(text).toContain('the counter was 0 and is 1');
    expect(await elsewhere.list('leases')).toEqual([]);
  });
});
