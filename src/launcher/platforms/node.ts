import { chmod, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { delimiter, dirname, join, relative } from 'node:path';
import { LauncherError } from '../../errors.js';
import { simpleStartScript, startLine, type Manifest, type StartScript } from './nodeStart.js';
import type { BuildContext, Command, PlatformRuntime } from './platform.js';
import { isThere, needProgram } from './programs.js';

const npmFlags = ['--omit=dev', '--no-audit', '--no-fund', '--no-update-notifier', '--no-progress'];

/** Node.js chaincode: `npm install` without development dependencies, `npm start` with the peer's address (contract 5.6). */
export const nodePlatform: PlatformRuntime = {
  // Native modules fit one ABI of Node.js only.
  variant: `node${process.versions.modules}`,

  async build(context: BuildContext): Promise<void> {
    const source = join(context.inputDir, 'src');
    if (!(await isThere(join(source, 'package.json')))) {
      throw new LauncherError('no package.json found at the root of the chaincode package');
    }
    if (await isThere(join(source, 'node_modules'))) {
      await linkPrograms(join(source, 'node_modules'));
    } else {
      const npm = await needProgram('npm', context.searchPath, 'the build of Node.js chaincode');
      const locked =
        (await isThere(join(source, 'package-lock.json'))) ||
        (await isThere(join(source, 'npm-shrinkwrap.json')));
      await context.run({ argv: [npm, locked ? 'ci' : 'install', ...npmFlags] }, source);
    }
    await rm(context.outputDir, { recursive: true });
    await rename(source, context.outputDir);
  },

  async start(directory, { peerAddress }): Promise<Command> {
    const argumentsOfShim = ['--peer.address', peerAddress];
    const script = await startScriptOf(directory);
    if (script === undefined) return { argv: ['npm', 'start', '--', ...argumentsOfShim] };
    return {
      argv: ['/bin/sh', '-c', startLine(script, argumentsOfShim)],
      env: npmEnvironment(directory, script),
    };
  },
};

async function readManifest(directory: string): Promise<Manifest> {
  const manifest: unknown = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null ? manifest : {};
}

async function startScriptOf(directory: string): Promise<StartScript | undefined> {
  return simpleStartScript(await readManifest(directory), await isThere(join(directory, '.npmrc')));
}

/** The part of npm's script environment that start scripts use: local programs first, and who they are. */
function npmEnvironment(directory: string, script: StartScript): Record<string, string> {
  return {
    PATH: [join(directory, 'node_modules', '.bin'), dirname(process.execPath)].join(delimiter),
    INIT_CWD: directory,
    NODE: process.execPath,
    npm_node_execpath: process.execPath,
    npm_lifecycle_event: 'start',
    npm_lifecycle_script: script.command,
    npm_package_json: join(directory, 'package.json'),
    npm_package_name: script.name,
    npm_package_version: script.version,
  };
}

/**
 * Makes node_modules/.bin of a bundled node_modules anew: a code package holds no links and no executable files, so
 * what was packed there can not be run.
 */
async function linkPrograms(modules: string): Promise<void> {
  const binFolder = join(modules, '.bin');
  await rm(binFolder, { recursive: true, force: true });
  await mkdir(binFolder);
  for (const folder of await packageFolders(modules)) {
    const { name, bin } = await readManifest(folder).catch((): Manifest => ({}));
    for (const [program, file] of programsOf(name, bin)) {
      const target = join(folder, file);
      const inside = !relative(folder, target).startsWith('..');
      if (!inside || !/^[\w.-]+$/.test(program) || !(await isThere(target))) continue;
      await chmod(target, 0o755);
      await rm(join(binFolder, program), { force: true });
      await symlink(relative(binFolder, target), join(binFolder, program));
    }
  }
}

async function packageFolders(modules: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(modules, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const folder = join(modules, entry.name);
    if (!entry.name.startsWith('@')) found.push(folder);
    else for (const scoped of await readdir(folder)) found.push(join(folder, scoped));
  }
  return found;
}

function programsOf(name: unknown, bin: unknown): [string, string][] {
  if (typeof bin === 'string' && typeof name === 'string') return [[name.replace(/^@[^/]*\//, ''), bin]];
  if (typeof bin !== 'object' || bin === null) return [];
  return Object.entries(bin).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}
