import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../test/support/silentLogger.js';
import { parseCCPackage } from './ccPackage.js';
import { makeChaincodeDeploymentSpec } from './cds.js';
import { FilePackageStore } from './fileStore.js';
import type { CCPackage } from './types.js';

function packageOf(name: string, version: string, code = 'code'): CCPackage {
  const spec = { platform: 'NODE', name, version, path: 'p', codePackage: Buffer.from(code) } as const;
  return parseCCPackage(makeChaincodeDeploymentSpec(spec).serializeBinary());
}

describe('the store of installed packages', () => {
  let dir: string;
  let store: FilePackageStore;

  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), 'packages-')), 'chaincodes');
    store = new FilePackageStore({ dir, logger: silentLogger() });
  });

  afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

  it('keeps the received bytes under name and version', async () => {
    const given = packageOf('mycc', '1.0.1');
    await store.put(given);
    expect(Uint8Array.from(readFileSync(join(dir, 'mycc.1.0.1')))).toEqual(Uint8Array.from(given.bytes));
    expect((await store.get('mycc', '1.0.1')).id).toEqual(given.id);
  });

  it('never replaces a package', async () => {
    await store.put(packageOf('mycc', '1.0'));
    await expect(store.put(packageOf('mycc', '1.0', 'other'))).rejects.toThrow(
      `error installing chaincode code mycc:1.0(chaincode ${join(dir, 'mycc.1.0')} exists)`,
    );
    expect(readdirSync(dir)).toEqual(['mycc.1.0']);
    expect((await store.get('mycc', '1.0')).id).toEqual(packageOf('mycc', '1.0').id);
  });

  it('lets one of many installs at once win', async () => {
    const codes = Array.from({ length: 10 }, (_, i) => packageOf('mycc', '1.0', `code ${i}`));
    const results = await Promise.allSettled(codes.map((one) => store.put(one)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(dir)).toEqual(['mycc.1.0']);
  });

  it('says which file is missing', async () => {
    await expect(store.get('no', '1')).rejects.toThrow(
      `open ${join(dir, 'no.1')}: no such file or directory`,
    );
    expect(existsSync(dir)).toBe(false);
  });

  it('lists what it can read, by name', async () => {
    expect(await store.list()).toEqual([]);
    for (const name of ['b', 'a']) await store.put(packageOf(name, '1.0'));
    writeFileSync(join(dir, 'garbage.1.0'), 'garbage');
    await store.put(packageOf('c', '1.0'));
    renameSync(join(dir, 'c.1.0'), join(dir, 'd.1.0'));
    expect((await store.list()).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('reads a file again that was exchanged', async () => {
    await store.put(packageOf('mycc', '1.0'));
    await store.get('mycc', '1.0');
    const other = packageOf('mycc', '1.0', 'exchanged');
    rmSync(join(dir, 'mycc.1.0'));
    writeFileSync(join(dir, 'mycc.1.0'), other.bytes);
    expect((await store.get('mycc', '1.0')).id).toEqual(other.id);
  });
});
