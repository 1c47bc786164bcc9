import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needProgram } from './programs.js';

describe('a program that a build needs', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'programs-'));
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is found in the first folder of PATH that has it', async () => {
    writeFileSync(join(dir, 'tool'), '');
    chmodSync(join(dir, 'tool'), 0o755);
    const path = ['', '/nowhere', dir].join(delimiter);
    expect(await needProgram('tool', path, 'this test')).toBe(join(dir, 'tool'));
  });

  it('must be executable', async () => {
    writeFileSync(join(dir, 'tool'), '');
    chmodSync(join(dir, 'tool'), 0o644);
    await expect(needProgram('tool', dir, 'the build of Go chaincode')).rejects.toThrow(
      'the build of Go chaincode needs "tool", which is not in PATH',
    );
  });
});
