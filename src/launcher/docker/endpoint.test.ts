import { describe, expect, it } from 'vitest';
import { parseEndpoint } from './endpoint.js';

describe('vm.endpoint', () => {
  it.each([
    ['unix:///var/run/docker.sock', false, { kind: 'unix', socketPath: '/var/run/docker.sock' }],
    ['tcp://10.0.0.1:2376', true, { kind: 'tcp', host: '10.0.0.1', port: 2376, https: true }],
    ['tcp://docker', false, { kind: 'tcp', host: 'docker', port: 2375, https: false }],
    ['tcp://docker', true, { kind: 'tcp', host: 'docker', port: 2376, https: true }],
    ['http://docker:80', false, { kind: 'tcp', host: 'docker', port: 80, https: false }],
    ['https://docker', false, { kind: 'tcp', host: 'docker', port: 443, https: true }],
    ['tcp://[::1]:2375', false, { kind: 'tcp', host: '::1', port: 2375, https: false }],
  ])('%s (TLS: %s) is understood', (endpoint, tls, address) => {
    expect(parseEndpoint(endpoint, tls)).toEqual(address);
  });

  it.each(['', 'unix://docker.sock', '/var/run/docker.sock', 'tcp://', 'ssh://host', 'docker:2375'])(
    '%j is refused by name',
    (endpoint) => {
      expect(() => parseEndpoint(endpoint, false)).toThrow(`vm.endpoint: invalid endpoint "${endpoint}": `);
    },
  );
});
