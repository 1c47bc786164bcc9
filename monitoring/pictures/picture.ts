import { columns, layOut, type Place } from '../layout.js';
import type { Dashboard, Panel, Row } from '../panel.js';
import type { Line, PanelLines, TimeRange } from './data.js';
import { element, escaped, fitted, moved, text } from './svg.js';
import { timeSeries } from './timeSeries.js';
import { bars, numbers } from './values.js';

const width = 1200;
const unit = { width: width / columns, height: 27 };
const head = 44;
const margin = 4;
const padding = 10;

/** Fits a light and a dark page: colours follow what the reader's browser prefers. */
const style = `
svg { --page: #f4f5f5; --card: #fff; --edge: #dcdfe3; --words: #24292f; --soft: #59636e; --grid: #e7e9ec;
  --c0: #3871dc; --c1: #d97706; --c2: #2b8a3e; --c3: #c92a4b; --c4: #7c4dd6; --c5: #0b8793; --c6: #b0428f; --c7: #6b7d13; --c8: #8a5a2b; --c9: #5f6b7a;
  --good: #2b8a3e; --bad: #c92a2a; --usual: #3871dc; font: 13px system-ui, 'Helvetica Neue', Arial, sans-serif }
@media (prefers-color-scheme: dark) { svg { --page: #111217; --card: #1b1d23; --edge: #2e3138; --words: #e4e6ea; --soft: #a3abb5; --grid: #2b2e35;
  --c0: #6e9fff; --c1: #ffad42; --c2: #5fc877; --c3: #ff6b81; --c4: #b18cff; --c5: #3fc6d2; --c6: #e58bc8; --c7: #b9c84a; --c8: #cf9a68; --c9: #a5afbc;
  --good: #5fc877; --bad: #ff6b6b; --usual: #6e9fff } }
text { fill: var(--words) } .page { fill: var(--page) } .card { fill: var(--card); stroke: var(--edge) }
.small { font-size: 11px; fill: var(--soft) } .small.strong { fill: var(--words) } .title { font-weight: 600 } .row { font-weight: 600; font-size: 14px }
.name { font-weight: 600; font-size: 18px } .number { font-weight: 600; font-size: 34px } .grid { stroke: var(--grid); fill: none }
.line { fill: none; stroke: var(--color); stroke-width: 1.5; stroke-linejoin: round } .fill { fill: var(--color) } .area { opacity: .45 } .faint { opacity: .05 }
${Array.from({ length: 10 }, (_none, index) => `.s${index} { --color: var(--c${index}) }`).join(' ')}
.good { --color: var(--good) } .bad { --color: var(--bad) } .usual { --color: var(--usual) }`;

/** A dashboard with data as an SVG: panels lie as in Grafana, and show what its queries gave. */
export function dashboardPicture(dashboard: Dashboard, lines: PanelLines, range: TimeRange): string {
  const laid = layOut(dashboard);
  const height = head + Math.max(...laid.map(({ place: { y, h } }) => y + h)) * unit.height + margin;
  const drawn = laid.map((one) => {
    const { x, y } = one.place;
    const svg =
      'panel' in one ? panel(one.panel, lines.get(one.panel) ?? [], one.place, range) : headline(one.row);
    return moved(x * unit.width, head + y * unit.height, svg);
  });
  const svg = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    [
      element('title', {}, escaped(`Dashboard: ${dashboard.title}`)),
      element('style', {}, style),
      element('rect', { width, height, class: 'page' }),
      text(margin + padding, 29, dashboard.title, 'name'),
      text(width - margin - padding, 28, dashboard.description, 'small', 'end'),
      ...drawn,
    ].join('\n'),
  );
  return `${svg}\n`;
}

function headline({ title }: Row): string {
  return text(margin + padding, 19, title, 'row');
}

function panel(shown: Panel, lines: readonly Line[], place: Place, range: TimeRange): string {
  const outer = { width: place.w * unit.width - margin * 2, height: place.h * unit.height - margin * 2 };
  const inner = { width: outer.width - padding * 2, height: outer.height - 30 - padding };
  return moved(
    margin,
    margin,
    [
      element('title', {}, escaped(`${shown.title}: ${shown.description}`)),
      element('rect', { ...outer, rx: 3, class: 'card' }),
      text(padding, 20, fitted(shown.title, inner.width, 13), 'title'),
      moved(padding, 30, content(shown, lines, inner, range)),
    ].join(''),
  );
}

function content(
  shown: Panel,
  lines: readonly Line[],
  size: { readonly width: number; readonly height: number },
  range: TimeRange,
): string {
  if (lines.length === 0) return text(size.width / 2, size.height / 2 + 4, 'no data', 'small', 'middle');
  if (shown.kind === 'numbers') return numbers({ panel: shown, lines, ...size });
  if (shown.kind === 'bars') return bars({ panel: shown, lines, ...size });
  return timeSeries({ unit: shown.unit, lines, range, stacked: shown.kind === 'areas', ...size });
}
