import { layOut, type Place } from './layout.js';
import type { Dashboard, Panel, PanelKind, Query, Variable } from './panel.js';

/** Of Grafana 10 and later; older ones read it too. */
const schemaVersion = 39;
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

function panels(dashboard: Dashboard): Json[] {
  return layOut(dashboard).map((laid, index) => {
    const id = index + 1;
    return 'panel' in laid
      ? grafanaPanel(laid.panel, id, laid.place)
      : { id, type: 'row', title: laid.row.title, collapsed: false, gridPos: laid.place };
  });
}

function grafanaPanel(panel: Panel, id: number, gridPos: Place): Json {
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
