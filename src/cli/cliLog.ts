import { isEnabled, levelFor, parseLogSpec, type LogLevel, type LogSpec } from '../ops/logspec.js';
import type { CliIo } from './io.js';

const shown: Readonly<Partial<Record<LogLevel, string>>> = {
  debug: 'DEBU',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERRO',
};

/** Log lines on standard error as Fabric's CLI writes them: time, [logger], function, level, number, text. */
export class CliLog {
  readonly #io: CliIo;
  readonly #spec: LogSpec;
  readonly #now: () => Date;
  #number = 0;

  /** @throws Fabric's text when FABRIC_LOGGING_SPEC is not valid */
  constructor(io: CliIo, now: () => Date = () => new Date()) {
    this.#io = io;
    this.#spec = parseLogSpec(io.env['FABRIC_LOGGING_SPEC'] ?? '');
    this.#now = now;
  }

  debug(logger: string, from: string, text: string): void {
    this.#write('debug', logger, from, text);
  }

  info(logger: string, from: string, text: string): void {
    this.#write('info', logger, from, text);
  }

  warn(logger: string, from: string, text: string): void {
    this.#write('warn', logger, from, text);
  }

  error(logger: string, from: string, text: string): void {
    this.#write('error', logger, from, text);
  }

  #write(level: LogLevel, logger: string, from: string, text: string): void {
    if (!isEnabled(levelFor(this.#spec, logger), level)) return;
    this.#number += 1;
    const time = this.#now().toISOString().replace('T', ' ').replace('Z', ' UTC');
    const number = this.#number.toString(16).padStart(3, '0');
    this.#io.stderr.write(`${time} [${logger}] ${from} -> ${shown[level] ?? 'INFO'} ${number} ${text}\n`);
  }
}
