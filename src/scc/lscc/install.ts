import { LauncherError, messageOf } from '../../errors.js';
import { parseCCPackage } from '../../packages/ccPackage.js';
import { checkStateDbArtifacts, readStateDbArtifacts } from '../../packages/metaInf.js';
import { checkChaincodeName, checkChaincodeVersion } from '../../packages/names.js';
import type { CCPackage } from '../../packages/types.js';
import { systemChaincodeNames } from '../registry.js';
import type { LsccOptions } from './options.js';

/** Keeps a package on this peer (contract 7.4). Its code is not looked into beyond META-INF. */
export async function install(options: LsccOptions, packageBytes: Uint8Array): Promise<void> {
  const ccPackage = parseCCPackage(packageBytes);
  const { name, version } = ccPackage;
  checkChaincodeName(name);
  checkChaincodeVersion(version);
  if (systemChaincodeNames.has(name)) {
    throw new LauncherError(`cannot install: ${name} is the name of a system chaincode`);
  }
  await checkMetadata(ccPackage);
  await options.packages.put(ccPackage);
  options.logger.info(`Installed Chaincode [${name}] Version [${version}] to peer`);
}

async function checkMetadata(ccPackage: CCPackage): Promise<void> {
  const artifacts = await readStateDbArtifacts(ccPackage);
  try {
    checkStateDbArtifacts(artifacts);
  } catch (error) {
    throw new LauncherError(`invalid state database artifact: ${messageOf(error)}`, { cause: error });
  }
}
