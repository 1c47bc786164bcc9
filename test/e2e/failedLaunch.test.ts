import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from '../support/command.js';
import { DevNetwork } from '../support/devNetwork.js';
import { eventually } from '../support/eventually.js';

const kvRaw = resolve(import.meta.dirname, '../../samples/kv-raw');

describe('chaincode that does not start', () => {
  let network: DevNetwork;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'failing-chaincode-'));
    network = new DevNetwork({ CORE_CHAINCODE_STARTUPTIMEOUT: '3s' });
    await network.start();
  }, 60_000);

  afterAll(async () => {
    await network.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Installs a chaincode whose program is `code`, and instantiates it. */
  async function instantiate(name: string, code: string): Promise<CommandResult> {
    const path = join(folder, name);
    // A bundled node_modules: nothing is installed.
    mkdirSync(join(path, 'node_modules', 'none'), { recursive: true });
    writeFileSync(join(path, 'node_modules', 'none', 'package.json'), '{}');
    const manifest = { name, version: '1.0.0', scripts: { start: 'node main.js' } };
    writeFileSync(join(path, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(path, 'main.js'), code);
    await network.ok('chaincode', 'install', '-l', 'node', '-n', name, '-v', '1.0', '-p', path);
    return network.cli(
      ...['chaincode', 'instantiate', '-C', 'mychannel', '-n', name, '-v', '1.0', '-c', '{"Args":["init"]}'],
    );
  }

  async function expectNothingRuns(): Promise<void> {
    await eventually('no chaincode runs', () => network.chaincodeProcesses().length === 0);
  }

  it.each([0, 1])('and exits with %i is reported with its code and its last lines', async (code) => {
    const result = await instantiate(`exits${code}`, `console.log('giving up'); process.exit(${code})`);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('Error: could not assemble transaction, err proposal response was not');
    expect(result.stderr).toContain(`chaincode registration failed: container exited with ${code}`);
    expect(result.stderr).toContain('giving up');
    await expectNothingRuns();
  });

  it('and is killed is reported with 137', async () => {
    const result = await instantiate('killed', `process.kill(process.pid, 'SIGKILL')`);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('chaincode registration failed: container exited with 137');
    await expectNothingRuns();
  });

  it('and never registers is ended by the startup timeout', async () => {
    const result = await instantiate('silent', `console.log('waiting'); setInterval(() => {}, 1000)`);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('timeout expired while starting chaincode silent:1.0 for transaction');
    expect(result.stderr).toContain('waiting');
    await expectNothingRuns();
  });

  it('is shown as failed by launches describe, with the reason', async () => {
    const shown = await network.ok('launches', 'describe', 'exits1:1.0');
    expect(shown).toContain('Failed');
    expect(shown).toContain('container exited with 1');
  });

  it('leaves a network that launches the next one', async () => {
    await network.deploy('good', kvRaw, ['init', 'a', '100']);
    expect((await network.query('good', 'get', 'a')).stdout).toBe('100');
  }, 120_000);

  it('is launched anew by the next instantiate of the same name', async () => {
    const again = await network.cli(
      ...[
        'chaincode',
        'instantiate',
        '-C',
        'mychannel',
        '-n',
        'exits1',
        '-v',
        '1.0',
        '-c',
        '{"Args":["init"]}',
      ],
    );
    expect(again.stderr).toContain('container exited with 1');
    const launches = JSON.parse(await network.ok('launches', 'list', '-o', 'json')) as {
      chaincode: string;
      phase: string;
    }[];
    const attempts = launches.filter(({ chaincode }) => chaincode === 'exits1');
    expect(attempts.map(({ phase }) => phase)).toEqual(['Failed', 'Failed']);
  });
});
