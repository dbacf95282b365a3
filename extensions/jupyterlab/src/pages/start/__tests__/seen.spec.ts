import { describe, expect, it } from 'vitest';

import type { Fault, Hit, Pipeline, PipelineRow, RunRow } from '../../../api/types';
import { chosen, defaults, lookAround, newest, nextThings } from '../seen';

const FAULT = { code: 'WB-CFG-602' } as Fault;

function row(name: string, last: Partial<RunRow> | null = null, error: Fault | null = null): PipelineRow {
  const path = `pipelines/${name}.yaml`;
  return { name, path, description: '', steps: 1, cron: null, timezone: null, last, error } as PipelineRow;
}

function pipeline(of: PipelineRow, parameters: Record<string, unknown> = {}): Pipeline {
  const specs = [{ name: 'a', notebook: 'notebooks/a.ipynb' }];
  return { ...of, parameters, triggers: [], runs: [], specs } as unknown as Pipeline;
}

describe('chosen', () => {
  it('is the one that ran last, then the first whose file is right', () => {
    const early = row('early', { created_at: '2026-01-01T00:00:00.000+00:00' });
    const late = row('late', { created_at: '2026-01-02T00:00:00.000+00:00' });
    expect(chosen([row('never'), early, late])?.name).toBe('late');
    expect(chosen([row('wrong', null, FAULT), row('right')])?.name).toBe('right');
    expect(chosen([row('wrong', null, FAULT)])?.name).toBe('wrong');
    expect(chosen([])).toBeNull();
  });
});

describe('newest', () => {
  it('is what was written last, and nothing where nothing was', () => {
    const hits = [
      { dataset: 'a.one', written_at: '2026-01-02' },
      { dataset: 'a.two', written_at: '2026-01-03' },
      { dataset: 'a.three', written_at: null }
    ] as Hit[];
    expect(newest(hits)).toBe('a.two');
    expect(newest(hits.slice(2))).toBeNull();
  });
});

describe('defaults', () => {
  it('are given unless a value is required', () => {
    const day = { type: 'string', format: 'date', default: '2026-01-15' };
    expect(defaults(pipeline(row('a'), { properties: { day } }))).toEqual({});
    const needed = { properties: { count: { type: 'integer' } }, required: ['count'] };
    expect(defaults(pipeline(row('a'), needed))).toBeNull();
  });
});

describe('nextThings', () => {
  const never = row('flights');
  const good = row('flights', { state: 'succeeded' });
  const bad = row('flights', { state: 'failed' });
  const busy = row('flights', { state: 'running' });

  it('leads into a pipeline that never ran', () => {
    const things = nextThings({ row: never, pipeline: pipeline(never), dataset: null });
    expect(things).toEqual(['notebook', 'values', 'schedule']);
  });
  it('leads on from one that did', () => {
    const things = nextThings({ row: good, pipeline: pipeline(good), dataset: 'a.one' });
    expect(things).toEqual(['read', 'change', 'trust']);
    const going = nextThings({ row: busy, pipeline: pipeline(busy), dataset: null });
    expect(going).toEqual(['change', 'schedule', 'edit']);
  });
  it('begins with what failed', () => {
    expect(nextThings({ row: bad, pipeline: pipeline(bad), dataset: 'a.one' })[0]).toBe('mend');
  });
  it('knows a wrong file, and that there is nothing', () => {
    expect(nextThings({ row: row('wrong', null, FAULT), pipeline: null, dataset: null })).toEqual(['edit']);
    expect(nextThings({ row: null, pipeline: null, dataset: null })).toEqual([]);
  });
});

describe('lookAround', () => {
  it('asks nothing more of a pipeline whose file is wrong', async () => {
    const asked: string[] = [];
    const told: Record<string, unknown> = {
      project: { name: 'p' },
      pipelines: { pipelines: [row('wrong', null, FAULT)], more: false },
      reports: { reports: [], total: 0, more: false },
      catalog: { hits: [], total: 0, facets: null }
    };
    const get = <T>(path: string): Promise<T> => {
      asked.push(path);
      return Promise.resolve(told[path] as T);
    };
    const seen = await lookAround({ get }, new AbortController().signal);
    expect([seen.row?.name, seen.pipeline, seen.report, seen.dataset]).toEqual(['wrong', null, null, null]);
    expect(asked.sort()).toEqual(['catalog', 'pipelines', 'project', 'reports']);
  });
});
