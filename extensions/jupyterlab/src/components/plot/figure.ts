/** A figure as plotly has it: traces and a layout. `tone` of a trace asks for a colour of the theme. */
export interface Figure {
  data: readonly Readonly<Record<string, unknown>>[];
  layout: Readonly<Record<string, unknown>>;
}

/** The colours of the theme that is on. */
export interface Colours {
  ink: string;
  line: string;
  tones: Readonly<Record<string, string>>;
}

/** Okabe and Ito's colours, in the order in which reports take them. */
export const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#e69f00', '#56b4e9', '#cc79a7', '#8c8c8c', '#b8a800'];

/** Kinds of traces that load maps from elsewhere. */
const OUTSIDE = /^(scatter|density)(geo|map|mapbox)$|^choropleth/;
const LEAST = 120;
const MOST = 2000;
const USUAL = 380;

/** Nothing that a figure may ask for leads out of the page. */
export const CONFIG = {
  responsive: true,
  displaylogo: false,
  displayModeBar: false,
  showTips: false,
  showLink: false,
  showEditInChartStudio: false,
  plotlyServerURL: '',
  topojsonURL: ''
} as const;

/** A figure from what a notebook or a server holds; `null` when it is none, or could not be drawn without a network. */
export function figure(given: unknown): Figure | null {
  if (!isObject(given) || !Array.isArray(given['data'])) {
    return null;
  }
  const data = (given['data'] as unknown[]).filter(isObject);
  if (data.some(trace => OUTSIDE.test(String(trace['type'] ?? '')) || 'geo' in trace)) {
    return null;
  }
  return { data, layout: isObject(given['layout']) ? given['layout'] : {} };
}

/** What plotly is given: the figure in the colours of the theme, as wide as there is room, with nothing loaded. */
export function prepared(of: Figure, colours: Colours): { data: object[]; layout: Record<string, unknown> } {
  const { width: _width, images: _images, autosize: _autosize, ...kept } = of.layout;
  const axis = { gridcolor: colours.line, linecolor: colours.line, zerolinecolor: colours.line, automargin: true };
  const axes = Object.fromEntries(
    ['xaxis', 'yaxis', ...Object.keys(kept)]
      .filter(name => /^[xy]axis\d*$/.test(name))
      .map(name => [name, { ...axis, ...(isObject(kept[name]) ? kept[name] : {}) }])
  );
  return {
    data: of.data.map(trace => toned(trace, colours)),
    layout: {
      colorway: PALETTE,
      font: { size: 12, color: colours.ink },
      margin: { l: 48, r: 48, t: kept['title'] ? 48 : 24, b: 44 },
      legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom' },
      ...kept,
      ...axes,
      ...{ paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', autosize: true },
      height: height(of)
    } as Record<string, unknown>
  };
}

/** Pixels that a figure takes, so that its room is kept before it is drawn. */
export function height(of: Figure): number {
  const wanted = of.layout['height'];
  return typeof wanted === 'number' && Number.isFinite(wanted) ? Math.min(Math.max(wanted, LEAST), MOST) : USUAL;
}

function toned(trace: Readonly<Record<string, unknown>>, colours: Colours): object {
  const { tone, ...rest } = trace;
  const colour = typeof tone === 'string' ? colours.tones[tone] : undefined;
  if (!colour) {
    return rest;
  }
  return rest['type'] === 'bar' ? { ...rest, marker: { color: colour } } : { ...rest, line: { color: colour } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
