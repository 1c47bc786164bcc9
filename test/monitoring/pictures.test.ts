import { describe, expect, it } from 'vitest';
import type { Dashboard, Panel, Unit } from '../../monitoring/panel.js';
import type { Line, TimeRange } from '../../monitoring/pictures/data.js';
import { legendOf } from '../../monitoring/pictures/legend.js';
import { dashboardPicture } from '../../monitoring/pictures/picture.js';
import { shownTime, shownValue, timeTicks, valueTicks } from '../../monitoring/pictures/units.js';

/** 12:00 to 12:10 on some day. */
const range: TimeRange = { start: 43_200, end: 43_800, step: 60 };

function panel(kind: Panel['kind'], more: Partial<Panel> = {}): Panel {
  return { title: 'A & B', description: 'Which?', kind, unit: 's', queries: [], ...more };
}

/** The picture of a dashboard of one panel. */
function picture(shown: Panel, lines: readonly Line[]): string {
  const dashboard: Dashboard = {
    uid: 'one',
    title: 'One',
    description: 'One panel.',
    variables: [],
    rows: [{ title: 'Row', panels: [shown] }],
  };
  return dashboardPicture(dashboard, new Map([[shown, lines]]), range);
}

function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
}

/** The lines (not the areas below them) of one colour: each the places that it goes through. */
function lines(svg: string, color: number): [x: number, y: number][][] {
  const found = svg.matchAll(new RegExp(`<path d="M([^"Z]*)" class="s${color} line"/>`, 'g'));
  return [...found].map(([, d = '']) =>
    d.split('L').map((place) => place.split(' ').map(Number) as [number, number]),
  );
}

const points = (values: Readonly<Record<number, number>>): Line['points'] =>
  Object.entries(values).map(([minute, value]) => [range.start + Number(minute) * 60, value]);

describe('a panel with lines over time', () => {
  const svg = picture(panel('lines'), [
    { legend: 'p50', points: points({ 0: 1, 1: 2, 2: 4, 5: 4, 6: 2, 8: 3 }) },
    { legend: 'p95 <all>', points: points({ 0: 8, 10: 8 }) },
  ]);

  it('has axes with units, times of the day, and a legend', () => {
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        '0 s',
        '2 s',
        '4 s',
        '6 s',
        '8 s',
        '12:00',
        '12:10',
        'p50',
        'p95 &lt;all&gt;',
        'A &amp; B',
      ]),
    );
    expect(svg).toContain('<title>A &amp; B: Which?</title>');
  });

  it('goes up where values do, in proportion', () => {
    const [[zero, one, two]] = lines(svg, 0) as [[[number, number], [number, number], [number, number]]];
    expect(one[0] - zero[0]).toBeCloseTo(two[0] - one[0], 0);
    expect(two[1] - one[1]).toBeCloseTo(2 * (one[1] - zero[1]), 0);
    expect(one[1]).toBeLessThan(zero[1]);
  });

  it('draws nothing where values are missing, and a dot for a value that is alone', () => {
    expect(lines(svg, 0).map((part) => part.length)).toEqual([3, 2]);
    expect(svg.match(/<circle [^>]*class="s0 fill"/g)).toHaveLength(1);
  });

  it('says that there is no data', () => {
    const empty = picture(panel('lines'), []);
    expect(texts(empty)).toContain('no data');
    expect(texts(empty)).not.toContain('12:00');
  });
});

describe('a panel with areas', () => {
  it('puts each on top of those before it, and needs no more points than a level stretch has ends', () => {
    const svg = picture(panel('areas', { unit: 'none' }), [
      { legend: 'a', points: points({ 0: 1, 1: 1, 2: 1, 3: 1 }) },
      { legend: 'b', points: points({ 1: 1, 2: 3, 3: 3 }) },
    ]);
    expect(texts(svg)).toEqual(expect.arrayContaining(['0', '1', '2', '3', '4']));
    const [[from, to]] = lines(svg, 0) as [[[number, number], [number, number]]];
    expect(from[1]).toBe(to[1]);
    const [[two, four, end]] = lines(svg, 1) as [[[number, number], [number, number], [number, number]]];
    expect(end[1]).toBe(four[1]);
    // 1, 2 and 4 of an axis up to 4.
    expect(from[1]).toBeCloseTo(two[1] * 1.5, 0);
    expect(four[1]).toBe(0);
  });
});

describe('a panel with values', () => {
  it('shows bars in proportion, with names and values, in red from where they are bad', () => {
    const svg = picture(panel('bars', { badFrom: 2 }), [
      { legend: 'start p50', points: points({ 10: 0.5 }) },
      { legend: 'start p95', points: points({ 10: 2 }) },
    ]);
    expect(texts(svg)).toEqual(expect.arrayContaining(['start p50', '500 ms', 'start p95', '2 s']));
    const bars = [...svg.matchAll(/width="([\d.]+)" height="[\d.]+" rx="2" class="(\w+) fill"/g)];
    expect(bars.map(([, , look]) => look)).toEqual(['good', 'bad']);
    expect(Number(bars[1]![1]) / Number(bars[0]![1])).toBeCloseTo(4, 1);
  });

  it('shows a number in large', () => {
    const svg = picture(panel('numbers', { unit: 'none' }), [
      { legend: 'launching', points: points({ 10: 3 }) },
    ]);
    expect(svg).toMatch(/class="number usual fill"[^>]*>3</);
    expect(texts(svg)).not.toContain('launching');
  });
});

describe('values and axes', () => {
  it.each<[number, Unit, string]>([
    [0, 's', '0 s'],
    [0.0125, 's', '12.5 ms'],
    [90, 's', '1.5 min'],
    [5400, 's', '1.5 h'],
    [1536, 'bytes', '1.5 KiB'],
    [536_870_912, 'bytes', '512 MiB'],
    [0.057, 'percentunit', '5.7%'],
    [1234, 'none', '1234'],
    [2.01, 'none', '2'],
    [0.3333, 'reqps', '0.333 req/s'],
  ])('%d %s is shown as %s', (value, unit, text) => {
    expect(shownValue(value, unit)).toBe(text);
  });

  it.each<[number, Unit, readonly number[]]>([
    [0, 'reqps', [0, 0.5, 1]],
    [1, 'none', [0, 1]],
    [7.3, 'none', [0, 2, 4, 6, 8]],
    [75, 's', [0, 30, 60, 90]],
    [600 * 2 ** 20, 'bytes', [0, 200, 400, 600].map((mib) => mib * 2 ** 20)],
  ])('up to %d %s the axis has steps of its unit', (max, unit, ticks) => {
    expect(valueTicks(max, unit)).toEqual(ticks);
  });

  it('times are full minutes where there is room', () => {
    expect(timeTicks(43_190, 43_800, 6).map(shownTime)).toEqual([
      '12:00',
      '12:02',
      '12:04',
      '12:06',
      '12:08',
      '12:10',
    ]);
    expect(timeTicks(43_210, 43_230, 4).map(shownTime)).toEqual([
      '12:00:10',
      '12:00:15',
      '12:00:20',
      '12:00:25',
      '12:00:30',
    ]);
  });

  it('a legend that is too long tells how many are missing', () => {
    const { svg, height } = legendOf(
      ['first series', 'second series', 'third series', 'fourth series'],
      100,
      2,
    );
    expect(texts(svg)).toEqual(['first series', 'and 3 more']);
    expect(height).toBe(32);
  });
});
