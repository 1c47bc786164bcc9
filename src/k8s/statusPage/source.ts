import type { ChaincodeLaunch } from '../api/chaincodeLaunch.js';

/** Where the page gets its launches from: the operator's cache, which a standby keeps as fresh as the leader does. */
export interface LaunchSource {
  launches(): Iterable<ChaincodeLaunch>;
  /** @param key `namespace/name` */
  launch(key: string): ChaincodeLaunch | undefined;
  /** Told after every change of a launch. Returns what ends it. */
  onChange(listener: (key: string) => void): () => void;
  state(): SourceState;
}

export interface SourceState {
  readonly leads: boolean;
  /** The first list is here. */
  readonly synced: boolean;
  /** Why the cache does not follow the API server at the moment. */
  readonly trouble: unknown;
}
