import { join } from 'node:path';
import type { VMProvider } from '../launcher/types.js';
import type { UserProviderParts } from './userProviderParts.js';

/** Makes the VMProvider that vm.provider names. Only what it needs is loaded. */
export async function userProvider(parts: UserProviderParts): Promise<VMProvider> {
  const { config, logs } = parts;
  switch (config.vm.provider) {
    case 'process': {
      const { ProcessVMProvider } = await import('../launcher/process/provider.js');
      return new ProcessVMProvider({
        dir: parts.processDir ?? join(config.peer.fileSystemPath, 'chaincode-processes'),
        logger: logs.logger('container'),
        chaincodeLogger: (name) => logs.logger(name),
      });
    }
    case 'docker': {
      const { dockerProvider } = await import('./dockerProvider.js');
      return dockerProvider(parts);
    }
    case 'kubernetes': {
      const { kubernetesProvider } = await import('./kubernetesProvider.js');
      return kubernetesProvider(parts);
    }
  }
}
