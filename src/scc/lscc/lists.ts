import type { SystemChaincodeStub } from '../../launcher/inproc/types.js';
import type { ChaincodeDefinition } from '../../packages/chaincodeData.js';
import { LauncherError } from '../../errors.js';
import type { PackageStore } from '../../packages/types.js';
import { peer } from '../../protos/index.js';
import { collectionKey, definitionOf, isCollectionKey } from './state.js';

/** ChaincodeQueryResponse with what the channel has instantiated, by name; the path is that of the installed package. */
export async function instantiatedChaincodes(
  packages: PackageStore,
  stub: SystemChaincodeStub,
): Promise<Uint8Array> {
  const response = new peer.ChaincodeQueryResponse();
  for (const { key, value } of await stub.getStateByRange('', '')) {
    if (isCollectionKey(key)) continue;
    const definition = definitionOf(key, value);
    const info = new peer.ChaincodeInfo();
    info.setName(definition.name);
    info.setVersion(definition.version);
    info.setPath(await installedPath(packages, definition));
    info.setEscc(definition.escc);
    info.setVscc(definition.vscc);
    response.addChaincodes(info);
  }
  return response.serializeBinary();
}

/** A chaincode may be instantiated without being installed on this peer: then there is no path to tell. */
async function installedPath(packages: PackageStore, definition: ChaincodeDefinition): Promise<string> {
  try {
    return (await packages.get(definition.name, definition.version)).path;
  } catch {
    return '';
  }
}

/** ChaincodeQueryResponse with the packages installed on this peer. */
export async function installedChaincodes(packages: PackageStore): Promise<Uint8Array> {
  const response = new peer.ChaincodeQueryResponse();
  for (const { name, version, path, id } of await packages.list()) {
    const info = new peer.ChaincodeInfo();
    info.setName(name);
    info.setVersion(version);
    info.setPath(path);
    info.setId(id);
    response.addChaincodes(info);
  }
  return response.serializeBinary();
}

/** The CollectionConfigPackage of a chaincode as it was given. */
export async function collectionsOf(stub: SystemChaincodeStub, name: string): Promise<Uint8Array> {
  const value = await stub.getState(collectionKey(name));
  if (!value) throw new LauncherError(`collections config not defined for chaincode ${name}`);
  return value;
}
