import type { Dashboard, Panel, PanelKind, Query, Variable } from './panel.js';

/** Of Grafana 10 and later; older ones read it too. */
const schemaVersion = 39;
const columns = 24;
const usualWidth = 8;
const heights: Readonly<Record<PanelKind, number>> = { lines: 8, areas: 8, numbers: 4, bars: 8 };
const datasource = { type: 'prometheus', uid: '${datasource}' };

type Json = Readonly<Record<string, unknown>>;

/** A dashboard as Grafana imports it; the data source is chosen there. */
export function grafanaDashboard(dashboard: Dashboard): Json {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.description,
    tags: ['chaincode-launcher', 'hyperledger-fabric'],
    schemaVersion,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [datasourceVariable, ...dashboard.variables.map(labelVariable)] },
    annotations: { list: [] },
    panels: panels(dashboard),
  };
}

const datasourceVariable: Json = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  refresh: 1,
  hide: 0,
};

function labelVariable({ name, from }: Variable): Json {
  const query = `label_values(${from}, ${name})`;
  return {
    name,
    type: 'query',
    datasource,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    // Series without the label are selected too: a plain scrape configuration sets no namespace.
    ...(name === 'namespace' && { allValue: '.*' }),
    current: { text: ['All'], value: ['$__all'] },
  };
}

/** Lays the panels of each row side by side, and goes on below where they are too many. */
function panels(dashboard: Dashboard): Json[] {
  const laid: Json[] = [];
  let y = 0;
  for (const row of dashboard.rows) {
    const id = laid.length + 1;
    laid.push({
      id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
    });
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
      laid.push(grafanaPanel(panel, laid.length + 1, { x, y, w, h }));
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return laid;
}

function grafanaPanel(panel: Panel, id: number, gridPos: Json): Json {
  return {
    id,
    title: panel.title,
    description: panel.description,
    gridPos,
    datasource,
    targets: panel.queries.map((query, index) => target(query, index, panel.kind)),
    ...looks[panel.kind](panel),
  };
}

function target({ expr, legend }: Query, index: number, kind: PanelKind): Json {
  const instant = kind === 'numbers' || kind === 'bars';
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource,
    editorMode: 'code',
    expr,
    legendFormat: legend,
    instant,
    range: !instant,
  };
}

function defaults(panel: Panel, custom?: Json): Json {
  const bad = panel.badFrom === undefined ? [] : [{ color: 'red', value: panel.badFrom }];
  const usual = panel.badFrom === undefined ? 'blue' : 'green';
  return {
    unit: panel.unit,
    min: 0,
    ...(panel.unit === 'none' && { decimals: 0 }),
    thresholds: { mode: 'absolute', steps: [{ color: usual, value: null }, ...bad] },
    ...(custom && { custom }),
  };
}

const legend = { displayMode: 'list', placement: 'bottom', showLegend: true };
const tooltip = { mode: 'multi', sort: 'desc' };

function timeSeries(panel: Panel, custom: Json): Json {
  return {
    type: 'timeseries',
    fieldConfig: {
      defaults: defaults(panel, { lineWidth: 1, showPoints: 'never', ...custom }),
      overrides: [],
    },
    options: { legend, tooltip },
  };
}

const looks: Readonly<Record<PanelKind, (panel: Panel) => Json>> = {
  lines: (panel) => timeSeries(panel, { fillOpacity: 8 }),
  areas: (panel) => timeSeries(panel, { fillOpacity: 40, stacking: { mode: 'normal', group: 'A' } }),
  numbers: (panel) => ({
    type: 'stat',
    fieldConfig: { defaults: defaults(panel), overrides: [] },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: 'value',
      graphMode: 'none',
      textMode: panel.queries.length > 1 ? 'value_and_name' : 'auto',
    },
  }),
  bars: (panel) => ({
    type: 'bargauge',
    fieldConfig: { defaults: defaults(panel), overrides: [] },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      orientation: 'horizontal',
      displayMode: 'basic',
      valueMode: 'color',
    },
  }),
};
