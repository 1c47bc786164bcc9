import type { Logger as PinoLogger } from 'pino';

/** The logger that parts are given; names and levels follow Fabric's logspec. */
export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;
