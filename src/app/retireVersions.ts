import type { CompiledConfig } from '../config/compile.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../ops/log.js';
import { decodeChaincodeData } from '../packages/chaincodeData.js';
import type { Channel } from '../peer/channel.js';
import type { BlockListener } from '../peer/types.js';

export interface RetireParts {
  readonly channels: { list(): readonly Pick<Channel, 'ledger'>[] };
  /** Stops the versions of a chaincode that are not named, but for the `keep` newest of them. */
  readonly chaincodes: {
    stopUnused(name: string, versionsInUse: readonly string[], keep: number): Promise<void>;
  };
  readonly policy: CompiledConfig['vm']['retire'];
  readonly logger: Logger;
}

/** Stops old versions until it is stopped itself. */
export interface VersionRetirement extends BlockListener {
  stop(): void;
}

/** Stops the old version of a chaincode once the upgrade is committed, unless another channel still uses it. */
export function retireVersions({ channels, chaincodes, policy, logger }: RetireParts): VersionRetirement {
  const timers = new Set<NodeJS.Timeout>();
  const retire = (name: string): void => {
    // Looked at when the grace is over: a channel may use a version again by then.
    const inUse = channels.list().flatMap(({ ledger }) => committedVersion(ledger, name) ?? []);
    chaincodes
      .stopUnused(name, inUse, policy.keep)
      .catch((error: unknown) =>
        logger.error({ chaincode: name, err: error }, `could not stop an old version: ${messageOf(error)}`),
      );
  };
  return {
    blockCommitted: (event) => {
      const upgraded = event.chaincodes.filter(({ kind }) => kind === 'upgrade').map(({ name }) => name);
      for (const name of new Set(upgraded)) {
        const timer = setTimeout(() => {
          timers.delete(timer);
          retire(name);
        }, policy.graceMs);
        timers.add(timer);
      }
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function committedVersion(ledger: Channel['ledger'], name: string): string | undefined {
  const state = ledger.newQueryExecutor();
  try {
    const definition = state.getState('lscc', name);
    return definition && decodeChaincodeData(definition).version;
  } finally {
    state.done();
  }
}
