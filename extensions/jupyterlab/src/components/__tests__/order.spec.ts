import { describe, expect, it } from 'vitest';

import { arranged, compare, pressed } from '../order';

interface Row {
  name: string;
  rows: number | null;
}

const ROWS: readonly Row[] = [
  { name: 'clean.b10', rows: 3 },
  { name: 'raw.a', rows: null },
  { name: 'clean.b9', rows: 20 }
];
const VALUES = { name: (row: Row) => row.name, rows: (row: Row) => row.rows };
const names = (text: string, column: string | null, descending = false): string[] =>
  arranged(ROWS, VALUES, text, column ? { column, descending } : null).map(row => row.name);

describe('arranged', () => {
  it('leaves rows as they came', () => expect(names('', null)).toEqual(['clean.b10', 'raw.a', 'clean.b9']));
  it('sorts numbers in names by size', () => expect(names('', 'name')).toEqual(['clean.b9', 'clean.b10', 'raw.a']));
  it('puts what is missing last, either way round', () => {
    expect(names('', 'rows')).toEqual(['clean.b10', 'clean.b9', 'raw.a']);
    expect(names('', 'rows', true)).toEqual(['clean.b9', 'clean.b10', 'raw.a']);
  });
  it('finds rows that hold every word', () => {
    expect(names('CLEAN 20', null)).toEqual(['clean.b9']);
    expect(names('clean nowhere', null)).toEqual([]);
  });
  it('sorts by no column that is gone', () => expect(names('', 'gone')).toHaveLength(3));
});

describe('pressed', () => {
  it('goes up, down, and back', () => {
    const up = pressed(null, 'name');
    const down = pressed(up, 'name');
    expect([up, down, pressed(down, 'name')]).toEqual([
      { column: 'name', descending: false },
      { column: 'name', descending: true },
      null
    ]);
    expect(pressed(down, 'rows')).toEqual({ column: 'rows', descending: false });
  });
});

describe('compare', () => {
  it('compares a text with a number as texts', () => expect(compare('b', 2, false)).toBeGreaterThan(0));
});
