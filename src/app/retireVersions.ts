import { messageOf } from '../errors.js';
import type { Logger } from '../ops/log.js';
import { decodeChaincodeData } from '../packages/chaincodeData.js';
import type { Channel } from '../peer/channel.js';
import type { BlockListener } from '../peer/types.js';

export interface RetireParts {
  readonly channels: { list(): readonly Pick<Channel, 'ledger'>[] };
  /** Stops the versions of a chaincode that are not named. */
  readonly chaincodes: { stopUnused(name: string, versionsInUse: readonly string[]): Promise<void> };
  readonly logger: Logger;
}

/** Stops the old version of a chaincode once the upgrade is committed, unless another channel still uses it. */
export function retireVersions({ channels, chaincodes, logger }: RetireParts): BlockListener {
  return {
    blockCommitted: (event) => {
      const upgraded = event.chaincodes.filter(({ kind }) => kind === 'upgrade').map(({ name }) => name);
      for (const name of new Set(upgraded)) {
        const inUse = channels.list().flatMap(({ ledger }) => committedVersion(ledger, name) ?? []);
        chaincodes
          .stopUnused(name, inUse)
          .catch((error: unknown) =>
            logger.error(
              { chaincode: name, err: error },
              `could not stop an old version: ${messageOf(error)}`,
            ),
          );
      }
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
