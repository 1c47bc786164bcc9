import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { channelIdFromBlock } from '../channelconfig/bundle.js';
import { LauncherError, wrap } from '../errors.js';
import { common, decode } from '../protos/index.js';

/** A channel's first block and the file it came from. */
export interface GenesisBlock {
  readonly file: string;
  readonly channelId: string;
  readonly block: common.Block;
}

/** Reads genesis blocks: files, or folders whose `*.block` files are taken in name order. @throws naming the file */
export async function readGenesisBlocks(paths: readonly string[]): Promise<GenesisBlock[]> {
  const files = (await Promise.all(paths.map(blockFiles))).flat();
  return Promise.all(files.map(readGenesisBlock));
}

async function blockFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw wrap(`genesis block file not found`, error);
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.block')).sort();
  if (names.length === 0)
    throw new LauncherError(`no genesis block in ${path}: expected files named *.block`);
  return names.map((name) => join(path, name));
}

async function readGenesisBlock(file: string): Promise<GenesisBlock> {
  try {
    const block = decode(common.Block, await readFile(file), 'Block');
    return { file, channelId: channelIdFromBlock(block), block };
  } catch (error) {
    throw wrap(`${file} is not a genesis block`, error);
  }
}
