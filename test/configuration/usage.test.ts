import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadPeerSettings } from '../../src/cli/settings.js';
import { loadConfig } from '../../src/config/load.js';
import { coreKeys, nested, otherValue, unusedKeys } from '../support/coreKeys.js';
import { PropertyReads } from '../support/propertyReads.js';

/** Parts that go on as they are, all keys at once: what counts is that the part itself is read. */
const handedOn = [
  ['vm', 'docker', 'hostConfig'], // every entry goes to the engine (src/launcher/docker/hostConfig.ts)
  ['vm', 'kubernetes', 'timeouts'], // becomes spec.timeouts of a ChaincodeLaunch, which has the same names
];

const folder = mkdtempSync(join(tmpdir(), 'usage-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function withFile<T>(values: object, read: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  writeFileSync(join(folder, 'core.yaml'), stringify(values));
  return read({ FABRIC_CFG_PATH: folder });
}

const compiled = async (values: object): Promise<unknown> =>
  withFile(values, async (env) => (await loadConfig({ env })).config);
const ofCli = async (values: object): Promise<unknown> =>
  withFile(values, (env) =>
    loadPeerSettings({ env, cwd: folder, stdout: process.stdout, stderr: process.stderr }),
  );

/** Paths at which two values differ. */
function differences(before: unknown, after: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isMapping(before) || !isMapping(after)) return [path];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(before[name], after[name], [...path, name]));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('every key of core.yaml', () => {
  it('is read by the endorser or the CLI, unless it is listed as having no use', async () => {
    const reads = new PropertyReads((file) => !file.startsWith('config/'));
    const isRead = (path: readonly string[]): boolean => {
      const whole = handedOn.find((part) => part.every((name, index) => path[index] === name));
      return reads.has('config/compile.ts', 'CompiledConfig', whole ?? path);
    };
    const [compiledDefaults, cliDefaults] = [await compiled({}), await ofCli({})];
    const without: string[] = [];
    for (const [key, shape] of coreKeys) {
      const values = nested(key, otherValue(key, shape));
      const changed = differences(compiledDefaults, await compiled(values));
      const used = changed.length > 0 && changed.every(isRead);
      if (!used && differences(cliDefaults, await ofCli(values)).length === 0) without.push(key);
    }
    expect(without.sort()).toEqual([...unusedKeys].sort());
  }, 120_000);

  it('has a description, and those without use have a reason', () => {
    const silent = [...coreKeys].filter(([, { description }]) => !/[.!?)]$/.test(description ?? ''));
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  it('has a default, but for those without use', () => {
    const without = [...coreKeys].filter(([, shape]) => shape.default === undefined).map(([key]) => key);
    expect(without.sort()).toEqual([...unusedKeys].sort());
  });
});
