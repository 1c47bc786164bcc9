import { expect, it } from 'vitest';
import { ccPackageFromFileBytes, parseCCPackage, platformOf } from '../../src/packages/ccPackage.js';
import { decodeChaincodeData, encodeChaincodeData } from '../../src/packages/chaincodeData.js';
import { sha256 } from '../../src/packages/hashes.js';
import { numberOfPlatform } from '../../src/packages/platform.js';
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
