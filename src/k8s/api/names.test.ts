import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelValue, launchName, peerHash, podName } from './names.js';

const peer = { networkId: 'dev', id: 'peer0.org1', mspId: 'Org1MSP' };
const dns = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

describe('names of launches and Pods', () => {
  it('are DNS labels whatever the chaincode is called', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 300 }),
        fc.string({ maxLength: 300 }),
        (name, version) => {
          const launch = launchName(peer, { name, version });
          expect(launch).toMatch(dns);
          for (const role of ['chaincode', 'build'] as const) {
            expect(podName(launch, 'uid', 9999, role)).toMatch(dns);
          }
        },
      ),
    );
  });

  it('stay readable', () => {
    expect(launchName(peer, { name: 'MyCC', version: '1.0' })).toMatch(/^mycc-1-0-[a-z2-7]{10}$/);
  });

  it.each([
    [
      { name: 'a-b', version: 'c' },
      { name: 'a', version: 'b-c' },
    ],
    [
      { name: 'MyCC', version: '1' },
      { name: 'mycc', version: '1' },
    ],
  ])('differ for %o and %o', (one, other) => {
    expect(launchName(peer, one)).not.toBe(launchName(peer, other));
  });

  it('differ for two endorsers, and are the same for the same', () => {
    const other = { ...peer, id: 'peer1.org1' };
    const chaincode = { name: 'kv', version: '1' };
    expect(launchName(peer, chaincode)).not.toBe(launchName(other, chaincode));
    expect(launchName({ ...peer }, chaincode)).toBe(launchName(peer, chaincode));
    expect(peerHash(peer)).toMatch(/^[a-z2-7]{16}$/);
  });

  it('make label values that Kubernetes takes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(labelValue(text)).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
      }),
    );
    expect(labelValue('1.0+rc.1')).toBe('1.0_rc.1');
  });
});
