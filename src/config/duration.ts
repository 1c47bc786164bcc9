import { LauncherError } from '../errors.js';

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const duration = /^([-+])?((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/;

/**
 * Milliseconds of a duration as Go writes it: `300s`, `2m30s`, `1.5h`, `0`.
 * @throws `time: invalid duration ‹text›`
 */
export function durationMs(text: string): number {
  if (/^[-+]?0$/.test(text)) return 0;
  if (!duration.test(text)) throw new LauncherError(`time: invalid duration ${text}`);
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  const sum = parts.reduce((total, [, amount, unit = '']) => total + Number(amount) * (unitMs[unit] ?? 0), 0);
  return text.startsWith('-') ? -sum : sum;
}
