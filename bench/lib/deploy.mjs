// Installs and instantiates samples through the gRPC API, as the CLI does.
import { makeChaincodeDeploymentSpec } from '../../dist/packages/cds.js';
import { makeCodePackage } from '../../dist/packages/codePackage.js';
import fabric from '@hyperledger/fabric-protos';
import { envelope } from './fabricClient.mjs';
import { now } from './stats.mjs';

const { peer } = fabric;

export async function codePackage(path) {
  return (await makeCodePackage({ platform: 'NODE', path })).bytes;
}

export async function install(client, { name, version, path, code }) {
  const spec = makeChaincodeDeploymentSpec({ platform: 'NODE', name, version, path, codePackage: code });
  await client.endorse('lscc', ['install', spec.serializeBinary()], '');
}

/** Instantiates and returns how long the proposal took in ms; the transaction is committed when it resolves. */
export async function instantiate(client, { name, version, args }) {
  const id = new peer.ChaincodeID();
  id.setName(name);
  id.setVersion(version);
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((arg) => Buffer.from(arg)));
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(id);
  spec.setInput(input);
  const deployment = new peer.ChaincodeDeploymentSpec();
  deployment.setChaincodeSpec(spec);
  const start = now();
  const { proposal, response } = await client.endorse('lscc', [
    'deploy',
    client.channel,
    deployment.serializeBinary(),
  ]);
  const took = now() - start;
  await client.broadcast(envelope(client.identity, proposal, response));
  await client.committed(proposal.txId);
  return took;
}
