import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeApi } from '../../../test/support/fakeApi.js';
import type { CliIo } from '../io.js';
import { buildKubectlPlugin, runProgram } from '../program.js';

const launch = (name: string, version: string, status: object): object => ({
  metadata: {
    name: `${name}-x`,
    namespace: 'fabric',
    uid: name,
    creationTimestamp: new Date(Date.now() - 150_000).toISOString(),
  },
  spec: {
    chaincode: { name, version, type: 'NODE' },
    peer: { id: 'peer0', mspID: 'Org1MSP', address: '10.0.0.1:7052' },
    source: { image: 'node:1' },
    launch: 2,
  },
  status,
});
const times = {
  begun: '2026-11-20T10:00:00.000Z',
  podCreated: '2026-11-20T10:00:00.050Z',
  ended: '2026-11-20T10:00:02.000Z',
};
const items = [
  launch('good', '1.0', {
    phase: 'Ready',
    pod: { name: 'good-1', uid: 'u' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'Registered', message: 'ok' }],
    times,
  }),
  launch('bad', '2.0', {
    attempt: 2,
    phase: 'Failed',
    reason: 'OOMKilled',
    message: 'container exited with 137 (OOMKilled)',
    exit: { code: 137, reason: 'OOMKilled', signal: 'SIGKILL', lastLines: ['allocating'] },
    times,
  }),
];

let api: FakeApi;
let folder: string;
beforeEach(async () => {
  api = await new FakeApi().start();
  folder = mkdtempSync(join(tmpdir(), 'cli-cluster-'));
  const { ca } = api.access().tls as { ca: string };
  const data = Buffer.from(ca).toString('base64');
  writeFileSync(
    join(folder, 'config'),
    JSON.stringify({
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: api.url, 'certificate-authority-data': data } }],
      users: [{ name: 'c', user: { token: 't' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'c', namespace: 'fabric' } }],
    }),
  );
  api.answer = ({ method, path, query }, response) => {
    if (method === 'DELETE') return response.end('{}');
    if (path.endsWith('/log')) return response.end(`line of ${query.get('container')}\n`);
    if (path.endsWith('/events'))
      return response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }));
    return response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items }));
  };
});
afterEach(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: CliIo = {
    env: {},
    cwd: folder,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  };
  const argv = [...args, '--kubeconfig', join(folder, 'config')];
  const code = await runProgram(buildKubectlPlugin(io, '1'), argv, io);
  return { code, out, err };
}

describe('kubectl chaincode', () => {
  it('lists launches as kubectl does', async () => {
    const { code, out } = await run('list');
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['NAME', 'CHAINCODE', 'VERSION', 'PHASE', 'READY', 'POD', 'EXIT', 'AGE', 'REASON'],
      ['bad-x', 'bad', '2.0', 'Failed', '-', '-', '137', '2m', 'OOMKilled'],
      ['good-x', 'good', '1.0', 'Ready', 'True', 'good-1', '-', '2m'],
      [''],
    ]);
  });

  it('lists them as JSON for programs', async () => {
    const { out } = await run('list', '-o', 'json');
    expect((JSON.parse(out) as unknown[]).length).toBe(2);
  });

  it('explains a failure, with what helps', async () => {
    const { out } = await run('explain', 'bad');
    expect(out).toContain('bad:2.0 (launch 2) is Failed, OOMKilled: container exited with 137 (OOMKilled)');
    expect(out).toContain('| allocating');
    expect(out).toContain('limits.memory');
  });

  it('describes a launch with its timeline and its end', async () => {
    const { out } = await run('describe', 'bad:2.0');
    expect(out).toContain('Exit:       137 (OOMKilled, SIGKILL)');
    expect(out).toMatch(/ended +2000\n/);
  });

  it('prints the log of the Pod, or what was kept of it', async () => {
    expect((await run('logs', 'good')).out).toBe('line of chaincode\n');
    expect((await run('logs', 'bad')).out).toBe('allocating\n');
  });

  it('prunes what has ended, and only that', async () => {
    expect((await run('prune', '--dry-run')).out).toBe('fabric/bad-x would be deleted\n');
    expect(api.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
    expect((await run('prune')).out).toBe('fabric/bad-x deleted\n');
    expect(
      api.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path.split('/').pop()),
    ).toEqual(['bad-x']);
  });

  it('says which launch it does not find, and where', async () => {
    const { code, err } = await run('describe', 'nothing');
    expect(code).toBe(1);
    expect(err).toContain('no launch of nothing in fabric');
  });

  it('says what to install where the cluster has no such objects', async () => {
    api.answer = (_got, response) =>
      response
        .writeHead(404)
        .end(JSON.stringify({ message: 'the server could not find the requested resource' }));
    expect((await run('list')).err).toContain('kubectl apply --server-side -f deploy/crds');
  });

  it('refuses a duration that is none', async () => {
    const { code, err } = await run('prune', '--older-than', 'yesterday');
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('--older-than yesterday: must be a duration such as 24h'),
    ]);
  });
});
