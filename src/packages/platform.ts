import { LauncherError } from '../errors.js';
import { peer } from '../protos/index.js';

/** The platforms of Fabric 1.4, by the names of ChaincodeSpec.Type. */
export type Platform = 'GOLANG' | 'NODE' | 'CAR' | 'JAVA';

const numbers: Readonly<Record<Platform, 1 | 2 | 3 | 4>> = { GOLANG: 1, NODE: 2, CAR: 3, JAVA: 4 };

/** The name of a ChaincodeSpec.Type number; undefined for UNDEFINED (0) and numbers that Fabric does not know. */
export function platformOfNumber(type: number): Platform | undefined {
  return (Object.keys(numbers) as Platform[]).find((name) => numbers[name] === type);
}

/** The ChaincodeSpec.Type number of a platform. */
export function numberOfPlatform(
  platform: Platform,
): peer.ChaincodeSpec.TypeMap[keyof peer.ChaincodeSpec.TypeMap] {
  return numbers[platform];
}

/**
 * The platform that the CLI's --lang names, in any case (`golang`, `node`, `java`, `car`).
 * @throws `Unknown chaincodeType: UNDEFINED` as `peer chaincode package` says it for any other word
 */
export function platformOfLanguage(language: string): Platform {
  const name = language.toUpperCase();
  if (name in numbers) return name as Platform;
  throw new LauncherError('Unknown chaincodeType: UNDEFINED');
}
