import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { LauncherError, messageOf } from '../../errors.js';
import type { Assignment } from './artifactDesk.js';
import type { FilesBody } from './artifactServer.js';

/** What the operator tells the fetcher in its environment. */
export interface FetchTask {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly launch: string;
  readonly attempt: string;
  readonly tokenFile: string;
  /** TLS files are wanted. */
  readonly tls: boolean;
  /** Digest of the build output, when one is wanted; of the package for a build. */
  readonly digest: string;
  readonly build: boolean;
  /** The Pod is a prewarmed one: it asks which chaincode it shall run. */
  readonly warm?: boolean;
  /** Where the folders of the Pod are mounted. @default / */
  readonly root?: string;
  /** How often an endorser that cannot be reached is tried. @default 20, about half a minute */
  readonly tries?: number;
}

/** An answer that says no: trying again does not help. */
class Refused extends LauncherError {}

// What not every task needs is loaded where it is needed: each launch waits for this program to start.
const defaultTries = 20;

/** Fetches everything that one Pod needs, and then makes the file `ready`. @throws LauncherError with one clear line */
export async function fetchIntoPod(task: FetchTask): Promise<void> {
  const at = (path: string): string => join(task.root ?? '/', path);
  const door = new Door(task);
  process.umask(0o002);
  try {
    if (task.build) {
      await build(task, door, at);
      return;
    }
    if (task.warm) {
      await becomeChaincode(task, door, at);
      return;
    }
    await Promise.all([
      task.tls ? fetchFiles(door, at('/chaincode-launcher/tls')) : undefined,
      task.digest === '' ? undefined : fetchOutput(door, task, at('/chaincode-launcher/output')),
    ]);
    await writeFile(at('/chaincode-launcher/run/ready'), '');
  } finally {
    door.close();
  }
}

/** Waits until a chaincode is given to this prewarmed Pod, and then fetches for that one. */
async function becomeChaincode(task: FetchTask, door: Door, at: (path: string) => string): Promise<void> {
  for (;;) {
    const text = await readText(await door.get('assignment'));
    if (text === '') continue;
    const { launch, attempt, tls, digest, start } = JSON.parse(text) as Assignment;
    await writeFile(at('/chaincode-launcher/run/start'), start);
    await fetchIntoPod({ ...task, warm: false, launch, attempt: String(attempt), tls, digest });
    return;
  }
}

async function fetchFiles(door: Door, folder: string): Promise<void> {
  const { files } = JSON.parse(await readText(await door.get('files'))) as FilesBody;
  for (const { path, mode, content } of files) {
    const file = join(folder, basename(path));
    await writeFile(file, Buffer.from(content, 'base64'), { mode: 0o600 });
    // The chaincode's container may run as another user of the same group.
    await chmod(file, mode | ((mode & 0o600) >> 3));
  }
}

async function fetchOutput(door: Door, task: FetchTask, folder: string): Promise<void> {
  const { unpackInto } = await import('./unpackOutput.js');
  await checked(await door.get('output'), task.digest, (content) => unpackInto(folder, content));
}

async function build(task: FetchTask, door: Door, at: (path: string) => string): Promise<void> {
  const { unpackCodePackage } = await import('../../packages/unpack.js');
  const run = (name: string): string => at(`/chaincode-launcher/run/${name}`);
  await checked(await door.get('package'), task.digest, async (content) => {
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk as Buffer);
    await unpackCodePackage(Buffer.concat(chunks), at('/chaincode/input'));
  });
  await writeFile(run('ready'), '');
  while (!existsSync(run('built'))) {
    // The builder's container tells by itself why it failed.
    if (existsSync(run('failed'))) return;
    await sleep(50);
  }
  const { packFolder } = await import('./packFolder.js');
  await door.put('output', () => packFolder(at('/chaincode/output')));
}

/** Reads a body and compares its digest with what the launch names. */
async function checked(
  body: Readable,
  digest: string,
  use: (body: Readable) => Promise<void>,
): Promise<void> {
  const hash = createHash('sha256');
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  body.on('error', (error) => tap.destroy(error));
  await use(body.pipe(tap));
  const got = `sha256:${hash.digest('hex')}`;
  if (got !== digest) throw new Refused(`what was fetched has digest ${got}, the launch names ${digest}`);
}

/** The artifact endpoint of the endorser, for one attempt. */
class Door {
  readonly #task: FetchTask;
  readonly #agent: Agent;

  constructor(task: FetchTask) {
    this.#task = task;
    this.#agent = new Agent({ ca: task.ca, keepAlive: true });
  }

  get(what: string): Promise<IncomingMessage> {
    return this.#again(() => this.#send('GET', what));
  }

  async put(what: string, body: () => Readable): Promise<void> {
    const response = await this.#again(() => this.#send('PUT', what, body()));
    await readText(response);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** The endorser's name may not resolve yet, the network of a new Pod may take a moment. */
  async #again(once: () => Promise<IncomingMessage>): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once();
      } catch (error) {
        if (error instanceof Refused || attempt >= (this.#task.tries ?? defaultTries)) {
          throw new LauncherError(`${this.#task.url}: ${messageOf(error)}`, { cause: error });
        }
        await sleep(Math.min(50 * 2 ** attempt, 2000));
      }
    }
  }

  async #send(method: 'GET' | 'PUT', what: string, body?: Readable): Promise<IncomingMessage> {
    const { url, launch, attempt, tokenFile } = this.#task;
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = httpsRequest(`${url}/v1/launches/${launch}/${attempt}/${what}`, {
        method,
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/x-tar' }),
        },
      });
      outgoing.setTimeout(60_000, () => outgoing.destroy(new LauncherError('no answer for 60 s')));
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
      if (body) body.once('error', reject).pipe(outgoing);
      else outgoing.end();
    });
    const code = response.statusCode ?? 0;
    if (code === 200 || code === 204) return response;
    const text = `${code} ${(await readText(response)).slice(0, 500)}`;
    throw code >= 500 ? new LauncherError(text) : new Refused(text);
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
