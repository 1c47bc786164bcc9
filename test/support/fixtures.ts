import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'vitest';

const repositoryRoot = resolve(import.meta.dirname, '../..');

/** The folder of recorded data: FIXTURES, else ../shared/fixtures beside the checkout. */
export const fixturesDir = resolve(repositoryRoot, process.env['FIXTURES'] ?? '../shared/fixtures');

/** Reads one recorded file. */
export function fixture(...path: string[]): Buffer {
  return readFileSync(join(fixturesDir, ...path));
}

/** Reads one recorded JSON file. */
export function fixtureJson(...path: string[]): unknown {
  return JSON.parse(fixture(...path).toString('utf8'));
}

/**
 * A suite over recorded data. Where the folder is missing it is skipped, and says so; in CI that is an error.
 * @param folder the recording that the suite needs, for example `chain-14`
 */
export function describeGolden(name: string, folder: string, suite: () => void): void {
  if (existsSync(join(fixturesDir, folder))) {
    describe(name, suite);
    return;
  }
  const reason = `no recorded data in ${join(fixturesDir, folder)} (set FIXTURES to its folder)`;
  if (process.env['CI']) throw new Error(reason);
  process.stderr.write(`SKIPPED: ${name}: ${reason}\n`);
  // Not the suite itself: it may read recordings where it lists its tests.
  describe(name, () => it.todo(`skipped: ${reason}`));
}
