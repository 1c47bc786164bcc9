// Writes deploy/monitoring/ from monitoring/; with --check it only tells whether it is current.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monitoringFiles } from '../.cache/monitoring/files.js';

const root = fileURLToPath(new URL('../deploy/monitoring/', import.meta.url));
const files = monitoringFiles();
await mkdir(root, { recursive: true });
const there = await readdir(root, { recursive: true, withFileTypes: true });
const paths = there
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name).slice(root.length));
const stale = paths.filter((path) => !files.has(path));
const changed = [];
for (const [path, text] of files) {
  if ((await readFile(join(root, path), 'utf8').catch(() => '')) !== text) changed.push(path);
}
if (process.argv.includes('--check')) {
  if (changed.length + stale.length > 0) {
    console.error(
      `deploy/monitoring/ is not current (${[...changed, ...stale].join(', ')}): run \`make monitoring\` and commit the result`,
    );
    process.exit(1);
  }
} else {
  for (const path of stale) await rm(join(root, path));
  for (const path of changed) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), files.get(path));
  }
}
