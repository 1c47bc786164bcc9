import { describe, expect, it } from 'vitest';
import { launchArgs, launchEnv, tlsFiles } from './launchConfig.js';
import type { ChaincodeType } from './types.js';

const logging = { level: 'info', shim: 'warning', format: '%{message}' };

describe('what a chaincode is started with', () => {
  it.each<[ChaincodeType, string[]]>([
    ['GOLANG', ['chaincode', '-peer.address=peer:7052']],
    ['CAR', ['chaincode', '-peer.address=peer:7052']],
    ['JAVA', ['/root/chaincode-java/start', '--peerAddress', 'peer:7052']],
    ['NODE', ['/bin/sh', '-c', 'cd /usr/local/src; npm start -- --peer.address peer:7052']],
  ])('%s: its command line', (type, args) => {
    expect(launchArgs(type, 'peer:7052')).toEqual(args);
  });

  it('a type without a platform is an error', () => {
    expect(() => launchArgs('PYTHON' as ChaincodeType, 'peer:7052')).toThrow('unknown chaincodeType: PYTHON');
  });

  it('without TLS it is told only that', () => {
    expect(Object.entries(launchEnv('mycc:1.0', logging, false))).toEqual([
      ['CORE_CHAINCODE_LOGGING_LEVEL', 'info'],
      ['CORE_CHAINCODE_LOGGING_SHIM', 'warning'],
      ['CORE_CHAINCODE_LOGGING_FORMAT', '%{message}'],
      ['CORE_CHAINCODE_ID_NAME', 'mycc:1.0'],
      ['CORE_PEER_TLS_ENABLED', 'false'],
    ]);
  });

  it('with TLS every variable that names a file has its file, keys are for the owner only', () => {
    const env = launchEnv('mycc:1.0', logging, true, 'Org1MSP');
    const files = tlsFiles({ keyPem: 'KEY', certPem: 'CERT', caPem: 'CA' });
    const paths = Object.values(env).filter((value) => value.startsWith('/'));
    expect(paths.sort()).toEqual(files.map(({ path }) => path).sort());
    expect(files.filter(({ path }) => path.endsWith('.key')).map(({ mode }) => mode)).toEqual([0o600, 0o600]);
    expect(env['CORE_PEER_LOCALMSPID']).toBe('Org1MSP');
    const content: Record<string, string> = {};
    for (const { path, content: bytes } of files) {
      content[path.slice('/etc/hyperledger/fabric/'.length)] = Buffer.from(bytes).toString();
    }
    expect(content).toEqual({
      'client.key': Buffer.from('KEY').toString('base64'),
      'client.crt': Buffer.from('CERT').toString('base64'),
      'peer.crt': 'CA',
      'client_pem.key': 'KEY',
      'client_pem.crt': 'CERT',
    });
  });
});
