import type { VMStart } from '../types.js';

/** A command line; the program is looked up in PATH unless it is a path. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a platform has at hand to build one code package. */
export interface BuildContext {
  /** The unpacked code package; may be changed, is thrown away afterwards. */
  readonly inputDir: string;
  /** Empty; what lies here afterwards is the build. */
  readonly outputDir: string;
  /** ChaincodeID.path. */
  readonly path: string;
  /** PATH of the build, to tell early what is missing. */
  readonly searchPath: string;
  /** GOPATH of the build, where the Go shim may lie; may be empty. */
  readonly goPath: string;
  /** Runs one build command; rejects with `Error returned from build: ‹rc› "‹out›"`. */
  run(command: Command, cwd: string): Promise<void>;
}

/** One platform as the process provider needs it: how to build it and how to start what was built. */
export interface PlatformRuntime {
  /** Part of the build's folder name: another value means that an older build can not be used. */
  readonly variant: string;
  build(context: BuildContext): Promise<void>;
  /** The command that starts the build in `directory`, with the arguments of the container contract (5.1) taken over. */
  start(directory: string, request: Pick<VMStart, 'args' | 'peerAddress'>): Promise<Command>;
}
