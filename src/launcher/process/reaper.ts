import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { Logger } from '../../ops/log.js';

/**
 * A shell that keeps the list of our process groups and kills them when its input ends, which the kernel brings about
 * however this process dies. It has a session of its own, so no Ctrl-C reaches it, and it ignores polite signals.
 */
const script = `
trap '' INT TERM HUP
groups=' '
while read -r op group; do
  case $op in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
[ "$groups" = ' ' ] && exit 0
for group in $groups; do kill -TERM "-$group" 2>/dev/null; done
sleep 1
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
exit 0
`;

/** Ends our process groups when we are killed: one small shell for all of them. */
export class Reaper {
  readonly #logger: Logger;
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;
  #closed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** From now on the group dies with this process. */
  watch(pgid: number): void {
    const fresh = this.#shell === undefined;
    this.#groups.add(pgid);
    if (fresh) this.#start();
    else this.#tell(`+ ${pgid}`);
  }

  /** The group has ended: its number may soon belong to somebody else. */
  forget(pgid: number): void {
    if (this.#groups.delete(pgid)) this.#tell(`- ${pgid}`);
  }

  /** Ends the shell; groups that are still watched are killed by it. */
  async close(): Promise<void> {
    this.#closed = true;
    const shell = this.#shell;
    if (shell === undefined) return;
    const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
    shell.stdin?.end();
    if (shell.exitCode === null && shell.signalCode === null) await ended;
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }

  #start(): void {
    const shell = spawn('/bin/sh', ['-c', script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      cwd: '/',
    });
    this.#shell = shell;
    shell.stdin.on('error', (error) => this.#logger.warn({ err: error }, 'the reaper does not listen'));
    shell.on('error', (error) => this.#logger.error({ err: error }, 'could not start the reaper'));
    shell.once('exit', () => {
      if (this.#shell === shell) this.#shell = undefined;
      if (this.#closed || this.#groups.size === 0) return;
      this.#logger.warn('the reaper was ended from outside; starting another one');
      this.#start();
    });
    // It must not keep this process alive.
    shell.unref();
    // A pipe of a child process is a socket, whatever its declared type says.
    if (shell.stdin instanceof Socket) shell.stdin.unref();
    for (const pgid of this.#groups) this.#tell(`+ ${pgid}`);
  }
}
