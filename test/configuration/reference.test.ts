import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadPeerSettings } from '../../src/cli/settings.js';
import { environmentName } from '../../src/config/coreYaml.js';
import { loadConfig, type LoadedConfig } from '../../src/config/load.js';
import { coreKeys, nested, otherValue, unusedKeys } from '../support/coreKeys.js';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'reference-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The rows of the tables of core.yaml: key, variable, default as it is printed. */
const rows = [
  ...page
    .slice(page.indexOf('\n## core.yaml\n'), page.indexOf('\n## Keys of Fabric without use\n'))
    .matchAll(/^\| `([^`]+)`(?:<br>`([^`]+)`)? *\|[^|]*\| (?:`(.+?)`)? *\|/gm),
].map(([, key = '', variable, value]) => ({ key, variable, value }));
/** What stands for sections with the same keys. */
const sameKeys = (key: string): string =>
  key.replace(/^vm\.kubernetes\.(car|java|node)\./, 'vm.kubernetes.golang.');

async function load(values: object, env: NodeJS.ProcessEnv = {}): Promise<LoadedConfig> {
  writeFileSync(join(folder, 'core.yaml'), stringify(values));
  return loadConfig({ env: { FABRIC_CFG_PATH: folder, ...env } });
}

describe('docs/configuration.md', () => {
  it('has each key of core.yaml once: in a table, or among those without use', () => {
    const wanted = new Set([...coreKeys.keys()].filter((key) => !unusedKeys.includes(key)).map(sameKeys));
    expect(rows.map(({ key }) => key).sort()).toEqual([...wanted].sort());
    const without = page.slice(
      page.indexOf('\n## Keys of Fabric without use\n'),
      page.indexOf('\n## Flags\n'),
    );
    expect([...without.matchAll(/^\| `([^`]+)` /gm)].map(([, key]) => key)).toEqual(unusedKeys);
  });

  it.each(rows.filter(({ value }) => value !== undefined))(
    'prints the default that holds without a file: $key $value',
    async ({ key, value = '' }) => {
      const type = coreKeys.get(key)?.type;
      const written = nested(key, type === 'string' ? value : parse(value));
      expect((await load(written)).config).toEqual((await load({})).config);
      const io = {
        env: { FABRIC_CFG_PATH: folder },
        cwd: folder,
        stdout: process.stdout,
        stderr: process.stderr,
      };
      await load({});
      const { address, mspId, mspDir, ...cli } = await loadPeerSettings(io);
      await load(written);
      expect(await loadPeerSettings(io)).toMatchObject(cli);
      // The CLI has no default for whom it calls and as whom, as Fabric's has none.
      expect([address, mspId, mspDir]).toEqual(['', '', '']);
    },
  );

  it.each(rows.filter(({ value }) => value === undefined))(
    'prints no default where an empty value changes nothing: $key',
    async ({ key }) => {
      const shape = coreKeys.get(key);
      const empty = shape?.type === 'string' ? '' : shape?.type === 'array' ? [] : {};
      expect((await load(nested(key, empty))).config).toEqual((await load({})).config);
    },
  );

  it.each(rows.filter(({ variable }) => variable !== undefined))(
    'names the variable that sets $key',
    async ({ key, variable = '' }) => {
      const value = otherValue(key, coreKeys.get(key)!);
      const fromVariable = await load({}, { [variable]: String(value) });
      expect(fromVariable.config).toEqual((await load(nested(key, value))).config);
      const docker = expect.stringContaining('vm.endpoint has no use') as string;
      expect(fromVariable.warnings).toEqual(key === 'vm.endpoint' ? [docker] : []);
    },
  );

  it('names no variable where none can hold the value', async () => {
    for (const { key } of rows.filter(({ variable }) => variable === undefined)) {
      expect(['object', undefined]).toContain(coreKeys.get(key)?.type);
      const env = { [environmentName(key)]: 'other' };
      if (coreKeys.get(key)?.type === 'object')
        await expect(load({}, env)).rejects.toThrow(environmentName(key));
    }
  });
});

describe('the examples of core.yaml', () => {
  it.each(['process', 'kubernetes', 'docker'] as const)('load: %s', async (provider) => {
    const file = join(root, 'samples/core-yaml', `${provider}.yaml`);
    const { config, warnings } = await loadConfig({ env: {}, config: file });
    expect([config.vm.provider, config.peer.localMspId, warnings, config.notes]).toEqual([
      provider,
      'Org1MSP',
      [],
      [],
    ]);
    expect(page).toContain(readFileSync(file, 'utf8'));
  });

  it('say of Pods what the schema of Pods takes', async () => {
    const { podSettings, podSettingsByName } = await import('../../src/k8s/provider/podSettings.js');
    const { config } = await loadConfig({ env: {}, config: join(root, 'samples/core-yaml/kubernetes.yaml') });
    const { pod, pods, timeouts } = config.vm.kubernetes;
    expect(podSettings(pod ?? {}, 'pod').resources?.limits).toEqual({ memory: '512Mi' });
    expect(podSettingsByName(pods ?? {}, 'pods')['bigcc']?.resources?.limits).toEqual({ memory: '2Gi' });
    expect(timeouts.buildSeconds).toBe(600);
  });
});
