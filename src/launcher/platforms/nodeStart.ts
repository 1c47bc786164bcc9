/** What is read from package.json; it came with the package, so nothing about it is certain. */
export interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly config?: unknown;
  readonly bin?: unknown;
}

/** A start script that the shell can run in npm's place. */
export interface StartScript {
  readonly command: string;
  readonly name: string;
  readonly version: string;
}

/**
 * The start script if running it by the shell means the same as `npm start`, which costs a quarter of a second: it has
 * no scripts before or after it, uses nothing of npm's environment, and no configuration lies beside it.
 */
export function simpleStartScript(manifest: Manifest, hasNpmrc: boolean): StartScript | undefined {
  const { scripts, config, name, version } = manifest;
  const command = scripts?.['start'];
  if (typeof command !== 'string' || command.trim() === '') return undefined;
  const needsNpm =
    scripts?.['prestart'] !== undefined ||
    scripts?.['poststart'] !== undefined ||
    config !== undefined ||
    /npm|npx|yarn|pnpm/i.test(command) ||
    hasNpmrc;
  if (needsNpm) return undefined;
  return { command, name: textOf(name), version: textOf(version) };
}

/** The line for /bin/sh -c. */
export function startLine(script: StartScript, args: readonly string[]): string {
  return [withoutShell(script.command), ...args.map(shellQuote)].join(' ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A plain command takes the shell's place, so that its signals and exit code are its own. */
function withoutShell(command: string): string {
  const plain = /^[\w./@:+-]+( +[\w./@:=+,%-]+)*$/.test(command.trim());
  return plain ? `exec ${command}` : command;
}

function shellQuote(text: string): string {
  return /^[\w.:/=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
