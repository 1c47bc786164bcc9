import { chmod, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { delimiter, dirname, join, relative } from 'node:path';
import { LauncherError } from '../../errors.js';
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
    const script = await simpleStartScript(directory);
    if (script === undefined) return { argv: ['npm', 'start', '--', ...argumentsOfShim] };
    return {
      argv: ['/bin/sh', '-c', [withoutShell(script.command), ...argumentsOfShim.map(shellQuote)].join(' ')],
      env: npmEnvironment(directory, script),
    };
  },
};

/** What is read from package.json; it came with the package, so nothing about it is certain. */
interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly config?: unknown;
  readonly bin?: unknown;
}

async function readManifest(directory: string): Promise<Manifest> {
  const manifest: unknown = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null ? manifest : {};
}

interface StartScript {
  readonly command: string;
  readonly name: string;
  readonly version: string;
}

/**
 * The start script if running it by the shell means the same as `npm start`, which costs a quarter of a second: it has
 * no scripts before or after it, uses nothing of npm's environment, and no configuration lies beside it.
 */
async function simpleStartScript(directory: string): Promise<StartScript | undefined> {
  const { scripts, config, name, version } = await readManifest(directory);
  const command = scripts?.['start'];
  if (typeof command !== 'string' || command.trim() === '') return undefined;
  const needsNpm =
    scripts?.['prestart'] !== undefined ||
    scripts?.['poststart'] !== undefined ||
    config !== undefined ||
    /npm|npx|yarn|pnpm/i.test(command) ||
    (await isThere(join(directory, '.npmrc')));
  if (needsNpm) return undefined;
  return { command, name: textOf(name), version: textOf(version) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
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

/** A plain command takes the shell's place, so that its signals and exit code are its own. */
function withoutShell(command: string): string {
  const plain = /^[\w./@:+-]+( +[\w./@:=+,%-]+)*$/.test(command.trim());
  return plain ? `exec ${command}` : command;
}

function shellQuote(text: string): string {
  return /^[\w.:/=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
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
