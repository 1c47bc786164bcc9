import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DevNetwork } from '../support/devNetwork.js';

const kvRaw = resolve(import.meta.dirname, '../../samples/kv-raw');

describe('what core.yaml switches off', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switched-off-'));
  const file = join(folder, 'core.yaml');
  const network = new DevNetwork({}, ['--config', file]);

  beforeAll(async () => {
    writeFileSync(
      file,
      'chaincode: { system: { qscc: disable } }\nledger: { history: { enableHistoryDatabase: false } }\n',
    );
    await network.start();
    await network.deploy('kv', kvRaw, ['init', 'a', '100']);
  }, 120_000);

  afterAll(async () => {
    await network.remove();
    rmSync(folder, { recursive: true });
  });

  it('refuses the history of a key in Fabric’s words, and answers everything else', async () => {
    expect((await network.query('kv', 'history', 'a')).stderr).toContain('history database is not enabled');
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
  });

  it('has no system chaincode that is disabled, and has those that are not named', async () => {
    const { code, stderr } = await network.query('qscc', 'GetChainInfo', 'mychannel');
    expect(stderr).toContain('failed to get chaincode container info for qscc');
    expect(code).toBe(1);
    expect((await network.query('cscc', 'GetChannels')).code).toBe(0);
  });
});
