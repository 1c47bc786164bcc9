import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docker, goImage, javaImage, until } from './support/engine.js';
import { DockerNetwork } from './support/network.js';

/** The images hold this machine's tools: outside CI the suites run only where they are, and say so. */
function wants(what: string, image: string | undefined): boolean {
  if (image !== undefined || process.env['CI']) return true;
  process.stderr.write(`SKIPPED: ${what} chaincode in containers: its tools are not on the PATH\n`);
  return false;
}

describe('Node.js chaincode in a container, on the published shim', () => {
  const network = new DockerNetwork();

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  it('is built by npm from its lock file, started, and answers', async () => {
    await network.install('asset', resolve(import.meta.dirname, '../../samples/asset-contract'));
    const { code, stderr } = await network.instantiate('asset', ['init', 'alice']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('committed with status (VALID)')]);
    await network.invoke('asset', 'transferAsset', 'asset1', 'bob');
    const { stdout } = await network.query('asset', 'readAsset', 'asset1');
    expect(JSON.parse(stdout)).toEqual({ id: 'asset1', owner: 'bob', value: 100 });
  }, 120_000);
});

describe.runIf(wants('Java', javaImage))('Java chaincode in a container, on the published shim', () => {
  const network = new DockerNetwork({ chaincode: { java: { runtime: javaImage } } });

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  const path = resolve(import.meta.dirname, '../chaincode/java');

  it('is built by the build.sh of its image, started, and answers', async () => {
    await network.install('jkv', path, '1.0', 'java');
    const { code, stderr } = await network.instantiate('jkv');
    expect([code, stderr]).toEqual([0, expect.stringContaining('committed with status (VALID)')]);
    await network.invoke('jkv', 'put', 'a', '5');
    expect((await network.query('jkv', 'get', 'a')).stdout).toBe('5');
    const inspected = await docker('inspect', '-f', '{{json .Config.Cmd}}', network.container('jkv'));
    expect(JSON.parse(inspected)).toEqual([
      '/root/chaincode-java/start',
      '--peerAddress',
      network.description.peer.chaincode,
    ]);
  }, 120_000);

  it('is upgraded: the new version knows what the old one has written', async () => {
    await network.install('jkv', path, '2.0', 'java');
    await network.upgrade('jkv', '2.0', ['init']);
    expect((await network.query('jkv', 'get', 'a')).stdout).toBe('5');
    await until('only the new version is there', async () => {
      const left = await network.containers();
      return left.length === 1 && left[0] === network.container('jkv', '2.0');
    });
  }, 120_000);
});

/** The Go shim is nothing that a test can download: these programs use the standard library only, and never register. */
describe.runIf(wants('Go', goImage))('Go chaincode in a container', () => {
  const gopath = mkdtempSync(join(tmpdir(), 'gopath-'));
  const network = new DockerNetwork({
    chaincode: { builder: goImage, golang: { runtime: goImage, dynamicLink: true } },
  });

  beforeAll(() => network.start(), 60_000);

  afterAll(async () => {
    await network.removeAll();
    rmSync(gopath, { recursive: true, force: true });
  }, 60_000);

  async function instantiate(name: string, code: string): Promise<string> {
    const folder = join(gopath, 'src', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'main.go'), code);
    await network.install(name, folder, '1.0', 'golang');
    return (await network.instantiate(name)).stderr;
  }

  it('that does not compile is refused with the words of the compiler', async () => {
    const text = await instantiate('broken', 'package main\n\nfunc main() { nothing() }\n');
    expect(text).toMatch(
      /Failed to generate platform-specific docker build: Error returned from build: [12] "/,
    );
    expect(text).toContain('undefined: nothing');
  }, 120_000);

  it('is built and started with the address of the peer', async () => {
    const text = await instantiate(
      'exits',
      'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc main() {\n\tfmt.Println(os.Args[1:])\n\tos.Exit(3)\n}\n',
    );
    expect(text).toContain('container exited with 3');
    expect(text).toContain(`[-peer.address=${network.description.peer.chaincode}]`);
  }, 120_000);
});
