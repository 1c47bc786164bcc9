import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bridgeHost,
  containers,
  docker,
  endpoint,
  engineScript,
  engineState,
  tlsEndpoint,
  tlsFolder,
  until,
} from './support/engine.js';
import { DockerNetwork, kvRaw } from './support/network.js';
import { TcpDoor } from './support/tcpDoor.js';

const file = (name: string): { file: string } => ({ file: join(tlsFolder, name) });

describe('an engine behind TCP with mutual TLS', () => {
  const network = new DockerNetwork({
    vm: { endpoint: tlsEndpoint },
    docker: {
      tls: { enabled: true, ca: file('ca.crt'), cert: file('client.crt'), key: file('client.key') },
    },
  });

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  it('builds and runs chaincode', async () => {
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '100'])).code).toBe(0);
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
    expect(await network.get('/healthz')).toMatchObject({ status: 200 });
    expect(await network.containers()).toEqual([network.container('kv')]);
  }, 60_000);

  it('is not asked by who has no certificate, or trusts another CA: one line says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'other-ca-'));
    const other = join(folder, 'ca.crt');
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-subj', '/CN=other', '-keyout', join(folder, 'ca.key'), '-out', other];
    execFileSync('openssl', ['req', '-x509', ...curve, ...files], { stdio: 'pipe' });
    const cases = [
      [
        { ca: file('ca.crt'), cert: { file: other }, key: { file: join(folder, 'ca.key') } },
        /alert|unknown ca|bad certificate/,
      ],
      [
        { ca: { file: other }, cert: file('client.crt'), key: file('client.key') },
        /self.signed certificate|unable to verify/,
      ],
    ] as const;
    for (const [tls, why] of cases) {
      const stranger = new DockerNetwork({
        vm: { endpoint: tlsEndpoint },
        docker: { tls: { enabled: true, ...tls } },
      });
      try {
        await stranger.start();
        const health = await stranger.get('/healthz');
        expect(health.status).toBe(503);
        expect(health.text).toContain('failed to ping to Docker daemon: ');
        const text = await stranger.failure('kv', '');
        expect(text).toMatch(
          /msg error starting container: error starting container: (cannot connect|lost the connection) to Docker endpoint tcp:\/\/127\.0\.0\.1:\d+: /,
        );
        expect(text).toMatch(why);
      } finally {
        await stranger.remove();
      }
    }
    rmSync(folder, { recursive: true });
  }, 60_000);
});

describe('an engine behind plain TCP', () => {
  const door = new TcpDoor();
  let network: DockerNetwork;

  beforeAll(async () => {
    network = new DockerNetwork({ vm: { endpoint: await door.open(endpoint.slice('unix://'.length)) } });
    await network.start();
  }, 60_000);

  afterAll(async () => {
    await network.removeAll();
    await door.close();
  }, 60_000);

  it('builds and runs chaincode', async () => {
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '100'])).code).toBe(0);
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
  }, 60_000);
});

describe('a container on a network of the engine', () => {
  const network = new DockerNetwork({
    docker: { hostConfig: { NetworkMode: 'bridge' } },
    args: ['--host', bridgeHost],
  });

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  it('reaches the endorser at the address of --host', async () => {
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '1'])).code).toBe(0);
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('1');
    const mode = await docker('inspect', '-f', '{{.HostConfig.NetworkMode}}', network.container('kv'));
    expect(mode).toBe('bridge');
  }, 60_000);
});

describe('an engine that goes away', () => {
  const network = new DockerNetwork();
  const settings = join(engineState, 'daemon.json');
  const plain = readFileSync(settings, 'utf8');

  beforeAll(() => network.start(), 60_000);

  afterAll(async () => {
    writeFileSync(settings, plain);
    await engineScript('start-daemon');
    await network.removeAll();
  }, 60_000);

  it('and is down is told in one line at once; the endorser starts and answers without it', async () => {
    await network.install('kv', kvRaw);
    await network.stop();
    await engineScript('stop-daemon');
    await network.start();
    const begin = Date.now();
    const { code, stderr } = await network.instantiate('kv', ['init', 'a', '100']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `msg error starting container: error starting container: cannot connect to Docker endpoint ${endpoint}: `,
    );
    expect(Date.now() - begin).toBeLessThan(8_000);
    const health = await network.get('/healthz');
    expect(health.status).toBe(503);
    expect(health.text).toContain(`failed to ping to Docker daemon: cannot connect to Docker endpoint`);
    expect(health.text).toContain('"component":"docker"');
    await engineScript('start-daemon');
    expect((await network.instantiate('kv', ['init', 'a', '100'])).code).toBe(0);
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
    expect(await network.get('/healthz')).toMatchObject({ status: 200 });
  }, 60_000);

  it('takes its containers with it: the next call launches the chaincode anew', async () => {
    await engineScript('stop-daemon');
    await engineScript('start-daemon');
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
    expect(await network.containers()).toEqual([network.container('kv')]);
  }, 60_000);

  it('while it builds fails the launch with one line, and the next attempt succeeds', async () => {
    const path = network.makePackage('slow', '', {
      'package.json': JSON.stringify({
        name: 'slow',
        version: '1.0.0',
        scripts: { preinstall: 'sleep 5; exit 1', start: 'node main.js' },
      }),
    });
    await network.install('slow', path);
    const failing = network.instantiate('slow');
    await until('the builder runs', async () => (await containers('status=running')).length === 2);
    await engineScript('stop-daemon', 'KILL');
    const { code, stderr } = await failing;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /msg error starting container: error starting container: Failed to generate platform-specific docker build: Error waiting for container to complete: lost the connection to Docker endpoint /,
    );
    await engineScript('start-daemon');
    const again = await network.instantiate('slow');
    expect(again.stderr).toContain('Error returned from build: 1');
    await until('no builder is left', async () =>
      (await containers()).every((name) => name.startsWith(network.networkId)),
    );
  }, 60_000);

  it('and keeps its containers (live-restore) is found again: a launch under way succeeds', async () => {
    writeFileSync(settings, '{"live-restore": true}');
    await engineScript('stop-daemon');
    await engineScript('start-daemon');
    // Registers six seconds after its start: meanwhile the engine is another one.
    await network.install('late', network.sampleThatWaits(6_000));
    const instantiating = network.instantiate('late', ['init', 'a', '7']);
    await until(
      'it runs',
      async () => (await containers('status=running', `name=late`)).length === 1,
      30_000,
    );
    await engineScript('stop-daemon');
    await sleep(500);
    await engineScript('start-daemon');
    const { code: exit, stderr } = await instantiating;
    expect([exit, stderr]).toEqual([0, expect.stringContaining('committed with status (VALID)')]);
    expect((await network.query('late', 'get', 'a')).stdout).toBe('7');
    // Its end is noticed by the new connection.
    await docker('kill', network.container('late'));
    await until('its end is told', async () => {
      const shown = await network.ok('launches', 'list', '-o', 'json');
      return (JSON.parse(shown) as { chaincode: string; phase: string }[]).some(
        ({ chaincode, phase }) => chaincode === 'late' && phase === 'Stopped',
      );
    });
    expect((await network.query('late', 'get', 'a')).stdout).toBe('7');
  }, 60_000);
});
