// Writes deploy/monitoring/ from monitoring/; with --check it only tells whether it is current.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monitoringFiles } from '../.cache/monitoring/files.js';
import { settle } from './generated.mjs';

const root = fileURLToPath(new URL('../deploy/monitoring/', import.meta.url));
const files = new Map([...monitoringFiles()].map(([path, text]) => [join(root, path), text]));
await mkdir(root, { recursive: true });
const there = await readdir(root, { recursive: true, withFileTypes: true });
const paths = there.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
await settle(
  files,
  'monitoring',
  paths.filter((path) => !files.has(path)),
);
