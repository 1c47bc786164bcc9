import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectionProfile } from '../devnet/connectionProfile.js';
import type { DevNode, DevOrganisation } from '../devnet/layout.js';
import type { DevNetwork } from '../devnet/network.js';
import { peerEnvText } from '../devnet/peerEnv.js';
import type { PeerNode } from './peerNode.js';

/** A development network as its clients see it. */
export interface DevClients {
  readonly network: DevNetwork;
  readonly organisation: DevOrganisation;
  readonly peer: DevNode;
  /** host:port that clients dial. */
  readonly peerAddress: string;
  readonly ordererAddress: string;
}

/** What clients need: the environment of the CLI, a core.yaml for it, connection profiles and a machine-readable summary. */
export async function writeClientFiles(
  data: string,
  clients: DevClients,
  running: PeerNode,
): Promise<{ envFile: string; profileFile: string }> {
  const { network, organisation, peer, peerAddress, ordererAddress } = clients;
  const ordererNode = network.ordererOrg.nodes[0];
  const envFile = join(data, 'peer.env');
  const profileFile = join(data, `connection-${organisation.domain.split('.')[0] ?? 'org'}.json`);
  await writeFile(
    envFile,
    `${peerEnvText(clients)}export FABRIC_CFG_PATH='${data}'\nexport CORE_OPERATIONS_LISTENADDRESS='${running.operationsAddress}'\n`,
  );
  await writeFile(
    join(data, 'core.yaml'),
    '# For the CLI, which wants a core.yaml in FABRIC_CFG_PATH.\npeer: {}\n',
  );
  await writeFile(profileFile, `${JSON.stringify(await profileOf(clients), null, 2)}\n`);
  const summary = {
    channel: network.channelId,
    peer: {
      address: peerAddress,
      tlsCa: peer.tls.caFile,
      chaincode: running.chaincodeAddress,
      operations: running.operationsAddress,
    },
    orderer: { address: ordererAddress, tlsCa: ordererNode?.tls.caFile },
    msp: {
      id: organisation.mspId,
      adminDir: organisation.admin.mspDir,
      userDir: organisation.users[0]?.mspDir,
    },
    tls: { cert: peer.tls.certFile, key: peer.tls.keyFile },
  };
  await writeFile(join(data, 'dev.json'), `${JSON.stringify(summary, null, 2)}\n`);
  return { envFile, profileFile };
}

/** A connection profile for the Fabric SDKs. */
export function profileOf(clients: DevClients): Promise<object> {
  const { network, organisation, peer, peerAddress, ordererAddress } = clients;
  const ordererNode = network.ordererOrg.nodes[0];
  const addresses = new Map([[peer.name, peerAddress]]);
  if (ordererNode) addresses.set(ordererNode.name, ordererAddress);
  return connectionProfile({ network, organisation, addresses });
}
