import type { Client } from '../../api/client';
import type { Found, Hit, Pipeline, PipelineRow, Pipelines, ProjectFacts, ReportRow, Reports } from '../../api/types';
import { draftsOf, fieldsOf, Schema, valuesOf } from '../../components/form/schema';
import { ended, well } from '../../runs/state';

/** What the start page goes by. */
export interface Seen {
  project: ProjectFacts;
  /** The pipeline that ran last, or the first one that could; `null` where there is none. */
  row: PipelineRow | null;
  /** All of it; `null` where something is wrong with its file. */
  pipeline: Pipeline | null;
  /** The newest report. */
  report: ReportRow | null;
  /** The dataset that was written last. */
  dataset: string | null;
}

/** What could be done next: mend what failed, read a dataset, see what is wrong with data, and so on. */
export type Next = 'mend' | 'values' | 'notebook' | 'change' | 'edit' | 'read' | 'trust' | 'schedule';

/** As many as are offered. */
const OFFERED = 3;
/** Pipelines and datasets that are looked at. */
const PAGE = '200';

/** Asks how the project stands. Rejects as the client does. */
export async function lookAround(client: Pick<Client, 'get'>, signal: AbortSignal): Promise<Seen> {
  const [project, listed, told, found] = await Promise.all([
    client.get<ProjectFacts>('project', {}, signal),
    client.get<Pipelines>('pipelines', { limit: PAGE }, signal),
    client.get<Reports>('reports', { limit: '1' }, signal),
    client.get<Found>('catalog', { limit: PAGE, facets: 'false' }, signal)
  ]);
  const row = chosen(listed.pipelines);
  const path = row && !row.error ? `pipelines/${encodeURIComponent(row.name)}` : null; // a wrong file has no more
  const pipeline = path ? await client.get<Pipeline>(path, {}, signal) : null;
  return { project, row, pipeline, report: told.reports[0] ?? null, dataset: newest(found.hits) };
}

/** The pipeline that the page is about. */
export function chosen(rows: readonly PipelineRow[]): PipelineRow | null {
  let last: PipelineRow | null = null;
  for (const row of rows) {
    if (row.last && row.last.created_at > (last?.last?.created_at ?? '')) {
      last = row;
    }
  }
  return last ?? rows.find(row => !row.error) ?? rows[0] ?? null;
}

/** The dataset that was written last. */
export function newest(hits: readonly Hit[]): string | null {
  let last: Hit | null = null;
  for (const hit of hits) {
    if (hit.written_at && hit.written_at > (last?.written_at ?? '')) {
      last = hit;
    }
  }
  return last?.dataset ?? null;
}

/** With what a pipeline runs when nobody says anything; `null` where somebody has to. */
export function defaults(pipeline: Pipeline): Record<string, unknown> | null {
  const fields = fieldsOf(pipeline.parameters as unknown as Schema);
  const { values, faults } = valuesOf(fields, draftsOf(fields));
  return Object.keys(faults).length === 0 ? values : null;
}

/** The three things that lead on from here, the most urgent first. */
export function nextThings(seen: Pick<Seen, 'row' | 'pipeline' | 'dataset'>): Next[] {
  const { row, pipeline, dataset } = seen;
  const steps = (pipeline?.specs.length ?? 0) > 0;
  const last = row?.last ?? null;
  const offered: readonly (readonly [Next, boolean])[] = [
    ['mend', last !== null && ended(last.state) && !well(last.state)],
    ['notebook', last === null && steps],
    ['values', last === null && pipeline !== null],
    ['read', dataset !== null],
    ['change', last !== null && steps],
    ['trust', dataset !== null],
    ['schedule', pipeline !== null && pipeline.cron === null && pipeline.triggers.length === 0],
    ['edit', row !== null]
  ];
  return offered
    .filter(([, possible]) => possible)
    .slice(0, OFFERED)
    .map(([next]) => next);
}
