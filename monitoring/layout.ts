import type { Dashboard, Panel, PanelKind, Row } from './panel.js';

/** Of a dashboard's grid; rows of it are as high as Grafana's. */
export const columns = 24;
const usualWidth = 8;
const heights: Readonly<Record<PanelKind, number>> = { lines: 8, areas: 8, numbers: 4, bars: 8 };

/** A place in the grid. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A row's headline, or a panel. */
export type Laid = { readonly place: Place } & ({ readonly row: Row } | { readonly panel: Panel });

/** Lays the panels of each row side by side, and goes on below where they are too many. */
export function layOut(dashboard: Dashboard): Laid[] {
  const laid: Laid[] = [];
  let y = 0;
  for (const row of dashboard.rows) {
    laid.push({ row, place: { x: 0, y, w: columns, h: 1 } });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      const w = panel.width ?? usualWidth;
      if (x + w > columns) {
        x = 0;
        y += height;
        height = 0;
      }
      const h = heights[panel.kind];
      laid.push({ panel, place: { x, y, w, h } });
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return laid;
}
