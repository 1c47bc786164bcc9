import { defaults, type CompleteConfig, type CoreConfig } from './schema/core.js';

/** The given values over the defaults. */
export function withDefaults(config: CoreConfig): CompleteConfig {
  return merge(defaults, config) as CompleteConfig;
}

function merge(base: object, over: object): object {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over) as [string, unknown][]) {
    const below = result[key];
    result[key] = isMapping(below) && isMapping(value) ? merge(below, value) : value;
  }
  return result;
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
