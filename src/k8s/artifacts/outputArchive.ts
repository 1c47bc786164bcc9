import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { LauncherError, wrap } from '../../errors.js';

/** Streams a folder as a tar: files with their executable bit, folders, and links that stay inside. */
export function packFolder(folder: string): Readable {
  const archive = pack();
  packInto(archive, folder, '').then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(archive, { objectMode: false });
}

async function packInto(archive: Pack, root: string, path: string): Promise<void> {
  const entries = await readdir(join(root, path), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path === '' ? entry.name : `${path}/${entry.name}`;
    const file = join(root, name);
    if (entry.isDirectory()) {
      archive.entry({ name, type: 'directory', mode: 0o755, mtime: new Date(0) });
      await packInto(archive, root, name);
    } else if (entry.isSymbolicLink()) {
      const linkname = await readlink(file);
      if (staysInside(name, linkname)) archive.entry({ name, type: 'symlink', linkname, mtime: new Date(0) });
    } else if (entry.isFile()) {
      const { size, mode } = await lstat(file);
      const target = archive.entry({
        name,
        size,
        mode: (mode & 0o111) === 0 ? 0o644 : 0o755,
        mtime: new Date(0),
      });
      await pipeline(createReadStream(file), target);
    }
  }
}

/**
 * Writes a tar of packFolder() below an existing folder. By the `tar` of the image: a tenth of the time that it takes here, and
 * every launch waits for it. @throws LauncherError with what tar says
 */
export async function unpackInto(folder: string, content: Readable): Promise<void> {
  const child = spawn('tar', ['-x', '-f', '-', '-C', folder], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-2000);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(wrap('tar cannot be run', error)));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new LauncherError(`tar ended with ${code ?? 'a signal'}: ${complaint.trim()}`));
    });
  });
  const fed = pipeline(content, child.stdin).catch((error: unknown) => {
    child.kill();
    throw error;
  });
  const [how] = await Promise.allSettled([ended, fed]).then(([end, feed]) =>
    // What broke the stream says more than the tar that it broke off.
    [feed.status === 'rejected' && end.status === 'fulfilled' ? feed : end],
  );
  if (how?.status === 'rejected') throw how.reason;
}

function staysInside(name: string, linkname: string): boolean {
  if (isAbsolute(linkname)) return false;
  return !relative('.', normalize(join(dirname(name), linkname))).startsWith('..');
}
