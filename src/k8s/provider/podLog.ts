import { setTimeout as sleep } from 'node:timers/promises';
import { followLines } from '../../launcher/lines.js';
import type { Logger } from '../../ops/log.js';
import { messageOf } from '../../errors.js';
import { ApiError, isNotFound } from '../client/apiError.js';
import type { KubeClient } from '../client/kubeClient.js';
import { pods, resourcePath } from '../client/objects.js';

export interface PodLogOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly onLine: (line: string) => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const retryMs = 500;

/**
 * Follows the output of a container until the signal aborts or the Pod is gone. A connection that breaks is made again from
 * the second where it broke: lines may come twice, none is lost.
 */
export async function followPodLog(options: PodLogOptions): Promise<void> {
  const { client, namespace, pod, container, onLine, logger, signal } = options;
  let since: string | undefined;
  while (!signal.aborted) {
    const began = new Date().toISOString();
    try {
      const query = new URLSearchParams({
        container,
        follow: 'true',
        ...(since !== undefined && { sinceTime: since }),
      });
      const path = `${resourcePath(pods, namespace, pod)}/log?${query.toString()}`;
      const agent = client.watchAgent();
      try {
        const response = await client.open({ method: 'GET', path, signal }, agent);
        await new Promise<void>((resolve, reject) => {
          followLines(response, onLine);
          response.once('end', resolve);
          response.once('error', reject);
          response.once('close', resolve);
        });
      } finally {
        agent.destroy();
      }
      // The container has ended, or the API server has cut us off: the next try tells which.
      since = began;
    } catch (error) {
      if (isAborted(signal) || isNotFound(error)) return;
      // Not started yet: the kubelet has no log to show.
      if (!(error instanceof ApiError && error.code === 400)) {
        logger.warn({ pod, err: error }, `the log of Pod ${pod} broke off: ${messageOf(error)}`);
      }
    }
    await sleep(retryMs, undefined, { signal }).catch(() => undefined);
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
