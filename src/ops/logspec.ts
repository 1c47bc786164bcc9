import { LauncherError } from '../errors.js';

/** Fabric's levels, the most talkative first. */
export const logLevels = ['payload', 'debug', 'info', 'warn', 'error', 'dpanic', 'panic', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A logging specification: a default and what differs from it. */
export interface LogSpec {
  readonly defaultLevel: LogLevel;
  /** Logger name, or name with a trailing dot for exactly that logger → level. */
  readonly overrides: ReadonlyMap<string, LogLevel>;
}

const synonyms: Readonly<Record<string, LogLevel>> = { warning: 'warn', notice: 'info', critical: 'error' };
const loggerName = /^[A-Za-z0-9_#:-]+(\.[A-Za-z0-9_#:-]+)*$/;

/** A level in lower or UPPER case; undefined for any other word. */
function levelOf(text: string): LogLevel | undefined {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  return synonyms[lower] ?? logLevels.find((level) => level === lower);
}

/**
 * Reads `[‹logger›[,‹logger›…]=]‹level›[:…]` (common/flogging/loggerlevels.go, contract 16).
 * @throws `invalid logging specification '‹s›': …` with the segment that is wrong
 */
export function parseLogSpec(text: string): LogSpec {
  let defaultLevel: LogLevel = 'info';
  const overrides = new Map<string, LogLevel>();
  const refuse = (why: string): LauncherError =>
    new LauncherError(`invalid logging specification '${text}': ${why}`);
  for (const segment of text.split(':')) {
    const [left = '', right, ...more] = segment.split('=');
    if (more.length > 0) throw refuse(`bad segment '${segment}'`);
    if (right === undefined) {
      const level = segment === '' ? 'info' : levelOf(segment);
      if (!level) throw refuse(`bad segment '${segment}'`);
      defaultLevel = level;
      continue;
    }
    if (left === '') throw refuse(`no logger specified in segment '${segment}'`);
    const level = levelOf(right);
    if (!level) throw refuse(`bad segment '${segment}'`);
    for (const logger of left.split(',')) {
      if (!loggerName.test(logger.replace(/\.$/, ''))) throw refuse(`bad logger name '${logger}'`);
      overrides.set(logger, level);
    }
  }
  return { defaultLevel, overrides };
}

/** The normal form: overrides in the order of their names, the default last. */
export function formatLogSpec(spec: LogSpec): string {
  const overrides = [...spec.overrides].map(([logger, level]) => `${logger}=${level}`).sort();
  return [...overrides, spec.defaultLevel].join(':');
}

/** The level of one logger: the longest name in the specification that is the logger's or one of its parents'. */
export function levelFor(spec: LogSpec, logger: string): LogLevel {
  for (let candidate = `${logger}.`; ;) {
    const level = spec.overrides.get(candidate);
    if (level) return level;
    const dot = candidate.lastIndexOf('.');
    if (dot <= 0) return spec.defaultLevel;
    candidate = candidate.slice(0, dot);
  }
}

/** Does a logger at level `threshold` write an entry of level `level`? */
export function isEnabled(threshold: LogLevel, level: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(threshold);
}
