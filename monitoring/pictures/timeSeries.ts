import type { Unit } from '../panel.js';
import type { Line, TimeRange } from './data.js';
import { legendOf, seriesColors } from './legend.js';
import { element, moved, rounded, text, widthOf } from './svg.js';
import { shownTime, shownValue, timeTicks, valueTicks } from './units.js';

/** A point with the value that it stands on: 0, or what is stacked below it. */
type Point = readonly [time: number, base: number, value: number];

export interface Chart {
  readonly unit: Unit;
  readonly lines: readonly Line[];
  readonly range: TimeRange;
  readonly stacked: boolean;
  readonly width: number;
  readonly height: number;
}

/** Lines, or stacked areas, over time, with axes and a legend. */
export function timeSeries(chart: Chart): string {
  const { lines, range, unit, width } = chart;
  const legend = legendOf(
    lines.map(({ legend }) => legend),
    width,
    3,
  );
  const series = chart.stacked
    ? stacked(lines)
    : lines.map(({ points }) => points.map(([t, v]): Point => [t, 0, v]));
  const ticks = valueTicks(Math.max(0, ...series.flat().map(([, , value]) => value)), unit);
  const left = Math.max(...ticks.map((tick) => widthOf(shownValue(tick, unit), 11))) + 8;
  const plot = { left, width: width - left - 4, height: chart.height - legend.height - 26 };
  const top = ticks.at(-1) ?? 1;
  const x = (time: number): number => left + ((time - range.start) / (range.end - range.start)) * plot.width;
  const y = (value: number): number => plot.height - (value / top) * plot.height;
  const grid = ticks.map((tick) => {
    const at = y(tick);
    const across = element('path', {
      d: `M${rounded(left)} ${rounded(at)}h${rounded(plot.width)}`,
      class: 'grid',
    });
    return `${across}${text(left - 6, at + 4, shownValue(tick, unit), 'small', 'end')}`;
  });
  const times = timeTicks(range.start, range.end, Math.max(2, Math.floor(plot.width / 60))).map((time) => {
    const up = element('path', { d: `M${rounded(x(time))} 0v${rounded(plot.height)}`, class: 'grid' });
    const inside = Math.min(x(time), width - 16);
    return `${up}${text(inside, plot.height + 14, shownTime(time), 'small', 'middle')}`;
  });
  // The first in front: where nothing is stacked on it, its edge is seen.
  const drawn = series.map((points, index) =>
    drawnLine(points, range.step, x, y, `s${index % seriesColors}`, chart.stacked),
  );
  return moved(
    0,
    4,
    `${grid.join('')}${times.join('')}${drawn.reverse().join('')}${moved(0, plot.height + 22, legend.svg)}`,
  );
}

/** Puts each line on top of those before it. A line adds nothing where it has no point. */
function stacked(lines: readonly Line[]): Point[][] {
  const heights = new Map<number, number>();
  return lines.map(({ points }) =>
    points.map(([time, value]): Point => {
      const base = heights.get(time) ?? 0;
      heights.set(time, base + value);
      return [time, base, base + value];
    }),
  );
}

type Scale = (value: number) => number;

function drawnLine(
  points: readonly Point[],
  step: number,
  x: Scale,
  y: Scale,
  look: string,
  filled: boolean,
): string {
  return unbroken(points, step)
    .map((part) => {
      const [first] = part;
      if (part.length === 1 && first) {
        return element('circle', { cx: x(first[0]), cy: y(first[2]), r: 2, class: `${look} fill` });
      }
      const line = path(part.map(([time, , value]) => [x(time), y(value)]));
      const back = path(part.toReversed().map(([time, base]) => [x(time), y(base)]));
      const area = element('path', {
        d: `${line}L${back.slice(1)}Z`,
        class: `${look} fill ${filled ? 'area' : 'faint'}`,
      });
      return `${area}${element('path', { d: line, class: `${look} line` })}`;
    })
    .join('');
}

/** Parts without a gap: where points are missing, nothing is drawn. */
function unbroken(points: readonly Point[], step: number): Point[][] {
  const parts: Point[][] = [];
  let part: Point[] = [];
  let before = -Infinity;
  for (const point of points) {
    if (point[0] - before > step * 1.5) parts.push((part = []));
    part.push(point);
    before = point[0];
  }
  return parts;
}

function path(points: readonly (readonly [number, number])[]): string {
  const places = points.map(([x, y]) => [rounded(x), rounded(y)]);
  // Of a level stretch its ends are enough.
  const needed = places.filter(
    ([, y], index) => y !== places[index - 1]?.[1] || y !== places[index + 1]?.[1],
  );
  return `M${needed.map((place) => place.join(' ')).join('L')}`;
}
