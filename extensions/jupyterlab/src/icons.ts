import { LabIcon } from '@jupyterlab/ui-components';

/** An icon of one path on a 16 by 16 grid, in the colour that the theme gives to icons. */
function outline(name: string, path: string): LabIcon {
  const drawn = `<path class="jp-icon3" fill="none" stroke="#616161" stroke-width="1.3" stroke-linejoin="round" d="${path}"/>`;
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${drawn}</svg>`;
  return new LabIcon({ name: `dataops-workbench-lab:${name}`, svgstr });
}

export const workbenchIcon = outline('workbench', 'M2 3h4v4H2ZM10 3h4v4h-4ZM6 11h4v3H6ZM4 7v2h8V7M8 9v2');
export const startIcon = outline('start', 'M3.5 14V2M3.5 3h8.5l-2 2.75 2 2.75H3.5');
export const pipelineIcon = outline('pipeline', 'M2 2.5h4v3H2ZM10 6.5h4v3h-4ZM2 10.5h4v3H2ZM6 4h2v4h2M6 12h2V8');
export const runIcon = outline('run', 'M8 2a6 6 0 1 0 .01 0M6.5 5.5v5L11 8Z');
export const compareIcon = outline('compare', 'M2.5 3.5h4v9h-4ZM9.5 3.5h4v9h-4ZM8 2v12');
export const datasetIcon = outline('dataset', 'M2.5 3.5h11v9h-11ZM2.5 6.5h11M6.5 6.5v6M2.5 9.5h11');
export const qualityIcon = outline('quality', 'M8 2 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4ZM5.5 8 7.3 10 10.5 6');
export const reportIcon = outline('report', 'M3.5 2h6l3 3v9h-9ZM9.5 2v3h3M5.5 8h5M5.5 11h5');
export const lineageIcon = outline(
  'lineage',
  'M2 3h4v4H2ZM2 10h4v4H2ZM10 6.5h4v4h-4ZM6 5c3 0 2 3.5 4 3.5M6 12c3 0 2-3.5 4-3.5'
);
