import { LauncherError } from '../errors.js';

const namePattern = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const versionPattern = /^[A-Za-z0-9_.+-]+$/;

/** Is this a chaincode name that lscc accepts (contract 7.1)? */
export function isChaincodeName(name: string): boolean {
  return namePattern.test(name);
}

/** Is this a chaincode version that lscc accepts (contract 7.1)? */
export function isChaincodeVersion(version: string): boolean {
  return versionPattern.test(version);
}

/** Throws lscc's text for a bad chaincode name. */
export function checkChaincodeName(name: string): void {
  if (isChaincodeName(name)) return;
  throw new LauncherError(
    `invalid chaincode name '${name}'. Names must start with an alphanumeric character and can only consist of alphanumerics, '_', and '-'`,
  );
}

/** Throws lscc's text for a bad chaincode version (with Fabric's two spaces). */
export function checkChaincodeVersion(version: string): void {
  if (isChaincodeVersion(version)) return;
  throw new LauncherError(
    `invalid chaincode version '${version}'. Versions must not be empty and can only consist of alphanumerics, '_',  '-', '+', and '.'`,
  );
}
