import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultArchiveLimits, type ArchiveLimits } from './tarGz.js';
import { unpackCodePackage } from './unpack.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'unpack-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function archive(
  entries: readonly (readonly [Partial<Header> & { name: string }, string?])[],
): Promise<Buffer> {
  const writer = pack();
  for (const [header, text] of entries) writer.entry(header, text ?? '');
  writer.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of writer) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const limits = (changed: Partial<ArchiveLimits>): ArchiveLimits => ({ ...defaultArchiveLimits, ...changed });

describe('unpacking a code package', () => {
  it('writes files and directories below the folder, without their modes', async () => {
    const bytes = await archive([
      [{ name: 'src/', type: 'directory' }],
      [{ name: 'src/./a/b.js', mode: 0o4777 }, 'hello'],
      [{ name: `src/${'long/'.repeat(60)}x.js` }, 'deep'],
    ]);
    await unpackCodePackage(bytes, dir);
    expect(readFileSync(join(dir, 'src/a/b.js'), 'utf8')).toBe('hello');
    expect(statSync(join(dir, 'src/a/b.js')).mode & 0o7111).toBe(0);
    expect(readFileSync(join(dir, `src/${'long/'.repeat(60)}x.js`), 'utf8')).toBe('deep');
  });

  it.each<[string, Partial<Header> & { name: string }, string]>([
    ['a way out', { name: '../evil' }, 'entry "../evil" leads out of the package'],
    [
      'a way out in the middle',
      { name: 'src/../../evil' },
      'entry "src/../../evil" leads out of the package',
    ],
    ['an absolute name', { name: '/etc/evil' }, 'entry "/etc/evil" has an absolute name'],
    [
      'a symbolic link',
      { name: 'src/l', type: 'symlink', linkname: '/etc' },
      'entry "src/l" is of type symlink',
    ],
    ['a hard link', { name: 'src/l', type: 'link', linkname: 'src/a' }, 'entry "src/l" is of type link'],
    ['a device', { name: 'src/d', type: 'character-device' }, 'entry "src/d" is of type character-device'],
    ['a pipe', { name: 'src/p', type: 'fifo' }, 'entry "src/p" is of type fifo'],
  ])('refuses %s', async (_what, header, text) => {
    const bytes = await archive([[{ name: 'src/first' }, '1'], [header], [{ name: 'src/last' }, '2']]);
    await expect(unpackCodePackage(bytes, dir)).rejects.toThrow(`failed to unpack code package: ${text}`);
    expect(existsSync(join(dir, 'src/last'))).toBe(false);
    expect(existsSync(join(dir, '../evil'))).toBe(false);
  });

  it('refuses a name that is there twice', async () => {
    const bytes = await archive([
      [{ name: 'src/a' }, '1'],
      [{ name: 'src//a' }, '2'],
    ]);
    await expect(unpackCodePackage(bytes, dir)).rejects.toThrow('an entry is there twice');
    expect(readFileSync(join(dir, 'src/a'), 'utf8')).toBe('1');
  });

  it('refuses a file where a directory was', async () => {
    const bytes = await archive([
      [{ name: 'src/a/b' }, '1'],
      [{ name: 'src/a' }, '2'],
    ]);
    await expect(unpackCodePackage(bytes, dir)).rejects.toThrow(/failed to unpack code package: /);
  });

  it('refuses a bomb by its size, its compression and its number of entries', async () => {
    const zeros = await archive([[{ name: 'src/zeros' }, '\0'.repeat(5_000_000)]]);
    expect(zeros.length).toBeLessThan(10_000);
    await expect(unpackCodePackage(zeros, dir, limits({ maxBytes: 1_000_000 }))).rejects.toThrow(
      'failed to unpack code package: code package holds more than 1000000 bytes',
    );
    rmSync(join(dir, 'src'), { recursive: true });
    await expect(unpackCodePackage(zeros, dir, limits({ ratioFrom: 1_000_000 }))).rejects.toThrow(
      'code package is compressed more than 250 times',
    );
    const many = await archive(Array.from({ length: 50 }, (_, i) => [{ name: `src/${i}` }] as const));
    await expect(
      unpackCodePackage(many, mkdtempSync(join(dir, 'many-')), limits({ maxEntries: 20 })),
    ).rejects.toThrow('code package holds more than 20 entries');
  });

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['nothing', () => Buffer.alloc(0), 'EOF'],
    ['nine bytes', (bytes) => bytes.subarray(0, 9), 'unexpected EOF'],
    ['half an archive', (bytes) => bytes.subarray(0, bytes.length / 2), 'unexpected EOF'],
    ['text', () => Buffer.from('this is no archive at all'), 'gzip: invalid header'],
    ['a gzip that holds no tar', () => gzipSync(Buffer.alloc(2048, 'x')), 'archive/tar: invalid tar header'],
    [
      'a tar that breaks off',
      () => gzipSync(Buffer.concat([Buffer.from('x'), Buffer.alloc(99)])),
      'unexpected EOF',
    ],
  ])('refuses %s', async (_what, change, text) => {
    const random = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(33 + ((i * 7919) % 90))).join(
      '',
    );
    const good = await archive([
      [{ name: 'src/a' }, random],
      [{ name: 'src/b' }, random],
    ]);
    await expect(unpackCodePackage(change(good), dir)).rejects.toThrow(
      `failed to unpack code package: ${text}`,
    );
  });

  it('takes an archive without entries', async () => {
    await unpackCodePackage(await archive([]), dir);
    expect(readdirSync(dir)).toEqual([]);
  });
});
