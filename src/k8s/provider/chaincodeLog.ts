import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.js';
import { LastLines } from '../../launcher/lines.js';
import type { Logger } from '../../ops/log.js';
import type { ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { KubeClient } from '../client/kubeClient.js';
import type { Attempt, FollowedOutput } from './attempt.js';
import type { LaunchWatch } from './launchWatch.js';
import { followPodLog } from './podLog.js';

export interface ChaincodeLogOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly watch: LaunchWatch;
  readonly attempt: Attempt;
  /** The logger of this chaincode. */
  readonly output: Pick<Logger, 'info'>;
  readonly logger: Logger;
}

/** As many as a status has. */
const remembered = 50;
/** The last lines may come a little after the end. */
const lastLinesMs = 1_000;
const pollMs = 20;

/** The output of an attempt's chaincode on its way into our log and the launch's timeline, until the attempt is over. */
export class ChaincodeLog implements FollowedOutput {
  readonly #recent = new LastLines(remembered);
  readonly #take: (line: string) => void;

  private constructor(take: (line: string) => void) {
    this.#take = (line) => {
      this.#recent.push(line);
      take(line);
    };
  }

  static follow({ client, namespace, watch, attempt, output, logger }: ChaincodeLogOptions): ChaincodeLog {
    const log = new ChaincodeLog((line) => {
      output.info(line);
      attempt.progress.output(line);
    });
    const { signal } = attempt.abort;
    const onLine = log.#take;
    const podOf = (seen: ChaincodeLaunch | undefined): string | undefined =>
      seen?.status?.attempt === attempt.launch ? seen.status.pod?.name : undefined;
    watch
      .until(attempt.name, podOf, signal)
      .then((pod) => followPodLog({ client, namespace, pod, container: 'chaincode', onLine, logger, signal }))
      .catch((error: unknown) => {
        if (!signal.aborted) logger.warn({ launch: attempt.name, err: error }, `no log: ${messageOf(error)}`);
      });
    return log;
  }

  async complete(lastLines: readonly string[]): Promise<void> {
    const missing = (): string[] => {
      const came = new Set(this.#recent.toArray());
      return lastLines.filter((line) => !came.has(line));
    };
    for (const end = Date.now() + lastLinesMs; missing().length > 0 && Date.now() < end;) await sleep(pollMs);
    for (const line of missing()) this.#take(line);
  }
}
