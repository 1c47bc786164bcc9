import { LauncherError } from '../errors.js';
import { decode, peer } from '../protos/index.js';
import type { StateReader } from './ledgerDb.js';
import type { CollectionGuard } from './queryExecutor.js';

/** Reads one value of lscc's namespace, as of some moment. */
export type LsccRead = (key: string) => Uint8Array | undefined;

/** The static collection configurations of a chaincode; empty when it has none. */
export function collectionConfigs(chaincode: string, readLscc: LsccRead): peer.StaticCollectionConfig[] {
  const bytes = readLscc(`${chaincode}~collection`);
  if (!bytes) return [];
  const configs = decode(peer.CollectionConfigPackage, bytes, 'CollectionConfigPackage').getConfigList();
  return configs.flatMap((config) => config.getStaticCollectionConfig() ?? []);
}

/** Blocks after which a collection's data leaves; 0 = never. */
export function blockToLive(chaincode: string, collection: string, readLscc: LsccRead): number {
  const config = collectionConfigs(chaincode, readLscc).find((one) => one.getName() === collection);
  return config?.getBlockToLive() ?? 0;
}

/** Lets a simulator touch only collections that the chaincode's definition names. */
export class ChannelCollectionGuard implements CollectionGuard {
  readonly #channelId: string;

  constructor(channelId: string) {
    this.#channelId = channelId;
  }

  requireForRead(state: StateReader, namespace: string, collection: string): void {
    if (!this.#names(state, namespace).includes(collection)) {
      throw new LauncherError(`collection ${this.#channelId}/${namespace}/${collection} could not be found`);
    }
  }

  requireForWrite(state: StateReader, namespace: string, collection: string): void {
    const names = this.#names(state, namespace);
    if (names.length === 0) {
      throw new LauncherError(
        `collection config not defined for chaincode [${namespace}], pass the collection configuration upon chaincode definition/instantiation`,
      );
    }
    if (!names.includes(collection)) {
      throw new LauncherError(
        `collection [${collection}] not defined in the collection config for chaincode [${namespace}]`,
      );
    }
  }

  #names(state: StateReader, namespace: string): string[] {
    return collectionConfigs(namespace, (key) => state.get('lscc', key)?.value).map((config) =>
      config.getName(),
    );
  }
}
