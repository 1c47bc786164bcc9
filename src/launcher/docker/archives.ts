import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import type { VMFile } from '../types.js';

/** Owner, mode and time as Fabric writes them: readable for whatever user the image runs as. */
const plain: Pick<Header, 'mode' | 'uid' | 'gid' | 'mtime'> = {
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: new Date(0),
};

/** The gzipped tar of a launch's TLS files, under their absolute paths (contract 5.3). */
export async function filesArchive(files: readonly VMFile[]): Promise<Buffer> {
  const tar = pack();
  for (const { path, content } of files) tar.entry({ ...plain, name: path }, Buffer.from(content));
  tar.finalize();
  return buffer(tar.pipe(createGzip()));
}

/**
 * The context of an image build: the Dockerfile and `binpackage.tar` from a file of this machine.
 * @returns a stream that fails when the file can not be read
 */
export function buildContext(dockerfile: string, binpackage: { path: string; size: number }): Readable {
  const tar = pack();
  const out = new PassThrough();
  const fail = (error: unknown): void => {
    out.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  const fill = async (): Promise<void> => {
    tar.entry({ ...plain, name: 'Dockerfile' }, dockerfile);
    const entry = tar.entry({ ...plain, name: 'binpackage.tar', size: binpackage.size });
    await pipeline(createReadStream(binpackage.path), entry);
    tar.finalize();
  };
  pipeline(tar, createGzip({ level: 1 }), out).catch(fail);
  fill().catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
    fail(error);
  });
  return out;
}
