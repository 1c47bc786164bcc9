import { expect, it } from 'vitest';
import { launchArgs, launchEnv } from '../../src/launcher/launchConfig.js';
import { describeGolden, fixture, fixtureJson } from '../support/fixtures.js';

interface Create {
  readonly Cmd: string[];
  readonly Env?: string[];
}

function creates(file: string): Create[] {
  return fixture('docker-api-14', file)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { method: string; path: string; body?: { text?: string } })
    .filter(({ method, path }) => method === 'POST' && path.startsWith('/containers/create'))
    .flatMap(({ body }) => (body?.text === undefined ? [] : [JSON.parse(body.text) as Create]))
    .filter(({ Env }) => Env?.some((entry) => entry.startsWith('CORE_CHAINCODE_ID_NAME=')));
}

/** The container's environment begins with what the 1.4 peer sets, in its order; what 2.x shims read follows. */
describeGolden('recorded container starts', 'docker-api-14', () => {
  it('have our command line and environment', () => {
    const situations = fixtureJson('docker-api-14', 'index.json') as { file: string }[];
    const recorded = situations.flatMap(({ file }) => creates(file));
    expect(recorded.length).toBeGreaterThan(20);
    for (const { Cmd, Env = [] } of recorded) {
      const env = new Map(
        Env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
      );
      const type = Cmd[0] === '/bin/sh' ? 'NODE' : 'GOLANG';
      expect(launchArgs(type, '127.0.0.1:7052')).toEqual(Cmd);
      const logging = {
        level: env.get('CORE_CHAINCODE_LOGGING_LEVEL')!,
        shim: env.get('CORE_CHAINCODE_LOGGING_SHIM')!,
        format: env.get('CORE_CHAINCODE_LOGGING_FORMAT')!,
      };
      const tls = env.get('CORE_PEER_TLS_ENABLED') === 'true';
      const ours = Object.entries(launchEnv(env.get('CORE_CHAINCODE_ID_NAME')!, logging, tls));
      expect(ours.slice(0, Env.length).map(([name, value]) => `${name}=${value}`)).toEqual(Env);
    }
  });
});
