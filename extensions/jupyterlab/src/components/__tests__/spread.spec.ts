import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { heights, words } from '../spread';

const trans = nullTranslator.load('dataops_workbench_lab');
const bin = (label: string, upto: string, rows: number) => ({ label, upto, rows });
const RANGE = {
  column: 'x',
  kind: 'range',
  nulls: 5,
  distinct: 40,
  bins: [bin('0', '5', 10), bin('5', '10', 0), bin('10', '15', 5)]
};
const VALUES = {
  column: 'x',
  kind: 'values',
  nulls: 0,
  distinct: 2,
  bins: [bin('north', '', 15), bin('south', '', 5)]
};

describe('heights', () => {
  it('are by the tallest bin, or by all values', () => {
    expect(heights(RANGE, 15)).toEqual([1, 0, 0.5]);
    expect(heights(VALUES, 20)).toEqual([0.75, 0.25]);
  });
  it('let little be seen', () => {
    expect(heights({ ...VALUES, bins: [bin('a', '', 1)] }, 1000)).toEqual([0.08]);
  });
});

describe('words', () => {
  it('say what is drawn', () => {
    expect(words(RANGE, 20, trans)).toEqual(['about 40 values', 'from 0 to 15', 'most from 0 to 5', '25.0 % null']);
    expect(words(VALUES, 20, trans)).toEqual(['about 2 values', 'north 75.0 %', 'south 25.0 %']);
  });
});
