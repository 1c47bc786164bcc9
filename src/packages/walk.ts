import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Files below a directory as Go's filepath.Walk visits them: names in byte order, directories where they stand. */
export async function walk(root: string, below: string, excluded: ReadonlySet<string>): Promise<string[]> {
  const names = await readdir(join(root, below));
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const found: string[] = [];
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    if ((await lstat(join(root, path))).isDirectory()) {
      if (!excluded.has(name)) found.push(...(await walk(root, path, excluded)));
    } else {
      found.push(path);
    }
  }
  return found;
}
