import { pino } from 'pino';
import type { Logger } from '../../src/ops/log.js';

/** A logger that prints nothing. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
