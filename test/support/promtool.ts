import { spawnSync } from 'node:child_process';

const found = spawnSync('promtool', ['--version']).error === undefined;

/**
 * Is promtool (Debian: package prometheus) on the PATH? Where there is none, its tests are skipped with a message; in CI that
 * is an error.
 */
export function hasPromtool(): boolean {
  if (found) return true;
  const text =
    'promtool is not on the PATH: rules and queries are not checked (Debian: apt-get install prometheus)';
  if (process.env['CI'] === 'true') throw new Error(text);
  console.warn(text);
  return false;
}

/** Runs promtool to its end. */
export function promtool(...args: readonly string[]): {
  readonly code: number | null;
  readonly output: string;
} {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { code: status, output: `${stdout}${stderr}` };
}
