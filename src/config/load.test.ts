import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { durationMs } from './duration.js';
import { ConfigError, loadConfig, type LoadedConfig } from './load.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function load(
  yaml: string,
  env: NodeJS.ProcessEnv = {},
  overrides: Record<string, string> = {},
): Promise<LoadedConfig> {
  writeFileSync(join(dir, 'core.yaml'), yaml);
  return loadConfig({ env: { FABRIC_CFG_PATH: dir, ...env }, overrides });
}

async function problems(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  const error: unknown = await load(yaml, env).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).problems.map((problem) => problem.replace(`${join(dir, 'core.yaml')}: `, ''));
}

describe('the configuration', () => {
  it('has a default for everything', async () => {
    const { config, warnings } = await load('');
    expect(config.chaincode).toMatchObject({
      startupTimeoutMs: 300_000,
      executeTimeoutMs: 30_000,
      mode: 'net',
    });
    expect(config.operations.listenAddress).toBe('127.0.0.1:9443');
    expect(config.ledger.totalQueryLimit).toBe(100_000);
    expect(warnings).toEqual([]);
  });

  it('takes flags before the environment before the file, keys in any case', async () => {
    const yaml =
      'peer: {ID: file, address: "a:1", TLS: {Enabled: false}}\nchaincode: {startupTimeout: 2m30s}';
    const env = { CORE_PEER_ID: 'environment', CORE_PEER_ADDRESS: 'b:2', CORE_PEER_TLS_ENABLED: 'true' };
    const { config } = await load(yaml, env, { 'peer.address': 'c:3' });
    expect([config.peer.id, config.peer.address, config.peer.tls.enabled]).toEqual([
      'environment',
      'c:3',
      true,
    ]);
    expect(config.chaincode.startupTimeoutMs).toBe(150_000);
  });

  it('names every wrong key, with what was probably meant', async () => {
    expect(
      await problems('peer:\n  adress: x\nchaincode:\n  startuptimeot: 300s\n  zzz: 1\nledgr: {}\n'),
    ).toEqual([
      'peer.adress: unknown key; did you mean peer.address?',
      'chaincode.startuptimeot: unknown key; did you mean chaincode.startuptimeout?',
      'chaincode.zzz: unknown key',
      'ledgr: unknown key; did you mean ledger?',
    ]);
  });

  it('names every value of a wrong type, in the file and in the environment', async () => {
    const yaml =
      'peer: {tls: {enabled: yess, cert: server.crt}, id: [a]}\nchaincode: {executetimeout: 30, mode: fast}\nledger: {state: {totalQueryLimit: -1}}';
    expect(await problems(yaml, { CORE_CHAINCODE_STARTUPTIMEOUT: 'soon' })).toEqual([
      'peer.tls.enabled: must be true or false, not "yess"',
      'peer.tls.cert: must hold keys (file), not "server.crt"',
      'peer.id: must be a text, not ["a"]',
      'chaincode.executetimeout: must be a duration such as 300s or 2m30s, not 30',
      'chaincode.mode: must be "net" or "dev", not "fast"',
      'ledger.state.totalQueryLimit: must be a whole number, not -1',
      'CORE_CHAINCODE_STARTUPTIMEOUT: must be a duration such as 300s or 2m30s, not "soon"',
    ]);
  });

  it('accepts the parts of a Fabric core.yaml that it has no use for', async () => {
    const yaml =
      'peer: {gossip: {bootstrap: x}, BCCSP: {Default: SW}, handlers: {}}\nvm: {docker: {hostConfig: {}}}\nledger: {state: {stateDatabase: goleveldb, couchDBConfig: {}}}';
    expect((await load(yaml)).warnings).toEqual([
      'keys of core.yaml that have no use here: peer.gossip, peer.handlers, ledger.state.couchDBConfig (docs/configuration.md says why)',
    ]);
  });

  it('only warns about environment variables that look mistyped, and leaves those of clients alone', async () => {
    const { warnings } = await load('', {
      CORE_PEER_ADRESS: 'x',
      CORE_PEER_TLS_CLIENTCERT_FILE: 'y',
      CORE_X: 'z',
    });
    expect(warnings).toEqual([
      'environment variable CORE_PEER_ADRESS is not known; did you mean CORE_PEER_ADDRESS?',
    ]);
  });

  it('raises a startup timeout below 5 s to 5 s, and replaces an execute timeout below 1 s by 30 s', async () => {
    const { config } = await load('chaincode: {startuptimeout: 1s, executetimeout: 10ms, keepalive: x}');
    expect(config.chaincode).toMatchObject({
      startupTimeoutMs: 5_000,
      executeTimeoutMs: 30_000,
      keepaliveMs: 0,
    });
    expect(config.notes).toHaveLength(2);
  });

  it('defaults an invalid chaincode log level, and says so', async () => {
    const { config } = await load('chaincode: {logging: {level: loud}}');
    expect(config.chaincode.logging.level).toBe('info');
    expect(config.notes).toEqual(['chaincode.logging.level has invalid log level loud. defaulting to info']);
  });

  it('reads paths relative to the folder of core.yaml', async () => {
    const { config } = await load('peer: {mspConfigPath: msp, tls: {cert: {file: tls/server.crt}}}');
    expect(config.peer.mspConfigPath).toBe(join(dir, 'msp'));
    expect(config.peer.tls.certFile).toBe(join(dir, 'tls/server.crt'));
  });
});

describe('a duration', () => {
  it.each([
    ['300s', 300_000],
    ['2m30s', 150_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '5', 's', '5 s', '5x'])('%j is refused', (text) => {
    expect(() => durationMs(text)).toThrow(`time: invalid duration ${text}`);
  });
});
