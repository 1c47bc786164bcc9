import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { peer } from '../protos/index.js';
import { validateCodePackage } from './validateCodePackage.js';

const { GOLANG, NODE, JAVA, CAR, UNDEFINED } = peer.ChaincodeSpec.Type;

interface Entry {
  readonly name: string;
  readonly mode?: number;
}

async function archive(...entries: Entry[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { name, mode = 0o100644 } of entries) tar.entry({ name, mode }, 'x');
  tar.finalize();
  return gzipSync(await buffer(tar));
}

describe('the check of a code package', () => {
  it.each([
    ['Go sources', GOLANG, ['src/mycc/main.go', 'META-INF/statedb/couchdb/indexes/a.json']],
    ['Node.js sources', NODE, ['src/package.json', '/src/index.js']],
    ['Java sources', JAVA, ['src/pom.xml', 'src/src/main/java/A.java', 'src/META-INF/a']],
  ])('lets %s pass', async (_, type, names) => {
    const code = await archive(...names.map((name) => ({ name })));
    await expect(validateCodePackage(type, code)).resolves.toBeUndefined();
  });

  it('does not look into a CAR or an empty package', async () => {
    await expect(validateCodePackage(CAR, randomBytes(20))).resolves.toBeUndefined();
    await expect(validateCodePackage(NODE, new Uint8Array())).resolves.toBeUndefined();
  });

  it.each([
    ['outside src', GOLANG, { name: 'bin/tool' }, 'illegal file detected in payload: "bin/tool"'],
    ['that leads out', NODE, { name: '../evil' }, 'illegal file detected in payload: "../evil"'],
    [
      'that may be run',
      NODE,
      { name: 'src/a.sh', mode: 0o100755 },
      'illegal file mode detected for file src/a.sh: 755',
    ],
    ['of Java beside src', JAVA, { name: 'src/readme' }, 'illegal file detected in payload: "src/readme"'],
    [
      'that is compiled',
      JAVA,
      { name: 'src/src/A.class' },
      'illegal file detected in payload: "src/src/A.class"',
    ],
  ])('refuses an entry %s', async (_, type, entry: Entry, why) => {
    const code = await archive(entry);
    await expect(validateCodePackage(type, code)).rejects.toThrow(why);
  });

  it('misses the package.json of a Node.js package', async () => {
    await expect(validateCodePackage(NODE, await archive({ name: 'src/index.js' }))).rejects.toThrow(
      'no package.json found at the root of the chaincode package',
    );
  });

  it('refuses what is no gzip, and an unknown type', async () => {
    await expect(validateCodePackage(GOLANG, Buffer.from('this is no archive'))).rejects.toThrow(
      'failure opening codepackage gzip stream: gzip: invalid header',
    );
    await expect(validateCodePackage(UNDEFINED, await archive())).rejects.toThrow(
      'Unknown chaincodeType: UNDEFINED',
    );
  });

  it('stops reading at its limits', async () => {
    const code = await archive({ name: 'src/a' }, { name: 'src/b' }, { name: 'src/c' });
    const limits = { maxBytes: 1 << 20, maxEntries: 2, maxRatio: 1000, ratioFrom: 1 << 20 };
    await expect(validateCodePackage(GOLANG, code, limits)).rejects.toThrow(
      'code package holds more than 2 entries',
    );
  });
});
