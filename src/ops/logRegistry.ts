import { pino, type Logger as PinoLogger } from 'pino';
import { formatLogSpec, levelFor, parseLogSpec, type LogLevel, type LogSpec } from './logspec.js';
import type { Logger } from './log.js';

export interface LogRegistryOptions {
  /** Fabric's logging specification. @default info */
  readonly spec?: string;
  /** Lines a person reads instead of JSON. @default false */
  readonly pretty?: boolean;
  /** Where the lines go. @default standard error */
  readonly destination?: { write(line: string): void };
  /** Called for each entry that is written, with Fabric's name of its level. */
  readonly onEntry?: (level: LogLevel) => void;
}

/** Fabric's levels to pino's: pino has nothing between error and fatal. */
const pinoLevels: Readonly<Record<LogLevel, string>> = {
  payload: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  dpanic: 'fatal',
  panic: 'fatal',
  fatal: 'fatal',
};

const fabricLevels = new Map<number, LogLevel>([
  [10, 'payload'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
]);

/** Named loggers whose levels follow a logging specification that may change at any time (contract 16). */
export class LogRegistry {
  readonly #root: PinoLogger;
  readonly #loggers = new Map<string, PinoLogger>();
  /** Children that parts made of their loggers: pino fixes a child's level when it is made. */
  readonly #children = new Map<string, Set<WeakRef<PinoLogger>>>();
  #spec: LogSpec;

  private constructor(root: PinoLogger, spec: LogSpec) {
    this.#root = root;
    this.#spec = spec;
  }

  /** Loads the pretty printer only where it is wanted. */
  static async create(options: LogRegistryOptions = {}): Promise<LogRegistry> {
    const spec = parseLogSpec(options.spec ?? '');
    const destination = options.destination ?? process.stderr;
    const stream = options.pretty ? await prettyStream(destination) : destination;
    const { onEntry } = options;
    const root = pino(
      {
        level: 'trace',
        base: undefined,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        ...(onEntry && {
          hooks: {
            logMethod(args, method, level): void {
              onEntry(fabricLevels.get(level) ?? 'info');
              method.apply(this, args);
            },
          },
        }),
      },
      stream,
    );
    return new LogRegistry(root, spec);
  }

  /** The logger of a name, such as `chaincode` or `peer.chaincode.dev-peer0-mycc-1.0`. */
  logger(name: string): Logger {
    const known = this.#loggers.get(name);
    if (known) return known;
    const logger = this.#root.child({ logger: name }, { level: pinoLevels[levelFor(this.#spec, name)] });
    logger.onChild = (child: PinoLogger): void => this.#remember(name, child);
    this.#loggers.set(name, logger);
    return logger;
  }

  /** Changes the levels of all loggers. @throws Fabric's text; nothing has changed then */
  setSpec(text: string): void {
    this.#spec = parseLogSpec(text);
    for (const [name, logger] of this.#loggers) {
      const level = pinoLevels[levelFor(this.#spec, name)];
      logger.level = level;
      for (const child of this.#livingChildren(name)) child.level = level;
    }
  }

  /** The specification in its normal form. */
  spec(): string {
    return formatLogSpec(this.#spec);
  }

  #remember(name: string, child: PinoLogger): void {
    const children = this.#children.get(name) ?? new Set();
    // A child per transaction must not pile up: drop what was collected, now and then.
    if (children.size % 64 === 63) this.#livingChildren(name);
    children.add(new WeakRef(child));
    this.#children.set(name, children);
  }

  #livingChildren(name: string): PinoLogger[] {
    const children = this.#children.get(name) ?? new Set<WeakRef<PinoLogger>>();
    const living: PinoLogger[] = [];
    for (const reference of children) {
      const child = reference.deref();
      if (child) living.push(child);
      else children.delete(reference);
    }
    return living;
  }
}

async function prettyStream(destination: {
  write(line: string): void;
}): Promise<{ write(line: string): void }> {
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: destination === process.stderr && process.stderr.isTTY,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'logger',
    messageFormat: '[{logger}] {msg}',
  });
  return { write: (line) => destination.write(pretty(line)) };
}
