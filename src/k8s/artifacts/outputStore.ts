import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { LauncherError } from '../../errors.js';

/** What makes a build: the same three give the same output. */
export interface BuildInput {
  readonly packageDigest: string;
  readonly image: string;
  readonly command: string;
}

/** More than any chaincode has; beyond it a build is refused. */
const largestOutput = 2 * 1024 ** 3;

/**
 * Build outputs (tar archives) by their digest, and which build made them: `‹dir›/‹sha256 of output›.tar` and
 * `‹dir›/‹sha256 of build›.build` with the output's digest. Survives restarts; a half-written file is never found.
 */
export class OutputStore {
  readonly #dir: string;
  #prepared: Promise<void> | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The digest (`sha256:…`) of the output of this build, if it is here. */
  async find(build: BuildInput): Promise<string | undefined> {
    await this.#prepare();
    try {
      const digest = (await readFile(this.#buildFile(build), 'utf8')).trim();
      await stat(this.#outputFile(digest));
      return digest;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Keeps what a build has made. Resolves with its digest. */
  async keep(build: BuildInput, content: Readable): Promise<string> {
    await this.#prepare();
    const temporary = join(this.#dir, `.${randomUUID()}`);
    const hash = createHash('sha256');
    let size = 0;
    try {
      await pipeline(
        content,
        async function* (source: AsyncIterable<Buffer>) {
          for await (const chunk of source) {
            size += chunk.length;
            if (size > largestOutput) throw new LauncherError('the build output is larger than 2 GiB');
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(temporary, { mode: 0o600, flush: true }),
      );
      const digest = `sha256:${hash.digest('hex')}`;
      await rename(temporary, this.#outputFile(digest));
      await writeFile(temporary, `${digest}\n`, { mode: 0o600, flush: true });
      await rename(temporary, this.#buildFile(build));
      return digest;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** The output and its size in bytes. */
  async open(digest: string): Promise<{ content: Readable; size: number }> {
    const file = this.#outputFile(digest);
    const { size } = await stat(file);
    return { content: createReadStream(file, { highWaterMark: 256 * 1024 }), size };
  }

  /** Once: makes the folder, and removes what a killed process had half written. */
  #prepare(): Promise<void> {
    this.#prepared ??= (async (): Promise<void> => {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      for (const name of await readdir(this.#dir)) {
        if (name.startsWith('.')) await rm(join(this.#dir, name), { force: true });
      }
    })();
    return this.#prepared;
  }

  #outputFile(digest: string): string {
    return join(this.#dir, `${digest.replace(/^sha256:/, '')}.tar`);
  }

  #buildFile({ packageDigest, image, command }: BuildInput): string {
    const key = createHash('sha256')
      .update(JSON.stringify([packageDigest, image, command]))
      .digest('hex');
    return join(this.#dir, `${key}.build`);
  }
}
