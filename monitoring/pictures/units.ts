import type { Unit } from '../panel.js';

/** From where on a larger unit is read, and its name; the smallest first. */
type Step = readonly [from: number, name: string];
type Steps = readonly [Step, ...Step[]];
const seconds: Steps = [
  [1e-6, 'µs'],
  [1e-3, 'ms'],
  [1, 's'],
  [60, 'min'],
  [3600, 'h'],
];
const bytes: Steps = [
  [1, 'B'],
  [2 ** 10, 'KiB'],
  [2 ** 20, 'MiB'],
  [2 ** 30, 'GiB'],
];
const suffixes: Readonly<Record<Exclude<Unit, 's' | 'bytes' | 'none'>, string>> = {
  percentunit: '%',
  reqps: ' req/s',
  ops: ' ops/s',
  cps: ' c/s',
};

/** A value as people read it: `1.5 s`, `20 ms`, `37.1 MiB`, `50%`. */
export function shownValue(value: number, unit: Unit): string {
  if (unit === 's') return scaled(value, seconds);
  if (unit === 'bytes') return scaled(value, bytes);
  // Counts of the past are estimates of Prometheus: nobody has 2.01 failures.
  if (unit === 'none') return String(Math.round(value));
  return `${short(unit === 'percentunit' ? value * 100 : value)}${suffixes[unit]}`;
}

function scaled(value: number, steps: Steps): string {
  if (value === 0) return `0 ${steps.find(([from]) => from === 1)?.[1] ?? ''}`;
  const [from, name] = steps.findLast(([least]) => Math.abs(value) >= least) ?? steps[0];
  return `${short(value / from)} ${name}`;
}

/** At most three digits that count. */
function short(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** Values of an axis from 0 on, about `count` of them, of which the last is not below `max`. */
export function valueTicks(max: number, unit: Unit, count = 4): number[] {
  const base = readIn(max, unit);
  const top = max > 0 ? max / base : 1;
  const rough = top / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const step = (unit === 'none' ? Math.max(1, Math.round(nice)) : nice) * base;
  const steps = Math.max(1, Math.ceil((top * base) / step - 1e-9));
  return Array.from({ length: steps + 1 }, (_none, index) => index * step);
}

/** What steps are round in: bytes, minutes and hours are read in steps of their own. */
function readIn(max: number, unit: Unit): number {
  if (unit === 'bytes') return 2 ** (10 * Math.floor(Math.log2(Math.max(max, 1)) / 10));
  if (unit !== 's' || max <= 60) return 1;
  return max > 3600 ? 3600 : 60;
}

const timeSteps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

/** Full times between two, at most `count`. */
export function timeTicks(start: number, end: number, count: number): number[] {
  const step = timeSteps.find((one) => (end - start) / one <= count) ?? 86400;
  const ticks: number[] = [];
  for (let time = Math.ceil(start / step) * step; time <= end; time += step) ticks.push(time);
  return ticks;
}

/** The time of day (UTC), with seconds where ticks are closer than a minute. */
export function shownTime(time: number): string {
  const text = new Date(time * 1000).toISOString();
  return time % 60 === 0 ? text.slice(11, 16) : text.slice(11, 19);
}
