import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LauncherError, wrap } from '../errors.js';
import { collectGoFiles } from './goSources.js';
import { checkMetadataFile } from './metaInf.js';
import type { Platform } from './platform.js';
import { makeTar, type TarFile } from './tarWriter.js';
import { walk } from './walk.js';

/** How a code package is made from sources on this machine. */
export interface CodePackageOptions {
  readonly platform: Platform;
  /** As `peer chaincode package -p`: a directory; for Go also an import path below GOPATH/src. */
  readonly path: string;
  /** First entry is used; only for Go. */
  readonly gopath?: string;
  /** Node.js only: take node_modules along, so that the build needs no network. Default false, as Fabric has it. */
  readonly bundleNodeModules?: boolean;
  /** Told about files that are left out although they look wanted. */
  readonly warn?: (message: string) => void;
}

/** A code package and the path that goes into ChaincodeID.path. */
export interface CodePackage {
  readonly bytes: Uint8Array;
  readonly path: string;
}

const javaExcluded = ['target', 'build', 'out'];

/**
 * Makes the code package (gzipped tar) of a chaincode: the same sources give the same bytes (contract 5.7).
 * @throws Fabric's texts, without the CLI's prefix `error getting chaincode code ‹n›: `
 */
export async function makeCodePackage(options: CodePackageOptions): Promise<CodePackage> {
  const { platform, path } = options;
  if (platform === 'GOLANG') {
    const { files, path: importPath } = await collectGoFiles(options);
    return { bytes: await compress(files), path: importPath };
  }
  if (platform === 'CAR') {
    return { bytes: await readFile(path), path };
  }
  await checkDirectory(path);
  if (path === '') {
    throw new LauncherError(
      platform === 'NODE'
        ? "error getting chaincode package bytes: ChaincodeSpec's path cannot be empty"
        : 'error getting chaincode package bytes: ChaincodeSpec path cannot be empty',
    );
  }
  const excluded =
    platform === 'JAVA' ? javaExcluded : options.bundleNodeModules ? ['.bin'] : ['node_modules'];
  try {
    const files = await collectFolder(
      resolve(path),
      excluded,
      platform === 'JAVA' ? ['.class'] : [],
      options.warn,
    );
    return { bytes: await compress(files), path };
  } catch (error) {
    throw wrap('error getting chaincode package bytes: Error writing Chaincode package contents', error);
  }
}

async function checkDirectory(path: string): Promise<void> {
  const found = await stat(resolve(path)).catch(() => undefined);
  if (found === undefined) throw new LauncherError(`path to chaincode does not exist: ${path}`);
}

/** Every file of a directory in Fabric's order: src/… for sources, META-INF/… for metadata. */
async function collectFolder(
  root: string,
  excludedFolders: readonly string[],
  excludedExtensions: readonly string[],
  warn: ((message: string) => void) | undefined,
): Promise<TarFile[]> {
  const files: TarFile[] = [];
  for (const file of await walk(root, '', new Set([...excludedFolders, '.git']))) {
    if (excludedExtensions.includes(extname(file))) continue;
    const content = await readFile(join(root, file));
    if (!file.startsWith('META-INF')) {
      files.push({ name: `src/${file}`, content });
    } else if (file.slice(file.lastIndexOf('/') + 1).startsWith('.')) {
      warn?.(`Ignoring hidden file in metadata directory: ${file}`);
    } else {
      checkMetadataFile(file, content);
      files.push({ name: file, content });
    }
  }
  if (files.length === 0) throw new LauncherError(`no source files found in '${root}'`);
  return files;
}

async function compress(files: readonly TarFile[]): Promise<Uint8Array> {
  return promisify(gzip)(makeTar(files));
}
