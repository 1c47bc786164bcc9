import { LauncherError } from '../errors.js';
import { platformOfNumber } from './platform.js';
import { ArchiveLimitError, gzipHeaderError, readTarGz, type ArchiveLimits } from './tarGz.js';

const sourceNames = /^(\/)?(src|META-INF)\/.*/;
const javaNames = /^(\/)?src\/((src|META-INF)\/.*|(build\.gradle|settings\.gradle|pom\.xml))/;
/** A regular file that anyone may read and write, nobody may run: 0100666. */
const allowedMode = 0o100666;

/**
 * The check of a code package at instantiate, upgrade and commit (contract 5.7); install does not make it.
 * As in Fabric an empty package passes and a broken archive ends the check without an error: its build fails later.
 * @param type ChaincodeSpec.Type number
 * @throws Fabric's texts, `Unknown chaincodeType: ‹t›` among them
 */
export async function validateCodePackage(
  type: number,
  codePackage: Uint8Array,
  limits?: ArchiveLimits,
): Promise<void> {
  const platform = platformOfNumber(type);
  if (platform === undefined) {
    throw new LauncherError(`Unknown chaincodeType: ${type === 0 ? 'UNDEFINED' : type}`);
  }
  if (platform === 'CAR' || codePackage.length === 0) return;
  const headerError = gzipHeaderError(codePackage);
  if (headerError !== undefined) {
    throw new LauncherError(`failure opening codepackage gzip stream: ${headerError}`);
  }
  const names = platform === 'JAVA' ? javaNames : sourceNames;
  const seen = await checkEntries(codePackage, names, limits);
  if (platform === 'JAVA') {
    const compiled = seen.find((name) => name.endsWith('.class'));
    if (compiled !== undefined) {
      throw new LauncherError(`illegal file detected in payload: "${compiled}"`);
    }
  }
  if (platform === 'NODE' && !seen.includes('src/package.json')) {
    throw new LauncherError('no package.json found at the root of the chaincode package');
  }
}

async function checkEntries(bytes: Uint8Array, names: RegExp, limits?: ArchiveLimits): Promise<string[]> {
  const seen: string[] = [];
  try {
    for await (const { header } of readTarGz(bytes, limits)) {
      if (!names.test(header.name))
        throw new IllegalEntry(`illegal file detected in payload: "${header.name}"`);
      const mode = header.mode;
      if ((mode & ~allowedMode) !== 0) {
        throw new IllegalEntry(`illegal file mode detected for file ${header.name}: ${mode.toString(8)}`);
      }
      seen.push(header.name);
    }
  } catch (error) {
    if (error instanceof ArchiveLimitError || isIllegal(error)) throw error;
    // Fabric takes any other read error for the end of the archive.
  }
  return seen;
}

class IllegalEntry extends LauncherError {
  override readonly name = 'IllegalEntry';
}

function isIllegal(error: unknown): boolean {
  return error instanceof IllegalEntry;
}
