import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from '../support/command.js';
import { DevNetwork } from '../support/devNetwork.js';

/** A Go toolchain is needed: outside CI the suite runs only where there is one, and says so. */
function wantsGo(): boolean {
  if (spawnSync('go', ['version']).status === 0 || process.env['CI']) return true;
  process.stderr.write('SKIPPED: Go chaincode: there is no go on the PATH\n');
  return false;
}

/** The Go shim is nothing that a test can download: these programs use the standard library only, and never register. */
describe.runIf(wantsGo())('Go chaincode', () => {
  const network = new DevNetwork();
  const gopath = mkdtempSync(join(tmpdir(), 'gopath-'));

  beforeAll(() => network.start(), 60_000);

  afterAll(async () => {
    await network.remove();
    rmSync(gopath, { recursive: true, force: true });
  });

  async function instantiate(name: string, code: string): Promise<CommandResult> {
    const folder = join(gopath, 'src', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'main.go'), code);
    await network.ok('chaincode', 'install', '-n', name, '-v', '1.0', '-p', folder);
    return network.cli(
      ...['chaincode', 'instantiate', '-C', 'mychannel', '-n', name, '-v', '1.0', '-c', '{"Args":[]}'],
    );
  }

  it('that does not compile is refused with the words of the compiler', async () => {
    const result = await instantiate('broken', 'package main\n\nfunc main() { nothing() }\n');
    expect(result.code).toBe(1);
    // Go before 1.20 ended with 2.
    expect(result.stderr).toMatch(
      /Failed to generate platform-specific docker build: Error returned from build: [12] "/,
    );
    expect(result.stderr).toContain('undefined: nothing');
  }, 120_000);

  it('is built and started with the address of the peer', async () => {
    const code =
      'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() {\n\tfmt.Println(os.Args[1:])\n\tos.Exit(3)\n}\n';
    const result = await instantiate('exits', code);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('container exited with 3');
    expect(result.stderr).toContain(`[-peer.address=${network.description.peer.chaincode}]`);
  }, 120_000);
});
