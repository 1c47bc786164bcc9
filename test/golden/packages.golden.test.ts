import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ccPackageFromFileBytes, parseCCPackage, platformOf } from '../../src/packages/ccPackage.js';
import { decodeChaincodeData, encodeChaincodeData } from '../../src/packages/chaincodeData.js';
import { makeCodePackage } from '../../src/packages/codePackage.js';
import { sha256 } from '../../src/packages/hashes.js';
import { numberOfPlatform } from '../../src/packages/platform.js';
import { readTarGz } from '../../src/packages/tarGz.js';
import { validateCodePackage } from '../../src/packages/validateCodePackage.js';
import { describeGolden, fixture, fixtureJson } from '../support/fixtures.js';

interface RecordedPackage {
  readonly file: string;
  readonly format: string;
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly type: number;
  readonly codePackageSha256: string;
  readonly installedId: string | null;
  readonly instantiationPolicyHex?: string;
  readonly entries: readonly { readonly name: string; readonly size: number }[];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describeGolden('recorded packages', 'packages', () => {
  const index = fixtureJson('packages', 'index.json') as { readonly '14': readonly RecordedPackage[] };

  it.each(index['14'])('$file has the recorded name, hash and id', (recorded) => {
    const bytes = fixture('packages', recorded.file);
    for (const ccPackage of [parseCCPackage(bytes), ccPackageFromFileBytes(bytes)]) {
      expect(ccPackage.format).toBe(recorded.format === 'ChaincodeDeploymentSpec' ? 'cds' : 'signed');
      expect([ccPackage.name, ccPackage.version, ccPackage.path]).toEqual([
        recorded.name,
        recorded.version,
        recorded.path,
      ]);
      expect(numberOfPlatform(platformOf(ccPackage)!)).toBe(recorded.type);
      expect(hex(sha256(ccPackage.spec.getCodePackage_asU8()))).toBe(recorded.codePackageSha256);
      if (recorded.installedId !== null) expect(hex(ccPackage.id)).toBe(recorded.installedId);
      expect(ccPackage.instantiationPolicy && hex(ccPackage.instantiationPolicy)).toBe(
        recorded.instantiationPolicyHex,
      );
    }
  });
});

/** The sources of a recorded package laid out on disk again. */
async function layOut(dir: string, codePackage: Uint8Array, below: string): Promise<void> {
  for await (const { header, content } of readTarGz(codePackage)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const file = join(
      dir,
      header.name.startsWith('META-INF') ? header.name : header.name.slice(below.length),
    );
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.concat(chunks));
  }
}

describeGolden('code packages made from the recorded sources', 'packages', () => {
  it.each([
    ['14/go.cds', 'GOLANG', 'src/cc/ks/'],
    ['14/go-metainf.cds', 'GOLANG', 'src/cc/ksmeta/'],
    ['14/node.cds', 'NODE', 'src/'],
    ['14/java.cds', 'JAVA', 'src/'],
  ] as const)('%s: the same tar, byte for byte, which validates', async (file, platform, below) => {
    const recorded = parseCCPackage(fixture('packages', file));
    const codePackage = recorded.spec.getCodePackage_asU8();
    const gopath = mkdtempSync(join(tmpdir(), 'packages-'));
    try {
      const dir = platform === 'GOLANG' ? join(gopath, below) : gopath;
      await layOut(dir, codePackage, below);
      const path = platform === 'GOLANG' ? recorded.path : gopath;
      const { bytes } = await makeCodePackage({ platform, path, gopath });
      expect(hex(gunzipSync(bytes))).toBe(hex(gunzipSync(codePackage)));
      const type = numberOfPlatform(platform);
      await validateCodePackage(type, codePackage);
      await validateCodePackage(type, bytes);
    } finally {
      rmSync(gopath, { recursive: true, force: true });
    }
  });
});

describeGolden('recorded lscc state', 'chain-14', () => {
  interface Entry {
    readonly key?: string;
    readonly valueBase64?: string;
  }
  const state = fixtureJson('chain-14', 'state.json') as {
    readonly namespaces: Readonly<Record<string, readonly Entry[]>>;
  };
  const entries = state.namespaces['lscc']!.filter((entry) => !entry.key?.includes('~'));

  it.each(entries)('the definition of $key decodes and encodes to the same bytes', (entry) => {
    const value = Buffer.from(entry.valueBase64!, 'base64');
    const definition = decodeChaincodeData(value);
    expect(definition.name).toBe(entry.key);
    expect(definition.escc).toBe('escc');
    expect(definition.id).toHaveLength(32);
    expect(hex(encodeChaincodeData(definition))).toBe(value.toString('hex'));
  });
});
