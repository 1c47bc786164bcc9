import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sends a signal to a whole process group. False when nobody is there any more. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return true;
    return false;
  }
}

/**
 * Does any process of the group still run? Zombies that nobody collects (a container whose first process does not do
 * that) do not count; they can only be told apart where /proc is.
 */
export async function groupRuns(pgid: number): Promise<boolean> {
  if (!signalGroup(pgid, 0)) return false;
  if (process.platform !== 'linux') return true;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    // pid (command, may hold anything) state ppid pgrp
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(pgrp) === pgid && state !== 'Z' && state !== 'X') return true;
  }
  return false;
}

/** Waits until the group is gone, at most `timeoutMs`. True when it is. */
export async function groupEnds(pgid: number, timeoutMs: number): Promise<boolean> {
  const until = Date.now() + timeoutMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    if (!(await groupRuns(pgid))) return true;
    const left = until - Date.now();
    if (left <= 0) return false;
    await sleep(Math.min(pause, left));
  }
}

/** Ends a group: SIGTERM, and after the grace SIGKILL. Resolves when none of its processes runs. */
export async function endGroup(pgid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pgid, 'SIGTERM') || (await groupEnds(pgid, graceMs))) return;
  await killGroup(pgid);
}

/** Kills a group. Resolves when none of its processes runs. */
export async function killGroup(pgid: number): Promise<void> {
  // Again and again: a process that forks at the same moment can leave a child behind.
  while (signalGroup(pgid, 'SIGKILL')) {
    if (await groupEnds(pgid, 200)) return;
  }
}
