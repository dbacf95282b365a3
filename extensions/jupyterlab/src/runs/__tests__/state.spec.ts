import { describe, expect, it } from 'vitest';

import type { Run, RunEvent } from '../../api/types';
import { applied, ended, lookOf, well } from '../state';

const RUN = {
  id: 'r',
  state: 'running',
  steps: [
    { step: 'a', state: 'running', attempts: [{ number: 1, cells: [{ id: 'c', state: 'running', seconds: null }] }] },
    { step: 'b', state: 'queued', attempts: [] }
  ]
} as unknown as Run;

function event(told: Partial<RunEvent>): RunEvent {
  return {
    stream: 's',
    number: 1,
    run: 'r',
    pipeline: 'p',
    environment: 'dev',
    state: 'running',
    code: '',
    steps: [],
    cells: [],
    logs: [],
    ...told
  };
}

describe('a run that goes on', () => {
  it('takes over what an event tells, and nothing else', () => {
    const next = applied(
      RUN,
      event({
        steps: [{ step: 'b', state: 'running' }],
        cells: [{ step: 'a', attempt: 1, id: 'c', state: 'succeeded', seconds: 2 }]
      })
    );
    expect(next.steps.map(step => step.state)).toEqual(['running', 'running']);
    expect(next.steps[0]!.attempts[0]!.cells[0]).toEqual({ id: 'c', state: 'succeeded', seconds: 2 });
    expect(RUN.steps[1]!.state).toBe('queued');
  });

  it('leaves steps that it does not know to the next reading', () =>
    expect(applied(RUN, event({ steps: [{ step: 'new', state: 'queued' }] })).steps).toHaveLength(2));

  it('knows when it is over, and how', () => {
    expect(['queued', 'running', 'staged'].map(ended)).toEqual([false, false, false]);
    expect(['succeeded', 'failed', 'lost', 'cancelled'].map(ended)).toEqual([true, true, true, true]);
    expect([well('succeeded'), well('withheld')]).toEqual([true, false]);
    expect(lookOf('skipped')).toBe('unchanged');
  });
});
