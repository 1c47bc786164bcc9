import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';

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

function staysInside(name: string, linkname: string): boolean {
  if (isAbsolute(linkname)) return false;
  return !relative('.', normalize(join(dirname(name), linkname))).startsWith('..');
}
