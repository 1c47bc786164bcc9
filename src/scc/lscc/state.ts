import { LauncherError, messageOf } from '../../errors.js';
import type { SystemChaincodeStub } from '../../launcher/inproc/types.js';
import { decodeChaincodeData } from '../../packages/chaincodeData.js';
import type { ChaincodeDefinition } from '../../packages/chaincodeData.js';

/** The key of a chaincode's collections in lscc's state. */
export function collectionKey(name: string): string {
  return `${name}~collection`;
}

/** Is this key of lscc's state that of a collection package? */
export function isCollectionKey(key: string): boolean {
  return key.endsWith('~collection');
}

/** The value of `lscc/‹name›`. Throws `transaction not found: …` or `could not find chaincode with name '‹n›'`. */
export async function instanceBytes(stub: SystemChaincodeStub, name: string): Promise<Uint8Array> {
  let value: Uint8Array | undefined;
  try {
    value = await stub.getState(name);
  } catch (error) {
    throw new LauncherError(`transaction not found: ${messageOf(error)}`, { cause: error });
  }
  if (!value) throw new LauncherError(`could not find chaincode with name '${name}'`);
  return value;
}

/** Reads a value of lscc's state that must be this chaincode's. */
export function definitionOf(name: string, value: Uint8Array): ChaincodeDefinition {
  let definition: ChaincodeDefinition;
  try {
    definition = decodeChaincodeData(value);
  } catch (error) {
    throw new LauncherError(`error while marshalling: ${name}`, { cause: error });
  }
  if (definition.name !== name) {
    throw new LauncherError(`chaincode name mismatch: ${name}!=${definition.name}`);
  }
  return definition;
}
