import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError, loadConfig } from '../../src/config/load.js';
import type { Shape } from '../../src/config/shape.js';
import { coreKeys, nested } from '../support/coreKeys.js';

const folder = mkdtempSync(join(tmpdir(), 'wrong-values-'));
const file = join(folder, 'core.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

/** What is refused, without the file's name. */
async function problems(values: object): Promise<readonly string[]> {
  writeFileSync(file, stringify(values));
  const error: unknown = await loadConfig({ env: { FABRIC_CFG_PATH: folder } }).catch(
    (thrown: unknown) => thrown,
  );
  return error instanceof ConfigError ? error.problems.map((text) => text.replace(`${file}: `, '')) : [];
}

const sections = new Set(
  [...coreKeys.keys()].flatMap((key) => {
    const parts = key.split('.').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  }),
);
const checked = [...coreKeys].filter(([, shape]) => shape.type !== undefined);

/** Values of a wrong type or unit. */
function wrong(shape: Shape): unknown[] {
  if (shape.enum) return ['nothingOfThis', 1, ['list']];
  if (shape.format === 'duration') return [30, '30', '5 s', '-3s', '10 minutes', true];
  switch (shape.type) {
    case 'boolean':
      return ['yess', 2, []];
    case 'integer':
      return ['2GB', 1.5, -2, true];
    case 'array':
      return [{ a: 'b' }, [1], 7];
    case 'object':
      return ['text', ['list']];
    default:
      return [['list'], { a: 'b' }];
  }
}

describe('a wrong core.yaml', () => {
  it.each([...sections])('is refused for a key that %s does not have', async (section) => {
    expect(await problems(nested(`${section}.zzzzzzzz`, 1))).toEqual([`${section}.zzzzzzzz: unknown key`]);
  });

  it.each([...sections])('is refused for a text where %s must hold keys', async (section) => {
    expect(await problems(nested(section, 'text'))).toEqual([
      expect.stringMatching(new RegExp(`^${section}: must hold keys \\(.+\\), not "text"$`)),
    ]);
  });

  it.each(checked)('is refused for every wrong type and unit of %s', async (key, shape) => {
    for (const value of wrong(shape)) {
      expect(await problems(nested(key, value))).toEqual([
        `${key}: ${refusals(shape)}, not ${JSON.stringify(value)}${shape['x-unused'] ? `. ${shape.description ?? ''}` : ''}`,
      ]);
    }
  });

  it.each(checked.filter(([, shape]) => shape.type === 'object'))(
    'is refused with the name that the user chose below %s',
    async (key) => {
      expect(await problems(nested(key, { mycc: { deep: 1 } }))).toEqual([
        `${key}.mycc: must be a text, not {"deep":1}`,
      ]);
    },
  );
});

/** How each kind of setting is refused. */
function refusals(shape: Shape): string {
  if (shape.enum) return `must be ${shape.enum.map((word) => `"${word}"`).join(' or ')}`;
  if (shape.format === 'duration') return 'must be a duration such as 300s or 2m30s';
  switch (shape.type) {
    case 'boolean':
      return 'must be true or false';
    case 'integer':
      return `must be a whole number${(shape.minimum ?? 0) < 0 ? ` of at least ${shape.minimum ?? 0}` : ''}`;
    case 'array':
      return 'must be a list of texts';
    case 'object':
      return 'must hold names and texts';
    default:
      return 'must be a text';
  }
}
