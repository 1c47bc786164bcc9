import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const shimsDir = resolve(import.meta.dirname, '../shims');

/** The real Node shims that tests run chaincode on. */
export type ShimVersion = 'node-2.5' | 'node-1.4';

/** The folder of a chaincode on this shim; `node chaincode.js --peer.address …` starts it. */
export function shimDir(version: ShimVersion): string {
  return join(shimsDir, version);
}

/** Whether the shim lies there as its lock file has it. */
export function shimInstalled(version: ShimVersion): boolean {
  if (existsSync(marker(version))) return true;
  // Somebody may have put the folder there by hand, which the 1.4 shim's compile of six minutes invites to.
  return (
    version === 'node-1.4' &&
    existsSync(join(shimDir(version), 'node_modules/grpc/src/node/extension_binary'))
  );
}

/** Installs the shim from its lock file unless it is there; several test files may ask at once. */
export async function ensureShim(version: ShimVersion): Promise<void> {
  const lock = join(shimDir(version), '.installing');
  while (!shimInstalled(version)) {
    if (takeLock(lock)) {
      try {
        install(version);
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    } else await sleep(500);
  }
}

/**
 * The 1.4 shim is compiled for minutes: outside CI its tests run only where it is installed already, and say so.
 * @returns whether the tests of this shim are to run
 */
export function wantsShim14(): boolean {
  if (shimInstalled('node-1.4') || process.env['CI']) return true;
  process.stderr.write('SKIPPED: fabric-shim 1.4.6 is not installed (npm ci in test/shims/node-1.4)\n');
  return false;
}

function install(version: ShimVersion): void {
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: shimDir(version),
    encoding: 'utf8',
    env: { ...process.env, ...headersOfNode() },
  });
  if (result.status !== 0) throw new Error(`npm ci of ${version} failed: ${result.stderr.slice(-2000)}`);
  writeFileSync(marker(version), process.execPath);
}

/**
 * The Node.js that chaincode on this shim runs on: this one, but for 1.4 the one that its native code was compiled for. No
 * Node.js after 20 can compile that code, and the peer under test may run on one.
 */
export function shimNode(version: ShimVersion): string {
  const compiler = existsSync(marker(version)) ? readFileSync(marker(version), 'utf8') : '';
  return version === 'node-1.4' && existsSync(compiler) ? compiler : process.execPath;
}

/** Native code is compiled against the headers beside this Node.js where they are there: nothing is downloaded for it. */
function headersOfNode(): Record<string, string> {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
}

function marker(version: ShimVersion): string {
  const lockFile = readFileSync(join(shimDir(version), 'package-lock.json'));
  const digest = createHash('sha256').update(lockFile).digest('hex').slice(0, 16);
  return join(shimDir(version), 'node_modules', `.installed-${digest}`);
}

/** A lock that was left behind by a killed run is taken over after ten minutes. */
function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > 600_000) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}
