import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containers, docker, until } from './support/engine.js';
import { DockerNetwork, kvRaw } from './support/network.js';
import { QueryClient } from './support/queries.js';
import { makeReadyImage } from './support/readyImage.js';

describe('Node.js chaincode in containers', () => {
  const network = new DockerNetwork();
  const container = network.container('kv');
  const image = `${container}-${createHash('sha256').update(container).digest('hex')}`;

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  const runs = async (name: string): Promise<string> =>
    docker('inspect', '-f', '{{.State.Running}} {{.State.StartedAt}}', name);

  /** Each image that was built since. */
  const builds = async (): Promise<number> => {
    const { text } = await network.get('/metrics');
    const counts = text.matchAll(/dockercontroller_chaincode_container_build_duration_count\{[^}]*\} (\d+)/g);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };

  const launches = async (version: string): Promise<number> => {
    const all = JSON.parse(await network.ok('launches', 'list', '-o', 'json')) as { version: string }[];
    return all.filter((each) => each.version === version).length;
  };

  it('is built, started, and answers', async () => {
    await network.install('kv', kvRaw);
    const { code, stderr } = await network.instantiate('kv', ['init', 'a', '100']);
    expect(stderr).toContain('committed with status (VALID)');
    expect(code).toBe(0);
    await network.invoke('kv', 'put', 'a', '90');
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('90');
  }, 60_000);

  it('has the names, the labels and the settings of Fabric', async () => {
    expect(await network.containers()).toEqual([container]);
    expect(await network.images()).toEqual([image]);
    const [made] = JSON.parse(await docker('inspect', container)) as [
      {
        Config: { Image: string; Env: string[]; Cmd: string[]; Labels: Record<string, string> };
        HostConfig: Record<string, unknown>;
      },
    ];
    const { chaincode } = network.description.peer;
    expect(made.Config).toMatchObject({
      Image: image,
      Cmd: ['/bin/sh', '-c', `cd /usr/local/src; npm start -- --peer.address ${chaincode}`],
      Labels: {
        'org.hyperledger.fabric.chaincode.id.name': 'kv',
        'org.hyperledger.fabric.chaincode.id.version': '1.0',
        'org.hyperledger.fabric.chaincode.type': 'NODE',
        'org.hyperledger.fabric.version': '1.4.12',
        'org.hyperledger.fabric.base.version': '0.4.22',
      },
    });
    expect(made.Config.Env).toEqual(
      expect.arrayContaining(['CORE_CHAINCODE_ID_NAME=kv:1.0', 'CORE_CHAINCODE_BUILDLEVEL=1.4.12']),
    );
    expect(made.HostConfig).toMatchObject({
      NetworkMode: 'host',
      Memory: 512 * 1024 ** 2,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '50m', 'max-file': '5' } },
      AutoRemove: false,
    });
  });

  it('keeps its keys out of the image, the environment and the log', async () => {
    const key = await docker('exec', container, 'cat', '/etc/hyperledger/fabric/client_pem.key');
    expect(key).toContain('PRIVATE KEY');
    const secret = key.split('\n')[1]!;
    expect(await docker('inspect', container)).not.toContain(secret);
    expect(await docker('logs', container)).not.toContain(secret);
    expect(network.log).not.toContain(secret);
    const files = await docker('run', '--rm', '--entrypoint', '', image, 'find', '/etc', '-name', '*.key');
    expect(files).toBe('');
  });

  it('shows up in /healthz and in the metrics', async () => {
    expect(await network.get('/healthz')).toMatchObject({ status: 200 });
    const { text } = await network.get('/metrics');
    expect(text).toMatch(
      /^dockercontroller_chaincode_container_build_duration_count\{chaincode="kv:1.0",success="true"\} 1$/m,
    );
  });

  it('is upgraded: the new version is built and answers, the old one is stopped', async () => {
    await network.install('kv', kvRaw, '2.0');
    await network.upgrade('kv', '2.0', ['init', 'b', '5']);
    expect((await network.query('kv', 'get', 'b')).stdout).toBe('5');
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('90');
    await until('only the new version is there', async () => {
      const left = await network.containers();
      return left.length === 1 && left[0] === network.container('kv', '2.0');
    });
    expect(await builds()).toBe(2);
  }, 60_000);

  it('whose container is killed under twenty queries answers each of them at once, and the next twenty from one launch', async () => {
    const name = network.container('kv', '2.0');
    const before = await runs(name);
    const client = await QueryClient.open(network.description);
    try {
      const inFlight = client.many(20, 'kv', 'sleep', '20000');
      await sleep(1_000);
      const killed = Date.now();
      await docker('kill', name);
      for (const { status, message } of await inFlight) {
        expect([status, message]).toEqual([500, expect.stringContaining('chaincode stream terminated')]);
      }
      expect(Date.now() - killed).toBeLessThan(5_000);
      const answers = await client.many(20, 'kv', 'get', 'b');
      expect(answers).toEqual(Array(20).fill({ status: 200, message: '', payload: '5' }));
    } finally {
      client.close();
    }
    expect(await network.containers()).toEqual([name]);
    expect(await runs(name)).toMatch(/^true/);
    expect(await runs(name)).not.toBe(before);
    expect(await launches('2.0')).toBe(2);
    expect(await builds()).toBe(2);
  }, 60_000);

  it('is launched by the next call after its container was removed, from the image that is there', async () => {
    const name = network.container('kv', '2.0');
    await docker('rm', '-f', name);
    expect((await network.query('kv', 'get', 'b')).stdout).toBe('5');
    expect(await runs(name)).toMatch(/^true/);
    expect(await builds()).toBe(2);
  }, 30_000);

  it('is launched anew after the endorser was killed, in the place of the container that it left', async () => {
    const name = network.container('kv', '2.0');
    await network.stop('SIGKILL');
    expect(await network.containers()).toEqual([name]);
    const id = await docker('inspect', '-f', '{{.Id}}', name);
    await network.start();
    // Nothing is asked of the engine at the start; the first call does.
    expect(await docker('inspect', '-f', '{{.Id}}', name)).toBe(id);
    expect((await network.query('kv', 'get', 'b')).stdout).toBe('5');
    expect(await network.containers()).toEqual([name]);
    expect(await docker('inspect', '-f', '{{.Id}}', name)).not.toBe(id);
    expect(await builds()).toBe(0);
  }, 60_000);

  it('ends with the endorser; the images stay', async () => {
    expect(await network.stop()).toBe(0);
    expect(await containers()).toEqual([]);
    expect(await network.images()).toHaveLength(2);
  }, 30_000);
});

describe('a chaincode whose image was made elsewhere', () => {
  const tag = 'localhost/ready-kv:1';
  const network = new DockerNetwork({
    docker: { images: { kv: tag } },
    chaincode: { builder: 'localhost/none:1', node: { runtime: 'localhost/none:1' } },
  });

  beforeAll(async () => {
    await makeReadyImage(tag, kvRaw);
    await network.start();
  }, 60_000);

  afterAll(async () => {
    await network.removeAll();
    await docker('rmi', '-f', tag);
  }, 60_000);

  it('is started from it, and nothing is built', async () => {
    await network.install('kv', kvRaw);
    const { code, stderr } = await network.instantiate('kv', ['init', 'a', '1']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('committed with status (VALID)')]);
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('1');
    expect(await docker('inspect', '-f', '{{.Config.Image}}', network.container('kv'))).toBe(tag);
    expect(await network.images()).toEqual([]);
  }, 60_000);
});
