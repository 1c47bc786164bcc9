import type { LaunchProgress, VMStart } from '../../launcher/types.js';

/** The output of its chaincode, while it is followed. */
export interface FollowedOutput {
  /** Waits a moment for the last lines of a chaincode that has ended, and takes those that do not come by themselves. */
  complete(lastLines: readonly string[]): Promise<void>;
}

/** A launch of ours that has not been stopped. */
export interface Attempt {
  /** Of the ChaincodeLaunch. */
  readonly name: string;
  /** Number of this attempt at it. */
  readonly launch: number;
  readonly abort: AbortController;
  /** Why the launcher gave it up. */
  readonly givenUp: AbortSignal | undefined;
  readonly progress: LaunchProgress;
  registered: boolean;
  /** What was told of its status last. */
  told: string;
  /** Settles when its start is over, whichever way. */
  started: Promise<void>;
  log?: FollowedOutput;
}

export function newAttempt(name: string, launch: number, { signal, progress }: VMStart): Attempt {
  return {
    name,
    launch,
    abort: new AbortController(),
    givenUp: signal,
    progress,
    registered: false,
    told: '',
    started: Promise.resolve(),
  };
}
