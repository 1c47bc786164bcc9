import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, extname, join, resolve } from 'node:path';
import { LauncherError } from '../errors.js';
import { checkMetadataFile } from './metaInf.js';
import type { TarFile } from './tarWriter.js';
import { walk } from './walk.js';

/** The sources of a Go chaincode, and its import path. */
export interface GoSources {
  readonly files: TarFile[];
  readonly path: string;
}

interface GoSourceOptions {
  readonly path: string;
  readonly gopath?: string;
  readonly warn?: (message: string) => void;
}

/** What goes into a package besides .go: C, assembler and data beside it (Fabric's includeFileTypes). */
const included = new Set(['.c', '.h', '.s', '.go', '.yaml', '.json']);
/** The builder has these: they are never packaged. */
const provided = [
  'github.com/hyperledger/fabric/core/chaincode/shim',
  'github.com/hyperledger/fabric/protos/peer',
];

/**
 * Collects a Go chaincode as Fabric 1.4 does: the files of its own directory, META-INF below it, and the packages that
 * it imports from GOPATH, vendored. No Go toolchain is needed: the imports are read from the sources.
 * @throws `Cannot collect files from empty chaincode path`, `path to chaincode does not exist: ‹p›`
 */
export async function collectGoFiles(options: GoSourceOptions): Promise<GoSources> {
  if (options.path === '') {
    throw new LauncherError(
      'error getting chaincode package bytes: Cannot collect files from empty chaincode path',
    );
  }
  const gopath = options.gopath?.split(delimiter)[0] ?? join(homedir(), 'go');
  const sources = join(gopath, 'src');
  const { directory, importPath } = await locate(options.path, sources);
  const files = new Map<string, Uint8Array>();
  await addPackage(files, directory, `src/${importPath}`);
  if (files.size === 0) {
    throw new LauncherError(`error getting chaincode package bytes: no source files found in '${directory}'`);
  }
  await addDependencies(files, importPath, sources);
  await addMetadata(files, directory, options.warn);
  const names = [...files.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return {
    files: names.map((name) => ({ name, content: files.get(name) ?? Buffer.alloc(0) })),
    path: importPath,
  };
}

async function locate(path: string, sources: string): Promise<{ directory: string; importPath: string }> {
  const inGopath = join(sources, path);
  if (await isDirectory(inGopath)) return { directory: inGopath, importPath: path };
  const directory = resolve(path);
  // Fabric takes paths below GOPATH only; a plain directory is a kindness for machines without one.
  if (!(await isDirectory(directory)))
    throw new LauncherError(`path to chaincode does not exist: ${inGopath}`);
  if (directory.startsWith(`${sources}/`))
    return { directory, importPath: directory.slice(sources.length + 1) };
  return { directory, importPath: path.replace(/^(\.?\.?\/)+/, '').replace(/\/+$/, '') || 'chaincode' };
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The files of one directory, not of those below it. */
async function addPackage(files: Map<string, Uint8Array>, directory: string, target: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isFile() || !included.has(extname(entry.name)) || entry.name.startsWith('.')) continue;
    files.set(`${target}/${entry.name}`, await readFile(join(directory, entry.name)));
  }
}

/** Adds what the sources import, and what that imports, until nothing new turns up. */
async function addDependencies(files: Map<string, Uint8Array>, root: string, sources: string): Promise<void> {
  const done = new Set<string>();
  for (
    let wanted = importsOf(files);
    wanted.length > 0;
    wanted = importsOf(files).filter((i) => !done.has(i))
  ) {
    for (const name of wanted) {
      done.add(name);
      if (!name.split('/')[0]?.includes('.') && !name.startsWith(`${root}/`)) {
        // Without a dot it is the standard library, unless GOPATH has it.
        if (!(await isDirectory(join(sources, name)))) continue;
      }
      if (provided.some((prefix) => name === prefix || name.startsWith(`${prefix}/`))) continue;
      const own = join(sources, root, 'vendor', name);
      const target = name.startsWith(`${root}/`) ? `src/${name}` : `src/${root}/vendor/${name}`;
      const directory = (await isDirectory(own)) ? own : join(sources, name);
      if (await isDirectory(directory)) await addPackage(files, directory, target);
    }
  }
}

function importsOf(files: ReadonlyMap<string, Uint8Array>): string[] {
  const found = new Set<string>();
  for (const [name, content] of files) {
    if (!name.endsWith('.go') || name.endsWith('_test.go')) continue;
    const text = Buffer.from(content)
      .toString('utf8')
      .replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
    for (const [, block, single] of text.matchAll(
      /^import\s*(?:\(([^)]*)\)|(?:[\w.]+\s+)?("[^"]+"|`[^`]+`))/gm,
    )) {
      for (const [, path] of (block ?? single ?? '').matchAll(/["`]([^"`]+)["`]/g)) {
        if (path !== undefined) found.add(path);
      }
    }
  }
  return [...found];
}

async function addMetadata(
  files: Map<string, Uint8Array>,
  directory: string,
  warn: ((message: string) => void) | undefined,
): Promise<void> {
  const folder = join(directory, 'META-INF');
  if (!(await isDirectory(folder))) return;
  for (const file of await walk(directory, 'META-INF', new Set())) {
    if (file.slice(file.lastIndexOf('/') + 1).startsWith('.')) {
      warn?.(`Ignoring hidden file in metadata directory: ${file}`);
      continue;
    }
    const content = await readFile(join(directory, file));
    checkMetadataFile(file, content);
    files.set(file, content);
  }
}
