import { LauncherError, messageOf } from '../../errors.js';
import { checkAgainstDefinition } from '../../packages/ccPackage.js';
import type { ChaincodeDefinition } from '../../packages/chaincodeData.js';
import type { CCPackage, PackageStore } from '../../packages/types.js';

/**
 * The installed package of a definition, with the proof that it is the one that was instantiated.
 * Throws `invalid deployment spec: ‹why›` or `chaincode fingerprint mismatch: ‹why›`.
 */
export async function installedCode(
  packages: PackageStore,
  definition: ChaincodeDefinition,
): Promise<CCPackage> {
  let ccPackage: CCPackage;
  try {
    ccPackage = await packages.get(definition.name, definition.version);
  } catch (error) {
    throw new LauncherError(`invalid deployment spec: ${messageOf(error)}`, { cause: error });
  }
  try {
    checkAgainstDefinition(ccPackage, definition);
  } catch (error) {
    throw new LauncherError(`chaincode fingerprint mismatch: ${messageOf(error)}`, { cause: error });
  }
  return ccPackage;
}
