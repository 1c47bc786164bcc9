import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LauncherError, messageOf } from '../errors.js';
import type { Logger } from '../ops/log.js';
import { ccPackageFromFileBytes } from './ccPackage.js';
import type { CCPackage, PackageStore } from './types.js';

/** Where and how packages are kept. */
export interface FilePackageStoreOptions {
  /** `‹peer.fileSystemPath›/chaincodes`; made when it is absent. */
  readonly dir: string;
  readonly logger: Logger;
  /** How many bytes of parsed packages may stay in memory. Default 16 MiB. */
  readonly cacheBytes?: number;
}

interface Cached {
  /** Size, time and inode: another file under the same name is read again. */
  readonly mark: string;
  readonly ccPackage: CCPackage;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Installed packages as files `‹name›.‹version›` with exactly the received bytes (contract 6). */
export class FilePackageStore implements PackageStore {
  readonly #dir: string;
  readonly #logger: Logger;
  readonly #cacheBytes: number;
  /** Least recently used first. */
  readonly #cache = new Map<string, Cached>();

  constructor(options: FilePackageStoreOptions) {
    this.#dir = options.dir;
    this.#logger = options.logger;
    this.#cacheBytes = options.cacheBytes ?? 16 * 1024 * 1024;
  }

  pathOf(name: string, version: string): string {
    return join(this.#dir, `${name}.${version}`);
  }

  /** A file appears whole or not at all, and never replaces one: written aside, flushed, then linked to its name. */
  async put(ccPackage: CCPackage): Promise<void> {
    const { name, version } = ccPackage;
    const path = this.pathOf(name, version);
    await mkdir(this.#dir, { recursive: true, mode: 0o755 });
    const temporary = join(this.#dir, `.new-${randomUUID()}`);
    try {
      const file = await open(temporary, 'wx', 0o644);
      try {
        await file.writeFile(ccPackage.bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await link(temporary, path);
    } catch (error) {
      const why = isCode(error, 'EEXIST') ? `chaincode ${path} exists` : messageOf(error);
      throw new LauncherError(`error installing chaincode code ${name}:${version}(${why})`, {
        cause: error,
      });
    } finally {
      await unlink(temporary).catch((error: unknown) => {
        if (!isCode(error, 'ENOENT')) {
          this.#logger.warn({ err: error, file: temporary }, 'could not remove a temporary file');
        }
      });
    }
    await this.#flushDirectory();
  }

  async get(name: string, version: string): Promise<CCPackage> {
    const path = this.pathOf(name, version);
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const mark = `${size}/${mtimeMs}/${ino}`;
      const cached = this.#cache.get(path);
      if (cached?.mark === mark) {
        this.#remember(path, cached);
        return cached.ccPackage;
      }
      const ccPackage = ccPackageFromFileBytes(await readFile(path));
      this.#remember(path, { mark, ccPackage });
      return ccPackage;
    } catch (error) {
      this.#cache.delete(path);
      if (isCode(error, 'ENOENT')) {
        throw new LauncherError(`open ${path}: no such file or directory`, { cause: error });
      }
      throw error;
    }
  }

  async list(): Promise<CCPackage[]> {
    const found: CCPackage[] = [];
    for (const file of await this.#fileNames()) {
      const dot = file.indexOf('.');
      if (dot <= 0) continue;
      const name = file.slice(0, dot);
      const version = file.slice(dot + 1);
      const ccPackage = await this.get(name, version).catch((error: unknown) => {
        this.#logger.error({ err: error }, `Unreadable chaincode file found on filesystem: ${file}`);
        return undefined;
      });
      if (ccPackage === undefined) continue;
      if (ccPackage.name === name && ccPackage.version === version) found.push(ccPackage);
      else {
        this.#logger.error(`Chaincode file's name/version has been modified on the filesystem: ${file}`);
      }
    }
    return found;
  }

  async #fileNames(): Promise<string[]> {
    try {
      const names = await readdir(this.#dir);
      return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  /** Without this the new name may be gone after a power cut. */
  async #flushDirectory(): Promise<void> {
    const directory = await open(this.#dir, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  #remember(path: string, entry: Cached): void {
    this.#cache.delete(path);
    this.#cache.set(path, entry);
    let total = 0;
    for (const { ccPackage } of this.#cache.values()) total += ccPackage.bytes.length;
    for (const [oldest, { ccPackage }] of this.#cache) {
      if (total <= this.#cacheBytes) break;
      this.#cache.delete(oldest);
      total -= ccPackage.bytes.length;
    }
  }
}
