import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { dockerProvider } from '../../src/app/dockerProvider.js';
import { loadConfig } from '../../src/config/load.js';
import { LogRegistry } from '../../src/ops/logRegistry.js';
import { vmContract } from '../support/vmContract.js';
import { chaincodeImages, containers, docker, endpoint, leftFolders, nodeImage } from './support/engine.js';

vmContract({
  name: 'docker',
  timeoutMs: 60_000,
  open: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'docker-contract-'));
    const { config } = await loadConfig({
      env: {},
      overrides: {
        'peer.networkId': 'contract',
        'peer.id': 'peer0',
        'peer.fileSystemPath': dir,
        'vm.endpoint': endpoint,
        'chaincode.builder': nodeImage,
        'chaincode.node.runtime': nodeImage,
      },
    });
    const logs = await LogRegistry.create({ spec: 'fatal' });
    const parts = { config, logs, metrics: new Registry(), launchCa: undefined };
    return {
      provider: await dockerProvider({ ...parts, chaincodeAddress: () => '' }),
      // The engine is the tests' own: builders, which have no name of ours, count as well.
      remains: async () => [...(await containers()), ...leftFolders(dir)],
      kill: async ({ request: { ccid } }) => {
        await docker('kill', `contract-peer0-${ccid.name}-${ccid.version}`);
      },
      remove: async () => {
        rmSync(dir, { recursive: true });
        const images = await chaincodeImages('contract');
        if (images.length > 0) await docker('rmi', '-f', ...images);
      },
    };
  },
});
