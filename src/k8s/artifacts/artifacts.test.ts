import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { LaunchCa } from '../../chaincode/launchCa.js';
import { makeTar } from '../../packages/tarWriter.js';
import { ArtifactDesk } from './artifactDesk.js';
import { ArtifactServer, type PodRole } from './artifactServer.js';
import { fetchIntoPod, type FetchTask } from './fetch.js';
import { OutputStore } from './outputStore.js';
import { TokenVerifier } from './tokenVerifier.js';

const issuer = 'https://kubernetes.default.svc';
const audience = 'chaincode-launcher.dev/peer';
const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

let folder: string;
let server: ArtifactServer;
let desk: ArtifactDesk;
let outputs: OutputStore;
let key: KeyObject;
let port: number;
let ca: LaunchCa;
/** UIDs of Pods and their roles, as the operator would have written them. */
let roles: Map<string, PodRole>;

function token(claims: object = {}, by: KeyObject = key, kid = 'k1'): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const head = part({ alg: 'RS256', kid });
  const body = part({
    iss: issuer,
    aud: [audience],
    exp: now + 600,
    nbf: now,
    'kubernetes.io': {
      namespace: 'fabric',
      pod: { name: 'pod', uid: 'uid-1' },
      serviceaccount: { name: 'default' },
    },
    ...claims,
  });
  return `${head}.${body}.${sign('RSA-SHA256', Buffer.from(`${head}.${body}`), by).toString('base64url')}`;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'artifacts-'));
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  key = pair.privateKey;
  const jwks = {
    keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }],
  };
  const client = {
    json: async <T>({ path }: { path: string }): Promise<T> =>
      (path.includes('jwks') ? jwks : { issuer }) as T,
  };
  ca = await LaunchCa.create();
  const { certPem, keyPem } = await ca.issueServerCert('127.0.0.1');
  outputs = new OutputStore(join(folder, 'outputs'));
  desk = new ArtifactDesk(outputs);
  roles = new Map([['uid-1', 'chaincode']]);
  server = new ArtifactServer({
    desk,
    verifier: new TokenVerifier(client, audience),
    directory: { roleOf: async (_launch, _attempt, pod) => roles.get(pod.podUid) },
    tls: { cert: certPem, key: keyPem },
    logger: silentLogger(),
  });
  port = await server.listen('127.0.0.1', 0);
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A Pod's folders, and its fetcher's task. */
function podTask(more: Partial<FetchTask> = {}, bearer = token()): FetchTask & { root: string } {
  const root = mkdtempSync(join(folder, 'pod-'));
  for (const path of [
    'chaincode-launcher/run',
    'chaincode-launcher/tls',
    'chaincode-launcher/output',
    'chaincode/input',
    'chaincode/output',
  ]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  writeFileSync(join(root, 'token'), bearer);
  return {
    url: `https://127.0.0.1:${port}`,
    ca: ca.certPem,
    launch: 'kv',
    attempt: '3',
    tokenFile: join(root, 'token'),
    tls: true,
    digest: '',
    build: false,
    root,
    ...more,
  };
}

const files = [
  { path: '/etc/hyperledger/fabric/client.key', content: Buffer.from('key'), mode: 0o600 },
  { path: '/etc/hyperledger/fabric/peer.crt', content: Buffer.from('ca'), mode: 0o644 },
];
const offer = { files, codePackage: new Uint8Array(), packageDigest: '' };

describe('the Pod of a launch', () => {
  it('gets its TLS files, keys readable by its group alone, and then the sign that all is there', async () => {
    desk.offer('kv', 3, offer);
    const task = podTask();
    await fetchIntoPod(task);
    const file = (name: string): string => join(task.root, 'chaincode-launcher/tls', name);
    expect(readFileSync(file('client.key'), 'utf8')).toBe('key');
    expect(statSync(file('client.key')).mode & 0o777).toBe(0o660);
    expect(readFileSync(file('peer.crt'), 'utf8')).toBe('ca');
    expect(existsSync(join(task.root, 'chaincode-launcher/run/ready'))).toBe(true);
  });

  it('gets the output that a build has brought: programs, links and folders as they were', async () => {
    const code = gzipSync(makeTar([{ name: 'src/main.js', content: randomBytes(3_000_000) }]));
    const build = { packageDigest: sha256(code), image: 'b', command: 'c' };
    const given = desk.offer('kv', 3, {
      ...offer,
      codePackage: code,
      packageDigest: build.packageDigest,
      build,
    });
    roles.set('uid-1', 'build');
    const builder = podTask({ build: true, tls: false, digest: build.packageDigest });
    const building = fetchIntoPod(builder);
    const at = (path: string): string => join(builder.root, path);
    while (!existsSync(at('chaincode-launcher/run/ready'))) await new Promise((done) => setTimeout(done, 10));
    const out = at('chaincode/output');
    mkdirSync(join(out, 'bin'));
    writeFileSync(join(out, 'bin/cc'), readFileSync(at('chaincode/input/src/main.js')), { mode: 0o755 });
    symlinkSync('bin/cc', join(out, 'link'));
    symlinkSync('/etc/passwd', join(out, 'evil'));
    writeFileSync(at('chaincode-launcher/run/built'), '');
    await building;
    const digest = await given.built;
    expect(await outputs.find(build)).toBe(digest);

    roles.set('uid-1', 'chaincode');
    const task = podTask({ digest });
    await fetchIntoPod(task);
    const got = join(task.root, 'chaincode-launcher/output');
    expect(readdirSync(got).sort()).toEqual(['bin', 'link']);
    expect(statSync(join(got, 'link')).mode & 0o111).toBe(0o111);
    expect(statSync(join(got, 'bin/cc')).size).toBe(3_000_000);
  });

  it('is told when what comes is not what the launch names', async () => {
    const build = { packageDigest: 'sha256:x', image: 'b', command: 'c' };
    desk.offer('kv', 3, {
      ...offer,
      build,
      output: await outputs.keep(build, Readable.from([Buffer.alloc(10240)])),
    });
    await expect(fetchIntoPod(podTask({ digest: `sha256:${'0'.repeat(64)}` }))).rejects.toThrow(
      /what was fetched has digest sha256:\w+, the launch names sha256:0000/,
    );
  });

  it.each<[string, () => Partial<FetchTask> & { token?: string }, string]>([
    ['a token of nobody', () => ({ token: 'x' }), '401 {"error":"the token is no JWT"}'],
    [
      'a token for somebody else',
      () => ({ token: token({ aud: ['https://kubernetes.default.svc'] }) }),
      'the token is for https://kubernetes.default.svc, not for this endorser',
    ],
    ['a token that has expired', () => ({ token: token({ exp: 1000 }) }), 'the token has expired'],
    ['a token of another issuer', () => ({ token: token({ iss: 'me' }) }), 'the token was issued by me'],
    [
      'a token without a Pod',
      () => ({ token: token({ 'kubernetes.io': {} }) }),
      'the token belongs to no Pod',
    ],
    [
      'a token that somebody else has signed',
      () => ({ token: token({}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey) }),
      'the signature of the token is wrong',
    ],
    [
      'a token with an unknown key',
      () => ({ token: token({}, key, 'k2') }),
      'the token is signed with an unknown key',
    ],
    [
      'the token of another Pod',
      () => ({
        token: token({ 'kubernetes.io': { namespace: 'fabric', pod: { name: 'p', uid: 'other' } } }),
      }),
      'Pod p is not the chaincode Pod of launch kv attempt 3',
    ],
    ['another attempt', () => ({ attempt: '2' }), 'launch kv attempt 2 is not under way'],
    ['another launch', () => ({ launch: 'other' }), 'launch other attempt 3 is not under way'],
  ])('gets nothing with %s', async (_what, wrong, text) => {
    desk.offer('kv', 3, offer);
    const { token: bearer, ...task } = wrong();
    const mine = podTask(task, bearer);
    await expect(fetchIntoPod(mine)).rejects.toThrow(text);
    expect(readdirSync(join(mine.root, 'chaincode-launcher/tls'))).toEqual([]);
    expect(existsSync(join(mine.root, 'chaincode-launcher/run/ready'))).toBe(false);
  });

  it('gets nothing once its launch was given up', async () => {
    desk.offer('kv', 3, offer);
    desk.withdraw('kv', 3);
    await expect(fetchIntoPod(podTask())).rejects.toThrow('is not under way');
  });

  it('cannot bring an output in the place of a build', async () => {
    desk.offer('kv', 3, { ...offer, build: { packageDigest: 'p', image: 'b', command: 'c' } });
    const response = await sendAnyway('PUT', 'output');
    expect(response).toContain('is not the build Pod');
  });

  it('does not trust a server that another CA has signed', async () => {
    desk.offer('kv', 3, offer);
    const other = await LaunchCa.create();
    const task = podTask({ ca: other.certPem, tries: 1 });
    await expect(fetchIntoPod(task)).rejects.toThrow(/self-signed certificate|unable to verify/);
  });
});

async function sendAnyway(method: string, what: string): Promise<string> {
  const { request } = await import('node:https');
  return new Promise((resolve, reject) => {
    const outgoing = request(`https://127.0.0.1:${port}/v1/launches/kv/3/${what}`, {
      method,
      ca: ca.certPem,
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/x-tar' },
    });
    outgoing.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    });
    outgoing.on('error', reject);
    outgoing.end('tar');
  });
}

describe('the store of build outputs', () => {
  const build = { packageDigest: 'sha256:p', image: 'b:1', command: 'make' };

  it('finds an output by what made it, also after a restart', async () => {
    const digest = await outputs.keep(build, Readable.from([Buffer.from('tar')]));
    expect(digest).toBe(sha256(Buffer.from('tar')));
    const again = new OutputStore(join(folder, 'outputs'));
    expect(await again.find(build)).toBe(digest);
    for (const other of [{ packageDigest: 'q' }, { image: 'b:2' }, { command: 'make all' }]) {
      expect(await again.find({ ...build, ...other })).toBeUndefined();
    }
  });

  it('keeps nothing of an output that broke off', async () => {
    const broken = Readable.from(
      (function* (): Generator<Buffer> {
        yield Buffer.from('half');
        throw new Error('cut');
      })(),
    );
    await expect(outputs.keep(build, broken)).rejects.toThrow('cut');
    expect(await outputs.find(build)).toBeUndefined();
    expect(readdirSync(join(folder, 'outputs'))).toEqual([]);
  });

  it('removes what a killed process had half written', async () => {
    mkdirSync(join(folder, 'outputs'));
    writeFileSync(join(folder, 'outputs', '.half'), 'x');
    await outputs.find(build);
    expect(readdirSync(join(folder, 'outputs'))).toEqual([]);
  });
});
