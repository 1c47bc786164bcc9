// What every generator does with its files: with --check it only tells whether they are current.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Writes files that are not as they should be, and removes stale ones; with --check it names them and sets the exit code.
 * @param {Iterable<[string, string]>} files path and text of each
 * @param {string} target of make, for the message
 * @param {readonly string[]} stale paths that are not generated any more
 */
export async function settle(files, target, stale = []) {
  const changed = [];
  for (const [path, text] of files) {
    if ((await readFile(path, 'utf8').catch(() => '')) !== text) changed.push([path, text]);
  }
  if (process.argv.includes('--check')) {
    const names = [...changed.map(([path]) => path), ...stale].map((path) => relative(root, path));
    if (names.length === 0) return;
    console.error(`not current: ${names.join(', ')}. Run \`make ${target}\` and commit the result`);
    process.exitCode = 1;
    return;
  }
  for (const path of stale) await rm(path);
  for (const [path, text] of changed) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
