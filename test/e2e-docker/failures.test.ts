import { randomBytes } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { docker, engineDisk, until } from './support/engine.js';
import { DockerNetwork, kvRaw } from './support/network.js';

const prefix = 'msg error starting container: error starting container: ';

/** What a client is told in its first line: the rest says which steps the launch took. */
function reason(stderr: string): string {
  const at = stderr.indexOf('code 500, msg ');
  return stderr.slice(at + 'code 500, '.length).split('\n', 1)[0]!;
}

describe('chaincode that does not start in a container', () => {
  const network = new DockerNetwork({
    docker: { images: { wrongimage: 'localhost/no-such-image:1', badimage: 'localhost/Not A Name:1' } },
    chaincode: { startuptimeout: '12s' },
  });

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  afterEach(async () => {
    await until('no container is left', async () => (await network.containers()).length === 0);
    expect(network.leftFolders()).toEqual([]);
  });

  it.each([
    [0, `console.log('giving up'); process.exit(0)`],
    [1, `console.error('giving up'); process.exit(1)`],
    [42, `console.log('giving up'); process.exit(42)`],
  ])('and exits with %i is reported at once, with its code and its last lines', async (exit, code) => {
    const begin = Date.now();
    const text = await network.failure(`exits${exit}`, code);
    expect(reason(text)).toBe(`msg chaincode registration failed: container exited with ${exit}`);
    expect(text).toContain('giving up');
    expect(Date.now() - begin).toBeLessThan(10_000);
  });

  it('and never registers is ended by the startup timeout', async () => {
    const text = await network.failure('silent', `console.log('waiting'); setInterval(() => {}, 1000)`);
    expect(reason(text)).toBe('msg timeout expired while starting chaincode silent:1.0 for transaction');
    expect(text).toContain('waiting');
  });

  it('and whose build fails is reported with the build’s output, as Fabric words it', async () => {
    const path = network.makePackage('unbuildable', '', {
      'package.json': JSON.stringify({
        name: 'unbuildable',
        version: '1.0.0',
        scripts: { preinstall: 'echo compiling; echo no such header >&2; exit 7', start: 'node main.js' },
      }),
    });
    await network.install('unbuildable', path);
    const { code, stderr } = await network.instantiate('unbuildable');
    expect(code).toBe(1);
    expect(reason(stderr)).toContain(
      `${prefix}Failed to generate platform-specific docker build: Error returned from build: `,
    );
    expect(stderr).toContain('compiling');
    expect(stderr).toContain('no such header');
    expect(await network.images()).not.toContain(expect.stringContaining('unbuildable'));
    const { text } = await network.get('/metrics');
    expect(text).toContain(
      'dockercontroller_chaincode_container_build_duration_count{chaincode="unbuildable:1.0",success="false"} 1',
    );
  });

  it('and whose ready image is not there is told so in one line that names it', async () => {
    const text = reason(await network.failure('wrongimage', ''));
    expect(text).toContain(`${prefix}Failed to pull localhost/no-such-image:1: `);
  });

  it('and whose ready image has no valid name is told so in one line that names it', async () => {
    const text = reason(await network.failure('badimage', ''));
    expect(text).toContain(
      `${prefix}image localhost/Not A Name:1 (vm.docker.images): API error (400): invalid reference format`,
    );
  });

  it('and whose host settings the engine refuses is told what it said', async () => {
    const strict = new DockerNetwork({ docker: { hostConfig: { NetworkMode: 'no-such-network' } } });
    try {
      await strict.start();
      const text = reason(await strict.failure('lost', 'setInterval(() => {}, 1000)'));
      expect(text).toContain('no-such-network');
    } finally {
      await strict.removeAll();
    }
  });

  it('leaves an endorser that launches the next one, and the failed one again', async () => {
    await network.install('good', kvRaw);
    expect((await network.instantiate('good', ['init', 'a', '100'])).code).toBe(0);
    expect((await network.query('good', 'get', 'a')).stdout).toBe('100');
    expect((await network.instantiate('exits1')).stderr).toContain('container exited with 1');
    await docker('rm', '-f', network.container('good'));
  });
});

describe('base images that are not there', () => {
  it('are named: the builder', async () => {
    const network = new DockerNetwork({ chaincode: { builder: 'localhost/no-builder:1' } });
    try {
      await network.start();
      const text = reason(await network.failure('nobuilder', ''));
      expect(text).toContain(
        `${prefix}Failed to generate platform-specific docker build: Failed to pull localhost/no-builder:1: `,
      );
    } finally {
      await network.removeAll();
    }
  });

  it('are named: the one that chaincode runs in', async () => {
    const network = new DockerNetwork({ chaincode: { node: { runtime: 'localhost/no-runtime:1' } } });
    try {
      await network.start();
      const text = reason(await network.failure('noruntime', ''));
      expect(text).toContain(`${prefix}Failed to build an image on localhost/no-runtime:1: `);
    } finally {
      await network.removeAll();
    }
  });
});

describe('an engine whose disk is full', () => {
  const filler = join(engineDisk, 'filler');
  const network = new DockerNetwork();

  beforeAll(() => network.start(), 60_000);

  afterAll(async () => {
    rmSync(filler, { force: true });
    await network.removeAll();
  }, 60_000);

  /** Leaves so many bytes of the engine's disk. */
  async function leave(bytes: number): Promise<void> {
    rmSync(filler, { force: true });
    const { bavail, bsize } = await statfs(engineDisk);
    execFileSync('fallocate', ['-l', String(bavail * bsize - bytes), filler]);
  }

  it('is told in one line, nothing is left of the attempt, and the next one succeeds when there is room', async () => {
    const path = network.makePackage('big', '', { 'noise.bin': randomBytes(16 << 20) });
    await network.install('big', path);
    await leave(8 << 20);
    const { code, stderr } = await network.instantiate('big');
    expect(code).toBe(1);
    expect(reason(stderr)).toMatch(/^msg error starting container: .*no space left on device/);
    expect(await network.containers()).toEqual([]);
    expect(network.leftFolders()).toEqual([]);
    rmSync(filler);
    await network.install('good', kvRaw);
    expect((await network.instantiate('good', ['init', 'a', '1'])).code).toBe(0);
  }, 60_000);
});

describe('vm.docker.hostConfig', () => {
  const settings = {
    ...{ NetworkMode: 'host', IpcMode: 'private', PidMode: 'host', UTSMode: 'host' },
    ...{
      CapAdd: ['SYS_TIME'],
      CapDrop: ['MKNOD'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: false,
    },
    ...{ Dns: ['127.0.0.53'], DnsSearch: ['example.com'], ExtraHosts: ['orderer.example.com:127.0.0.1'] },
    ...{ CgroupParent: 'chaincode-docker/limited', Memory: 300 << 20, MemorySwap: 300 << 20 },
    ...{ CpuShares: 512, CpuQuota: 100_000, CpuPeriod: 50_000 },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
  };
  const network = new DockerNetwork({
    docker: { hostConfig: { ...settings, CpusetCPUs: '0', SecurityOpt: ['no-new-privileges'] } },
  });

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  it('holds for the container, key by key', async () => {
    await network.install('kv', kvRaw);
    const { code, stderr } = await network.instantiate('kv', ['init', 'a', '1']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('committed with status (VALID)')]);
    const shown = await docker('inspect', '-f', '{{json .HostConfig}}', network.container('kv'));
    expect(JSON.parse(shown)).toMatchObject({
      ...settings,
      CpusetCpus: '0',
      // The engine adds some of its own.
      SecurityOpt: expect.arrayContaining(['no-new-privileges']) as string[],
    });
  }, 60_000);
});

describe('vm.docker.attachStdout', () => {
  const network = new DockerNetwork({ docker: { attachStdout: true } });

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  it('puts what chaincode prints into the endorser’s log, for as long as it runs', async () => {
    const logger = `peer.chaincode.${network.container('kv')}`;
    const logged = (): { logger: string; msg: string }[] =>
      network.log
        .split('\n')
        .filter((line) => line.includes(logger))
        .map((line) => JSON.parse(line) as { logger: string; msg: string });
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '1'])).code).toBe(0);
    await until('npm’s first lines are logged', () =>
      logged().some(({ msg }) => msg.includes('node index.js')),
    );
    // It is followed after its registration as well.
    await docker('exec', network.container('kv'), '/bin/sh', '-c', 'echo still here >/proc/1/fd/1');
    await until('a later line is logged', () => logged().some(({ msg }) => msg === 'still here'));
    await docker('kill', network.container('kv'));
    await until('its end is logged', () =>
      network.log.includes(`Container ${network.container('kv')} has closed its IO channel`),
    );
    await docker('rm', '-f', network.container('kv'));
  }, 60_000);
});
