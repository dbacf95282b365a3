import { describe, expect, it } from 'vitest';

import type { CheckResult, Stands, TrendPoint } from '../../api/types';
import { genuineBadge } from '../../pages/reports/genuine';
import { badge } from '../looks';
import { cell, cut, outcomes } from '../outcomes';
import { Child, part, text } from '../part';
import { overview, standingBadge } from '../standing';
import { summary } from '../trend/points';
import { trend } from '../trend/trend';
import { ENGLISH } from '../words';
import { HOSTILE, harmful, html, read } from './hostile';

const result = (wild: string): CheckResult => ({
  name: wild,
  kind: wild,
  column: wild,
  arguments: { [wild]: wild },
  severity: 'error',
  outcome: 'fail',
  observed: wild,
  expected: wild,
  failing: 3,
  rows: 10,
  seconds: 0.1,
  blocks: true,
  error: null,
  sample: [JSON.parse(JSON.stringify({ id: 1 })), Object.fromEntries([[wild, wild]])]
});

const point = (wild: string, failed: number): TrendPoint => ({
  snapshot: '1',
  version: 1,
  created_at: wild,
  rows: 10,
  withheld: false,
  passed: 2,
  failed,
  run: wild,
  step: wild
});

/** Every component that shows what others wrote; a new one gets its line here. */
const COMPONENTS: readonly [name: string, drawn: (wild: string) => Child, shows: (wild: string) => string][] = [
  ['a badge', wild => badge(wild), wild => wild],
  ['a badge with a word', wild => badge('fail', wild), wild => wild],
  ['a cell', wild => cell(wild), wild => cut(wild)],
  ['a cell of a list', wild => cell([wild]), wild => cut(JSON.stringify([wild]))],
  ['checks', wild => outcomes([result(wild)], ENGLISH, wild), wild => cut(wild)],
  ['a check in error', wild => outcomes([{ ...result(''), error: wild }], ENGLISH), wild => cut(wild)],
  ['a trend', wild => trend([point(wild, 1), point(wild, 0)], ENGLISH), wild => wild],
  ['plain text', wild => part('p', { title: wild, 'data-key': wild }, wild), wild => wild]
];

describe.each(COMPONENTS)('%s', (_, drawn, shows) => {
  it.each(HOSTILE)('shows %s as text', (__, wild) => {
    const made = drawn(wild);
    const written = html(made);
    expect(harmful(written)).toEqual([]);
    expect(text(made)).toContain(shows(wild));
    if (!/[\u0000-\u001f\ud800-\udfff]/.test(wild)) {
      expect(read(written)).toContain(shows(wild));
    }
  });
});

describe('what is not text', () => {
  it.each(['script', 'iframe', 'a', 'img', 'style', 'use'])('is no element %s', tag => {
    expect(() => part(tag)).toThrow();
  });

  it.each(['onclick', 'ONERROR', 'href', 'src', 'srcdoc', 'style'])('is no attribute %s', name => {
    expect(() => part('p', { [name]: 'x' })).toThrow();
  });
});

describe('cutting', () => {
  it('never leaves half a character', () => {
    expect(cut('\u{1f6eb}'.repeat(200), 7)).toBe(`${'\u{1f6eb}'.repeat(3)}…`);
    expect(cut('short')).toBe('short');
  });

  it('keeps long columns and many rows within bounds', () => {
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`column_${index}`, 'x'.repeat(10_000)]));
    const written = html(outcomes([{ ...result('x'), sample: [wide] }], ENGLISH));
    expect(written.length).toBeLessThan(120_000);
    expect(written).toContain('470 more columns are not shown.');
  });
});

describe('what is told of datasets', () => {
  it('fills in values once: a value that looks like a mark stays', () => {
    expect(ENGLISH.__('%1 and %2', '%2', 'b')).toBe('%2 and b');
    expect(ENGLISH._n('%1 row', '%1 rows', 2)).toBe('2 rows');
  });

  it('says in a word how many call for a look', () => {
    expect(overview({ failing: 1, withheld: 1, good: 3, unchecked: 1, warned: 0 }, ENGLISH)).toBe(
      '2 of 6 datasets call for a look. 1 has no checks.'
    );
    expect(overview({ good: 2 }, ENGLISH)).toBe('None of 2 datasets calls for a look.');
    expect(overview({}, ENGLISH)).toBe('');
  });

  it('tells every standing and proof by word and form', () => {
    const standings: Stands['standing'][] = ['withheld', 'failing', 'warned', 'unchecked', 'good'];
    expect(new Set(standings.map(each => text(standingBadge(each, ENGLISH)))).size).toBe(5);
    const told = [
      { genuine: true, gone: false },
      { genuine: false, gone: false },
      { genuine: false, gone: true }
    ].map(each => text(genuineBadge(each, ENGLISH)));
    expect(told).toEqual(['genuine', 'altered', 'file is gone']);
  });

  it('tells a time that is none as it is', () => {
    expect(summary([point('no time', 1)], ENGLISH)).toContain('no time');
  });
});
