const readers = '/Channel/Application/Readers';
const writers = '/Channel/Application/Writers';

/** Which channel policy guards a resource unless the channel's configuration names another one (contract 9). */
export const defaultPolicies: ReadonlyMap<string, string> = new Map([
  ['lscc/ChaincodeExists', readers],
  ['lscc/GetDeploymentSpec', readers],
  ['lscc/GetChaincodeData', readers],
  ['lscc/GetInstantiatedChaincodes', readers],
  ['lscc/GetCollectionsConfig', readers],
  ['qscc/GetChainInfo', readers],
  ['qscc/GetBlockByNumber', readers],
  ['qscc/GetBlockByHash', readers],
  ['qscc/GetTransactionByID', readers],
  ['qscc/GetBlockByTxID', readers],
  ['cscc/GetConfigBlock', readers],
  ['cscc/GetConfigTree', readers],
  ['cscc/SimulateConfigTreeUpdate', writers],
  ['peer/Propose', writers],
  ['peer/ChaincodeToChaincode', writers],
  ['event/Block', readers],
  ['event/FilteredBlock', readers],
]);
