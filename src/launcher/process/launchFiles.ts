import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { VMFile } from '../types.js';
import { workName } from '../workName.js';

/** The private folder of one launch: its home, its temporary folder and its secrets. Removed when the launch ends. */
export class LaunchFolder {
  readonly path: string;
  /** Path as the chaincode's container would have it → path on this machine. */
  readonly #real = new Map<string, string>();

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder (0700) and writes the files, keys readable by nobody else. */
  static async create(parent: string, files: readonly VMFile[]): Promise<LaunchFolder> {
    const folder = new LaunchFolder(join(parent, workName()));
    await mkdir(folder.path, { recursive: true, mode: 0o700 });
    try {
      for (const [index, file] of files.entries()) {
        const real = join(folder.path, `${index}-${basename(file.path)}`);
        await writeFile(real, file.content, { mode: 0o600, flag: 'wx' });
        folder.#real.set(file.path, real);
      }
    } catch (error) {
      await folder.remove();
      throw error;
    }
    return folder;
  }

  /** Puts the real paths in the place of the container's paths. */
  translate(env: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, this.#real.get(value) ?? value]),
    );
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
