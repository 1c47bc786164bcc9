import { element, fitted, text, widthOf } from './svg.js';

/** Colours of series, as the style of a picture has them. */
export const seriesColors = 10;
const size = 11;
const lineHeight = 16;
const mark = 14;
const gap = 12;

interface Entry {
  readonly name: string;
  readonly x: number;
  readonly line: number;
}

/** A legend below a chart. */
export interface Legend {
  readonly height: number;
  readonly svg: string;
}

/** Names of series beside marks of their colours, in as many lines as they need, at most `most`. */
export function legendOf(names: readonly string[], width: number, most: number): Legend {
  const entries: Entry[] = [];
  let x = 0;
  let line = 0;
  for (const whole of names) {
    const name = fitted(whole, width - mark, size);
    const wide = mark + widthOf(name, size) + gap;
    if (x > 0 && x + wide - gap > width) {
      x = 0;
      line += 1;
    }
    entries.push({ name, x, line });
    x += wide;
  }
  const shown = entries.filter((entry) => entry.line < most);
  const hidden = entries.length - shown.length;
  // The last entry that has a place tells how many have none.
  const last = hidden > 0 ? shown.pop() : undefined;
  const drawn = shown.map((entry, index) => {
    const look = `s${index % seriesColors} fill`;
    const square = element('rect', {
      x: entry.x,
      y: entry.line * lineHeight + 4,
      width: 9,
      height: 4,
      class: look,
    });
    return `${square}${words(entry, entry.name, mark)}`;
  });
  if (last) drawn.push(words(last, `and ${hidden + 1} more`, 0));
  return { height: Math.min(line + 1, most) * lineHeight, svg: drawn.join('') };
}

function words({ x, line }: Entry, name: string, right: number): string {
  return text(x + right, line * lineHeight + 10, name, 'small');
}
