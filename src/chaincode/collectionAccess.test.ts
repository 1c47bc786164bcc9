import { describe, expect, it } from 'vitest';
import { FakeSimulator } from '../../test/support/fakeSimulator.js';
import { common, msp, peer } from '../protos/index.js';
import { stateCollectionAccess } from './collectionAccess.js';

function collection(name: string, memberOnlyRead: boolean, ...mspIds: string[]): peer.CollectionConfig {
  const policy = new common.SignaturePolicyEnvelope();
  policy.setIdentitiesList(
    mspIds.map((mspId) => {
      const role = new msp.MSPRole();
      role.setMspIdentifier(mspId);
      const principal = new msp.MSPPrincipal();
      principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
      principal.setPrincipal(role.serializeBinary());
      return principal;
    }),
  );
  const members = new peer.CollectionPolicyConfig();
  members.setSignaturePolicy(policy);
  const config = new peer.StaticCollectionConfig();
  config.setName(name);
  config.setMemberOnlyRead(memberOnlyRead);
  config.setMemberOrgsPolicy(members);
  const wrapped = new peer.CollectionConfig();
  wrapped.setStaticCollectionConfig(config);
  return wrapped;
}

const simulator = new FakeSimulator();
const configs = new peer.CollectionConfigPackage();
configs.setConfigList([
  collection('open', false, 'Org1MSP'),
  collection('closed', true, 'Org1MSP', 'Org2MSP'),
]);
simulator.setState('lscc', 'mycc~collection', configs.serializeBinary());

function access(creatorMspId: string, name: string, chaincode = 'mycc'): boolean {
  const params = { channelId: 'ch', txId: 'tx', creatorMspId };
  return stateCollectionAccess.hasReadAccess(params, simulator, chaincode, name);
}

describe('read access to a collection', () => {
  it('is everybody’s unless the collection says members only', () => {
    expect(access('Org3MSP', 'open')).toBe(true);
    expect(access('Org2MSP', 'closed')).toBe(true);
    expect(access('Org3MSP', 'closed')).toBe(false);
  });

  it('cannot be had to a collection that does not exist', () => {
    expect(() => access('Org1MSP', 'nosuch')).toThrow('collection ch/mycc/nosuch could not be found');
    expect(() => access('Org1MSP', 'open', 'bare')).toThrow('collection ch/bare/open could not be found');
  });
});
