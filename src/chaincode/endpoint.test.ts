import { describe, expect, it } from 'vitest';
import { chaincodeEndpoint } from './endpoint.js';
import type { EndpointSettings } from './endpoint.js';

const peerAddress = 'peer0:7051';

describe('the address that chaincode dials', () => {
  it.each<[string, EndpointSettings, number | undefined, string]>([
    [
      'is chaincodeAddress when set',
      { chaincodeAddress: 'cc.host:9000', peerAddress },
      undefined,
      'cc.host:9000',
    ],
    [
      'is the listener when it has a host',
      { chaincodeListenAddress: '10.0.0.5:7052', peerAddress },
      7052,
      '10.0.0.5:7052',
    ],
    [
      'has the port that the listener got',
      { chaincodeListenAddress: '127.0.0.1:0', peerAddress },
      40123,
      '127.0.0.1:40123',
    ],
    [
      'is the host of the peer otherwise',
      { chaincodeListenAddress: '0.0.0.0:7099', peerAddress },
      7099,
      'peer0:7099',
    ],
    ['has port 7052 when none is named', { peerAddress }, undefined, 'peer0:7052'],
    ['keeps IPv6 in brackets', { chaincodeAddress: '[::1]:7052', peerAddress }, undefined, '[::1]:7052'],
    [
      'is the wildcard in dev mode',
      { peerAddress: '0.0.0.0:7051', devMode: true },
      undefined,
      '0.0.0.0:7052',
    ],
  ])('%s', (_what, settings, bound, endpoint) => {
    expect(chaincodeEndpoint(settings, bound)).toBe(endpoint);
  });

  it.each<[string, EndpointSettings]>([
    ['chaincodeAddress is a wildcard', { chaincodeAddress: '0.0.0.0:7052', peerAddress }],
    ['chaincodeAddress is the IPv6 wildcard', { chaincodeAddress: '[::]:7052', peerAddress }],
    ['everything is a wildcard', { chaincodeListenAddress: '0.0.0.0:7052', peerAddress: '0.0.0.0:7051' }],
  ])('cannot be told when %s', (_what, settings) => {
    expect(() => chaincodeEndpoint(settings)).toThrow('invalid endpoint for chaincode to connect');
  });
});
