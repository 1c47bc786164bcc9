import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { Engine } from './engine.js';
import { EngineApiError, EngineTimeoutError, isNotFound } from './errors.js';

/** How often it is looked whether a removal that somebody else has begun is over. */
const removalPollMs = 100;
const removalPolls = 50;

/**
 * Stops, kills and removes a container as Fabric does, whatever state it is in; that there is none is no error.
 * @throws what the removal failed with: then the container may still be there
 */
export async function removeContainer(engine: Engine, container: string, logger: Logger): Promise<void> {
  const attempt = async (what: string, work: Promise<void>): Promise<void> => {
    await work.catch((error: unknown) => {
      logger.debug({ container }, `${what}: ${messageOf(error)}`);
      // It has been silent for half a minute: who waits is not kept for two more.
      if (error instanceof EngineTimeoutError) throw error;
      // Not there (404), not running (304, 409): the removal decides.
    });
  };
  await attempt('stop container result', engine.stop(container));
  await attempt('kill container result', engine.kill(container));
  for (let poll = 0; ; poll++) {
    try {
      await engine.remove(container, true);
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      // Somebody else removes it as well; its name is free only when that is done.
      if (!isBeingRemoved(error) || poll >= removalPolls) throw error;
      await sleep(removalPollMs);
    }
  }
}

function isBeingRemoved(error: unknown): boolean {
  return (
    error instanceof EngineApiError && error.status === 409 && error.reason.includes('already in progress')
  );
}
