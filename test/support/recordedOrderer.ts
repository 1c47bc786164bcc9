import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GrpcServer } from '../../src/grpc/server.js';
import { loadLocalMsp } from '../../src/msp/localMsp.js';
import { SoloOrderer } from '../../src/ordering/soloOrderer.js';
import { fixture, fixturesDir } from './fixtures.js';
import { recordedBlock } from './recordedChain.js';
import { silentLogger } from './silentLogger.js';

const nodeDir = 'crypto-14/ordererOrganizations/example.com/orderers/orderer.example.com';

/** Our orderer with the identity of the recorded one, at the begin of the recorded channel; no peer gets its blocks. */
export async function recordedOrderer(): Promise<{
  address: string;
  caFile: string;
  close(): Promise<void>;
}> {
  const dir = await mkdtemp(join(tmpdir(), 'recorded-orderer-'));
  const { signer } = await loadLocalMsp(join(fixturesDir, nodeDir, 'msp'), 'OrdererMSP');
  const orderer = new SoloOrderer({ dir, signer, logger: silentLogger() });
  await orderer.addChannel(recordedBlock('chain-14', 0));
  const server = new GrpcServer({
    address: '127.0.0.1:0',
    tls: { cert: fixture(nodeDir, 'tls/server.crt'), key: fixture(nodeDir, 'tls/server.key') },
  });
  const { definition, implementation } = orderer.service();
  server.addService(definition, implementation);
  await server.start();
  return {
    address: server.address,
    caFile: join(fixturesDir, nodeDir, 'tls/ca.crt'),
    async close(): Promise<void> {
      await server.stop(0);
      await orderer.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
