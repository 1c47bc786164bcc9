import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { afterAll, expect, it } from 'vitest';
import { dockerProvider } from '../../src/app/dockerProvider.js';
import { CertAuth } from '../../src/chaincode/certAuth.js';
import { LaunchCa } from '../../src/chaincode/launchCa.js';
import { loadConfig } from '../../src/config/load.js';
import { messageOf } from '../../src/errors.js';
import { ContainerRuntime } from '../../src/launcher/containerRuntime.js';
import type { ChaincodeContainerInfo, ExitStatus, VMProvider } from '../../src/launcher/types.js';
import { VMController } from '../../src/launcher/vmController.js';
import { LogRegistry } from '../../src/ops/logRegistry.js';
import { readTarGz } from '../../src/packages/tarGz.js';
import {
  recordedBytes,
  recordedLaunches,
  type RecordedEntry,
  type RecordedLaunch,
  type RecordedRequest,
} from '../support/dockerRecording.js';
import { describeGolden } from '../support/fixtures.js';
import { callOf, RecordedEngine, type SentRequest } from '../support/recordedEngine.js';

interface Create {
  readonly Env?: readonly string[];
  readonly Cmd: readonly string[];
  readonly HostConfig: Readonly<Record<string, unknown>>;
}

/** Where our requests are not the recorded ones. Each must still be one: else its line is to go. */
const differences = {
  'the version of the engine is not asked for': 0,
  'the image is built after the build of the chaincode, not beside it': 0,
  'an image whose chaincode could not be built is not begun': 0,
  'intermediate containers of a failed image build are removed': 0,
  'the container of a failed build is removed by force': 0,
  'containers of builds that were cut off are looked for': 0,
  'builders have labels, by which they are found again': 0,
  'the output is followed from before the start, for the text of a failed launch': 0,
  'empty values are left out': 0,
  'variables for 2.x shims follow those of 1.4': 0,
  'files for 2.x shims follow those of 1.4': 0,
  'archives do not repeat in the mode that an entry is a file': 0,
};
type Difference = keyof typeof differences;

/** @returns true, and remembers that the difference is there */
function differs(difference: Difference): true {
  differences[difference]++;
  return true;
}

const isCreate = ({ path }: { path: string }): boolean => path.startsWith('/containers/create');
const isUpload = ({ method }: { method: string }): boolean => method === 'PUT';
const isBuild = ({ path }: { path: string }): boolean => path.startsWith('/build?');

const peerLabel = 'chaincode-launcher.builder-of';
const peerName = 'net-peer0.org1.example.com';
const lookForBuilders = `GET /containers/json?all=true&filters={"label":["${peerLabel}=${peerName}"]}`;

/** The calls of a recorded launch as we make them. */
function expectedCalls({ container, requests }: RecordedLaunch): string[] {
  const calls: string[] = [];
  const own = `/containers/${container}/`;
  const attach = `POST ${own}attach?logs=1&stderr=1&stdout=1&stream=1`;
  const buildFails = requests.some((request) => isBuild(request) && request.status === undefined);
  let imageBuild: string | undefined;
  for (const request of requests) {
    const call = callOf(request);
    if (request.path === '/version') {
      differs('the version of the engine is not asked for');
    } else if (isBuild(request)) {
      if (buildFails) differs('an image whose chaincode could not be built is not begun');
      else imageBuild = callOf({ ...request, path: `${request.path}&forcerm=1` });
      differs('intermediate containers of a failed image build are removed');
    } else if (/^DELETE \/containers\/[0-9a-f]{64}$/.test(call)) {
      // The builder's, which has done its work; or not.
      calls.push(buildFails ? `${call}?force=1` : call);
      if (buildFails) differs('the container of a failed build is removed by force');
      if (imageBuild !== undefined) {
        calls.push(imageBuild);
        differs('the image is built after the build of the chaincode, not beside it');
      }
    } else if (call.startsWith('GET /images/')) {
      // The builder's: a build begins.
      calls.push(lookForBuilders, call);
      differs('containers of builds that were cut off are looked for');
    } else if (call === attach) {
      // With attachStdout the peer attaches at the same time as it uploads.
    } else {
      if (isUpload(request) && request.path.startsWith(own)) {
        calls.push(attach);
        if (!requests.some((each) => callOf(each) === attach))
          differs('the output is followed from before the start, for the text of a failed launch');
      }
      calls.push(call);
    }
  }
  return calls;
}

/** The body of a recorded creation as we send it. */
function expectedCreate(text: string, ours: Create): unknown {
  const { Entrypoint, HostConfig, Env, ...rest } = JSON.parse(text) as Create & { Entrypoint: null };
  const { RestartPolicy, ...hostConfig } = HostConfig;
  expect([Entrypoint, RestartPolicy]).toEqual([null, {}]);
  differs('empty values are left out');
  if (Env === undefined) {
    differs('builders have labels, by which they are found again');
    const Labels = { [peerLabel]: peerName, 'chaincode-launcher.build': expect.any(String) as string };
    return { ...rest, Labels, HostConfig: hostConfig };
  }
  const more = (ours.Env ?? []).slice(Env.length);
  expect(more).toEqual([
    'CORE_TLS_CLIENT_KEY_FILE=/etc/hyperledger/fabric/client_pem.key',
    'CORE_TLS_CLIENT_CERT_FILE=/etc/hyperledger/fabric/client_pem.crt',
  ]);
  differs('variables for 2.x shims follow those of 1.4');
  return { ...rest, Env: [...Env, ...more], HostConfig: hostConfig };
}

/** The entries of a gzipped tar as the recording lists them, with their bytes. */
async function entriesOf(archive: Uint8Array): Promise<(Omit<RecordedEntry, 'text'> & { bytes: Buffer })[]> {
  const entries = [];
  // The reader below leaves these bits out, whatever is there.
  if (parseInt(gunzipSync(archive).toString('latin1', 100, 107), 8) === 0o644)
    differs('archives do not repeat in the mode that an entry is a file');
  for await (const { header, content } of readTarGz(archive)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const { name, mode, uid, gid, size, mtime } = header;
    entries.push({
      ...{ name, mode: `0o${(0o100000 | mode).toString(8)}`, uid, gid, size },
      mtime: mtime.getTime() / 1000,
      bytes: Buffer.concat(chunks),
    });
  }
  return entries;
}

/** What kind of text a TLS file holds. */
function formOf(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const pem = /^-----BEGIN ([A-Z ]+)-----\n[A-Za-z0-9+/=\n]+\n-----END \1-----\n$/;
  if (pem.test(text)) return `PEM of a ${pem.exec(text)?.[1]?.replace('EC ', '') ?? ''}`;
  const inner = Buffer.from(text, 'base64');
  return inner.toString('base64') === text ? `base64 of ${formOf(inner)}` : 'something else';
}

async function expectSameFiles(ours: Buffer, recorded: RecordedRequest): Promise<void> {
  const theirs = await entriesOf(recordedBytes(recorded.body!.file!));
  const files = await entriesOf(ours);
  const shown = (of: typeof files) =>
    of.map(({ size: _, bytes, ...entry }) => ({ ...entry, form: formOf(bytes) }));
  const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);
  // Fabric's order is that of a Go map: another one at each launch.
  expect(shown(files.slice(0, 3)).sort(byName)).toEqual(shown(theirs).sort(byName));
  expect(shown(files.slice(3))).toEqual([
    { ...shown(theirs)[0], name: '/etc/hyperledger/fabric/client_pem.key', form: 'PEM of a PRIVATE KEY' },
    { ...shown(theirs)[0], name: '/etc/hyperledger/fabric/client_pem.crt', form: 'PEM of a CERTIFICATE' },
  ]);
  differs('files for 2.x shims follow those of 1.4');
}

async function expectSameContext(ours: Buffer, recorded: RecordedRequest): Promise<void> {
  const [theirDockerfile, theirPackage] = recorded.body!.tar!;
  const [dockerfile, binpackage, ...more] = await entriesOf(ours);
  expect(more).toEqual([]);
  expect(dockerfile!.bytes.toString()).toBe(theirDockerfile!.text);
  const plain = ({ name, mode, uid, gid, mtime }: Omit<RecordedEntry, 'text'>) => [
    name,
    mode,
    uid,
    gid,
    mtime,
  ];
  expect(plain(dockerfile!)).toEqual(plain(theirDockerfile!));
  expect(plain(binpackage!)).toEqual(plain(theirPackage!));
  expect(binpackage!.bytes).toEqual(Buffer.alloc(1024));
}

/** The chaincode of a recorded launch, from what was recorded of it. */
function chaincodeOf({ container, requests }: RecordedLaunch): {
  info: ChaincodeContainerInfo;
  create: Create;
  codePackage: Buffer;
} {
  const creates = requests.filter(isCreate).map(({ body }) => JSON.parse(body!.text!) as Create);
  const [create, builder] = creates;
  const id = create!.Env!.find((entry) => entry.startsWith('CORE_CHAINCODE_ID_NAME='))!.split('=')[1]!;
  const [name = '', version = ''] = id.split(':');
  expect(container).toBe(`net-peer0.org1.example.com-${name}-${version}`);
  const path = builder?.Cmd[2]?.split(' ').at(-1) ?? `cc/${name}`;
  const input = requests.find((each) => isUpload(each) && each.path.includes('input'))?.body?.file;
  return {
    info: {
      ...{ name, version, path, containerType: 'DOCKER' },
      type: create!.Cmd[0] === 'chaincode' ? 'GOLANG' : 'NODE',
    },
    create: create!,
    codePackage: input === undefined ? Buffer.from('a package that was not kept') : recordedBytes(input),
  };
}

/** Launches a chaincode on an engine that answers as recorded, and gives what the engine was asked. */
async function replay(launch: RecordedLaunch): Promise<{
  sent: readonly SentRequest[];
  error: string | undefined;
  exit: ExitStatus | undefined;
}> {
  const { info, create, codePackage } = chaincodeOf(launch);
  const engine = await RecordedEngine.start(launch.requests);
  const provider = await providerFor(engine, launch);
  const runtime = new ContainerRuntime({
    controller: new VMController({ DOCKER: provider }),
    peerAddress: () => /127\.0\.0\.1:\d+/.exec(create.Cmd.join(' '))![0],
    logging: (await loadConfig({ env: {} })).config.chaincode.logging,
    certificates: new CertAuth(await LaunchCa.create()),
  });
  const progress = { step: () => undefined, output: () => undefined };
  let error: string | undefined;
  let exit: ExitStatus | undefined;
  try {
    await runtime.start(info, { codePackage, progress, signal: new AbortController().signal });
    const waiting = runtime.wait(info);
    const ends = launch.requests.some(
      ({ path, response }) => path === `/containers/${launch.container}/wait` && response !== undefined,
    );
    if (ends) exit = await waiting;
    else {
      // It runs on; the end of the engine below ends this.
      waiting.catch(() => undefined);
      await engine.asked(`POST /containers/${launch.container}/wait`);
    }
  } catch (thrown) {
    error = messageOf(thrown);
  }
  if (launch.cleared) await runtime.stop(info).catch((failed: unknown) => (error ??= messageOf(failed)));
  const sent = [...engine.sent];
  await provider.close();
  await engine.stop();
  return { sent, error, exit };
}

async function providerFor(engine: RecordedEngine, { container, requests }: RecordedLaunch) {
  const attached = requests.some(({ path }) => path.startsWith(`/containers/${container}/attach`));
  const { config } = await loadConfig({
    env: {},
    overrides: {
      'peer.networkId': 'net',
      'peer.id': 'peer0.org1.example.com',
      'peer.fileSystemPath': engine.dir,
      'vm.endpoint': engine.endpoint,
      'vm.docker.attachStdout': String(attached),
    },
  });
  const logs = await LogRegistry.create({ spec: 'fatal' });
  const parts = { config, logs, metrics: new Registry(), launchCa: undefined };
  const provider: VMProvider = await dockerProvider({ ...parts, chaincodeAddress: () => '' });
  return provider;
}

describeGolden('launches recorded between a 1.4 peer and its Docker engine', 'docker-api-14', () => {
  const launches = recordedLaunches();

  it('are all there', () => {
    expect(launches.map(({ requests }) => requests.length).reduce((a, b) => a + b)).toBeGreaterThan(300);
    expect(launches.filter(({ cleared }) => cleared).length).toBeGreaterThan(5);
  });

  it.each(launches.map((launch, at) => ({ at, ...launch })))(
    'ask the same in the same order ($at: $container, $situation)',
    async (launch) => {
      const { sent, error, exit } = await replay(launch);
      expect(sent.map(callOf)).toEqual(expectedCalls(launch));
      await expectSameBodies(sent, launch);
      const answer = launch.requests.find(({ path }) => path === `/containers/${launch.container}/wait`);
      if (answer?.response?.text !== undefined) {
        const { StatusCode } = JSON.parse(answer.response.text) as { StatusCode: number };
        expect(exit?.exitCode).toBe(StatusCode);
      }
      const started = answer !== undefined;
      expect(error === undefined).toBe(started);
    },
  );

  async function expectSameBodies(sent: readonly SentRequest[], launch: RecordedLaunch): Promise<void> {
    const both = <T>(of: (request: { method: string; path: string }) => boolean, pair: T): T => {
      expect(sent.filter(of)).toHaveLength(launch.requests.filter(of).length);
      return pair;
    };
    const { codePackage } = chaincodeOf(launch);
    both(isCreate, undefined);
    const creates = launch.requests.filter(isCreate);
    sent.filter(isCreate).forEach(({ body }, at) => {
      const ours = JSON.parse(body.toString()) as Create;
      expect(ours).toEqual(expectedCreate(creates[at]!.body!.text!, ours));
    });
    both(isUpload, undefined);
    const uploads = launch.requests.filter(isUpload);
    for (const [at, { path, body }] of sent.filter(isUpload).entries()) {
      const recorded = uploads[at]!;
      if (path.includes('input')) {
        expect(body).toEqual(codePackage);
        if (recorded.body!.file !== undefined)
          expect(createHash('sha256').update(body).digest('hex')).toBe(recorded.body!.sha256);
      } else await expectSameFiles(body, recorded);
    }
    for (const { body } of sent.filter(isBuild)) {
      expect(gunzipSync(body).length).toBeGreaterThan(0);
      await expectSameContext(body, launch.requests.find(isBuild)!);
    }
  }

  it('fail with the build’s output as a client of the peer reads it', async () => {
    const { error } = await replay(launches.find(({ container }) => container.endsWith('-broken-1.0'))!);
    expect(error).toBe(
      'error starting container: Failed to generate platform-specific docker build: Error returned from build: 2 ' +
        '"# cc/broken\nchaincode/input/src/cc/broken/main.go:5:20: undefined: shim.NoSuchFunction"',
    );
  });

  afterAll(() => {
    const gone = Object.entries(differences).filter(([, count]) => count === 0);
    expect(gone).toEqual([]);
  });
});
