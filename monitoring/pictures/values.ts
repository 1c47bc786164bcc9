import type { Panel } from '../panel.js';
import type { Line } from './data.js';
import { element, fitted, text, widthOf } from './svg.js';
import { shownValue } from './units.js';

interface Values {
  readonly panel: Panel;
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

const last = ({ points }: Line): number => points.at(-1)?.[1] ?? 0;

function look({ badFrom }: Panel, value: number): string {
  if (badFrom === undefined) return 'usual';
  return value >= badFrom ? 'bad' : 'good';
}

/** One bar for each series, with its name before and its value behind it. */
export function bars({ panel, lines, width, height }: Values): string {
  const row = Math.min(26, height / Math.max(1, lines.length));
  const names = Math.min(width * 0.5, Math.max(...lines.map(({ legend }) => widthOf(legend, 11))) + 8);
  const values = Math.max(...lines.map((line) => widthOf(shownValue(last(line), panel.unit), 11))) + 10;
  const most = Math.max(...lines.map(last), Number.MIN_VALUE);
  return lines
    .map((line, index) => {
      const y = index * row;
      const value = last(line);
      const length = Math.max(1, (value / most) * (width - names - values));
      const bar = element('rect', {
        ...{ x: names, y: y + row * 0.15, width: length, height: row * 0.7, rx: 2 },
        class: `${look(panel, value)} fill`,
      });
      const middle = y + row / 2 + 4;
      const name = text(names - 8, middle, fitted(line.legend, names - 8, 11), 'small', 'end');
      return `${name}${bar}${text(names + length + 6, middle, shownValue(value, panel.unit), 'small strong')}`;
    })
    .join('');
}

/** The number in large, with its name where there are several. */
export function numbers({ panel, lines, width, height }: Values): string {
  const each = width / lines.length;
  return lines
    .map((line, index) => {
      const middle = each * (index + 0.5);
      const value = last(line);
      const number = text(
        middle,
        height / 2 + 14,
        shownValue(value, panel.unit),
        `number ${look(panel, value)} fill`,
        'middle',
      );
      const name =
        lines.length > 1 ? text(middle, height - 2, fitted(line.legend, each, 11), 'small', 'middle') : '';
      return `${number}${name}`;
    })
    .join('');
}
