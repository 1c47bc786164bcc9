import { isAbsolute, join } from 'node:path';

/** What a command sees of the world: tests hand in their own. */
export interface CliIo {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export function processIo(): CliIo {
  return { env: process.env, cwd: process.cwd(), stdout: process.stdout, stderr: process.stderr };
}

/** A path that a person typed, as one that does not depend on the working directory of this process. */
export function pathOf(io: CliIo, path: string): string {
  return isAbsolute(path) ? path : join(io.cwd, path);
}
