import { createServer } from 'node:net';

/** The ports of a development network. */
export interface DevPorts {
  readonly peer: number;
  readonly chaincode: number;
  readonly orderer: number;
  readonly operations: number;
}

export const fabricPorts: DevPorts = { peer: 7051, chaincode: 7052, orderer: 7050, operations: 9443 };

/** Four ports that are free now. They are chosen before the network is made, because its configuration names them. */
export async function freePorts(): Promise<DevPorts> {
  const holders = await Promise.all([hold(), hold(), hold(), hold()]);
  const [peer = 0, chaincode = 0, orderer = 0, operations = 0] = holders.map(({ port }) => port);
  await Promise.all(holders.map(({ release }) => release()));
  return { peer, chaincode, orderer, operations };
}

function hold(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address ? address.port : 0,
        release: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}
