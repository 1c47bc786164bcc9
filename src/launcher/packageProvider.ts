import type { PackageStore } from '../packages/types.js';
import type { PackageProvider } from './runtimeLauncher.js';

/** Gives the code packages of the install store. */
export function storePackageProvider(store: Pick<PackageStore, 'get'>): PackageProvider {
  return {
    codePackage: async (name, version) => (await store.get(name, version)).spec.getCodePackage_asU8(),
  };
}
