import type { ExitStatus } from '../../launcher/types.js';
import { hasEnded, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { LaunchStatus } from '../api/schema.js';

/** Why it did not start. A failed build speaks Fabric's words, which nothing may stand in front of. */
export function failureOf({ reason = 'Failed', message = '' }: LaunchStatus): string {
  return reason === 'BuildFailed' ? message : `${reason}: ${message}`;
}

/** How this attempt ended; undefined while it has not. */
export function exitOf(seen: ChaincodeLaunch | undefined, launch: number): ExitStatus | undefined {
  if (!seen) return { exitCode: -1, lastLines: ['the ChaincodeLaunch was deleted'] };
  if (seen.spec.launch > launch) return { exitCode: -1, lastLines: ['another launch has taken its place'] };
  const { status } = seen;
  if (status?.attempt !== launch || !hasEnded(status)) return undefined;
  const { exit, reason = '', message = '' } = status;
  const why = `${reason}: ${message}`;
  if (!exit) return { exitCode: -1, lastLines: [why] };
  const { code, signal, lastLines = [] } = exit;
  return {
    exitCode: code,
    signal,
    lastLines: reason === 'ContainerExited' ? lastLines : [...lastLines, why],
  };
}
