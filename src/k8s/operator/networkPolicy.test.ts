import { describe, expect, it } from 'vitest';
import { aLaunch } from '../../../test/support/launches.js';
import type { LaunchSpec } from '../api/schema.js';
import { peerNetworkPolicy } from './networkPolicy.js';

const dns = {
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

function egress(address: string, podLabels?: Record<string, string>): unknown[] {
  const peer: LaunchSpec['peer'] = { id: 'peer0', mspID: 'Org1MSP', address, podLabels };
  const host = address.slice(0, address.lastIndexOf(':'));
  const artifacts = { url: `https://${host}:7055`, caBundle: 'CA', audience: 'aud' };
  const launch = aLaunch({ spec: { peer, source: { image: 'node:1', shell: true, artifacts } } });
  const policy = peerNetworkPolicy('abc', [launch])!;
  return (policy.spec as { egress: unknown[] }).egress;
}

describe('the NetworkPolicy of an endorser’s chaincode', () => {
  it('names the address of an endorser that has one', () => {
    const to = [{ ipBlock: { cidr: '10.0.0.1/32' } }];
    expect(egress('10.0.0.1:7052', { app: 'endorser' })).toEqual([
      { to, ports: [{ protocol: 'TCP', port: 7052 }] },
      { to, ports: [{ protocol: 'TCP', port: 7055 }] },
      dns,
    ]);
    expect(egress('[fd00::1]:7052')[0]).toEqual({
      to: [{ ipBlock: { cidr: 'fd00::1/128' } }],
      ports: [{ protocol: 'TCP', port: 7052 }],
    });
  });

  it('names the Pods of an endorser that is reached by name', () => {
    const to = [{ podSelector: { matchLabels: { app: 'endorser' } } }];
    expect(egress('peer0.fabric.svc:7052', { app: 'endorser' })).toEqual([
      { to, ports: [{ protocol: 'TCP', port: 7052 }] },
      { to, ports: [{ protocol: 'TCP', port: 7055 }] },
      dns,
    ]);
  });

  it('limits ports alone where neither is known', () => {
    expect(egress('peer0.fabric.svc:7052')).toEqual([
      { ports: [{ protocol: 'TCP', port: 7052 }] },
      { ports: [{ protocol: 'TCP', port: 7055 }] },
      dns,
    ]);
  });

  it('is there as long as there is a launch', () => {
    expect(peerNetworkPolicy('abc', [])).toBeUndefined();
  });
});
