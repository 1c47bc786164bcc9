import { randomUUID } from 'node:crypto';

const pattern = /^\.(\d+)-/;

/** A fresh name for a folder that must not outlive this process: it tells whose it is. */
export function workName(): string {
  return `.${process.pid}-${randomUUID()}`;
}

/** Is this the work folder of a process that runs no more? */
export function isAbandoned(name: string): boolean {
  const pid = Number(pattern.exec(name)?.[1] ?? 0);
  return pid !== 0 && pid !== process.pid && !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
