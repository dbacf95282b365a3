import { describe, expect, it } from 'vitest';

import { Ledger, mayWrite } from '../ledger';
import type { Live, RunEvent } from '../types';

const EVENT: RunEvent = {
  stream: 's',
  number: 1,
  run: 'r1',
  pipeline: 'sales',
  environment: 'prod',
  state: 'running',
  code: '',
  steps: [],
  cells: [],
  logs: []
};

function event(more: Partial<RunEvent>): RunEvent {
  return { ...EVENT, ...more };
}

function snapshot(number: number, ...runs: string[]): Live {
  const row = { pipeline: 'sales', environment: 'prod', state: 'running' };
  return {
    stream: 's',
    number,
    runs: runs.map(id => ({ run: { ...row, id }, steps: { load: 'running' } }))
  } as unknown as Live;
}

describe('Ledger', () => {
  it('goes on from a snapshot', () => {
    const ledger = new Ledger();
    expect(ledger.renew(snapshot(4, 'r1'))).toBe(true);
    expect(ledger.take(event({ number: 5, steps: [{ step: 'load', state: 'succeeded' }] }))).toBe('news');
    expect(ledger.going.map(run => [run.id, run.steps.get('load')])).toEqual([['r1', 'succeeded']]);
  });
  it('learns of runs that begin and forgets those that end', () => {
    const ledger = new Ledger();
    ledger.renew(snapshot(0));
    ledger.take(event({ number: 1, state: 'queued' }));
    expect(ledger.going.map(run => run.state)).toEqual(['queued']);
    ledger.take(event({ number: 2, state: 'failed' }));
    expect(ledger.going).toEqual([]);
  });
  it('takes nothing twice', () => {
    const ledger = new Ledger();
    ledger.renew(snapshot(7));
    expect(ledger.take(event({ number: 7 }))).toBe('known');
    expect(ledger.going).toEqual([]);
  });
  it('sees that something is missing, or that the server is another one', () => {
    const ledger = new Ledger();
    expect(ledger.take(event({ number: 1 }))).toBe('gap');
    ledger.renew(snapshot(1));
    expect(ledger.take(event({ number: 3 }))).toBe('gap');
    expect(ledger.take(event({ number: 2, stream: 'other' }))).toBe('gap');
    expect(ledger.take(event({ number: 2 }))).toBe('news');
  });
  it('says whether a snapshot tells anything that was not known', () => {
    const ledger = new Ledger();
    ledger.renew(snapshot(1));
    ledger.take(event({ number: 2 }));
    expect(ledger.renew(snapshot(2, 'r1'))).toBe(false);
    expect(ledger.renew(snapshot(3))).toBe(true);
  });
  it('holds no more after a thousand runs than before', () => {
    const ledger = new Ledger();
    ledger.renew(snapshot(0));
    for (let number = 1; number <= 2000; number += 2) {
      ledger.take(event({ number, run: `r${number}` }));
      ledger.take(event({ number: number + 1, run: `r${number}`, state: 'succeeded' }));
    }
    expect(ledger.going).toEqual([]);
  });
});

describe('mayWrite', () => {
  it('is what ends a run or a step', () => {
    expect(mayWrite(event({ state: 'succeeded' }))).toBe(true);
    expect(mayWrite(event({ steps: [{ step: 'load', state: 'succeeded' }] }))).toBe(true);
    expect(mayWrite(event({ steps: [{ step: 'load', state: 'running' }] }))).toBe(false);
    expect(mayWrite(event({}))).toBe(false);
  });
});
