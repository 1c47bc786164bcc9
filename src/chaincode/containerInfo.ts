import type { ChaincodeContainerInfo, ChaincodeType } from '../launcher/types.js';
import { peer } from '../protos/index.js';

const typeNames = new Map<number, ChaincodeType>([
  [peer.ChaincodeSpec.Type.GOLANG, 'GOLANG'],
  [peer.ChaincodeSpec.Type.NODE, 'NODE'],
  [peer.ChaincodeSpec.Type.CAR, 'CAR'],
  [peer.ChaincodeSpec.Type.JAVA, 'JAVA'],
]);

/**
 * What a deployment spec says is to run. A type without a platform keeps its number as name, so that the launch
 * fails with `unknown chaincodeType: ‹t›`.
 */
export function containerInfoOf(spec: peer.ChaincodeDeploymentSpec): ChaincodeContainerInfo {
  const chaincode = spec.getChaincodeSpec();
  const id = chaincode?.getChaincodeId();
  const type = chaincode?.getType() ?? 0;
  return {
    name: id?.getName() ?? '',
    version: id?.getVersion() ?? '',
    path: id?.getPath() ?? '',
    type: typeNames.get(type) ?? ((type === 0 ? 'UNDEFINED' : String(type)) as ChaincodeType),
    // A package never names SYSTEM chaincode: that is started by its name, from this process alone.
    containerType: 'DOCKER',
  };
}
