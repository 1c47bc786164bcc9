import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectGoFiles } from './goSources.js';

describe('the sources of Go chaincode', () => {
  let gopath: string;

  beforeEach(() => {
    gopath = mkdtempSync(join(tmpdir(), 'gopath-'));
  });

  afterEach(() => rmSync(gopath, { recursive: true, force: true }));

  function write(name: string, text = 'package x\n'): void {
    const file = join(gopath, 'src', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  async function names(path: string): Promise<string[]> {
    return (await collectGoFiles({ path, gopath })).files.map(({ name }) => name);
  }

  it('are the files of its own folder, with META-INF, sorted', async () => {
    write('cc/main.go', 'package main\n');
    write('cc/data.json', '{}');
    write('cc/readme.md', 'no');
    write('cc/sub/other.go');
    write('cc/META-INF/statedb/couchdb/indexes/a.json', '{"index":{"fields":["a"]}}');
    expect(await names('cc')).toEqual([
      'META-INF/statedb/couchdb/indexes/a.json',
      'src/cc/data.json',
      'src/cc/main.go',
    ]);
  });

  it('bring what they import, vendored, but neither the shim nor the standard library', async () => {
    write(
      'cc/main.go',
      'package main\n\nimport (\n\t"fmt"\n\t"example.com/lib"\n\t"github.com/hyperledger/fabric/core/chaincode/shim"\n)\n',
    );
    write('example.com/lib/lib.go', 'package lib\n\nimport "example.com/deep"\n');
    write('example.com/deep/deep.go', 'package deep\n');
    write('github.com/hyperledger/fabric/core/chaincode/shim/shim.go', 'package shim\n');
    expect(await names('cc')).toEqual([
      'src/cc/main.go',
      'src/cc/vendor/example.com/deep/deep.go',
      'src/cc/vendor/example.com/lib/lib.go',
    ]);
  });

  it('must be named, and be there', async () => {
    await expect(names('')).rejects.toThrow('Cannot collect files from empty chaincode path');
    await expect(names('nosuch')).rejects.toThrow(
      `path to chaincode does not exist: ${join(gopath, 'src/nosuch')}`,
    );
  });
});
