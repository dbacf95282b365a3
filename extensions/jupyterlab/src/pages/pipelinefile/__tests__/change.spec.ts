import { describe, expect, it } from 'vitest';

import { changeOf, endOf, offsetAt } from '../change';

describe('a change', () => {
  it('is none between equal texts', () => {
    expect(changeOf('abc', 'abc')).toBeNull();
  });

  it.each([
    ['', 'a'],
    ['a', ''],
    ['steps:\n  a: x\n', 'steps:\n  a: x\n  b: y\n'],
    ['aaaa', 'aaa'],
    ['x🛫y', 'x🛬y'],
    ['🛫🛫', '🛫'],
    ['abcabc', 'abc']
  ])('makes of %j what it should be, and halves no letter', (before, after) => {
    const change = changeOf(before, after)!;
    expect(before.slice(0, change.start) + change.text + before.slice(change.end)).toBe(after);
    expect([...change.text].every(letter => !/^[\ud800-\udfff]$/.test(letter))).toBe(true);
  });

  it('is no larger than it has to be', () => {
    expect(changeOf('a: 1\nb: 2\nc: 3\n', 'a: 1\nb: 5\nc: 3\n')).toEqual({ start: 8, end: 9, text: '5' });
  });
});

describe('a place', () => {
  it('is found by line and column', () => {
    expect(offsetAt('ab\ncd', 2, 2)).toBe(4);
    expect(offsetAt('ab\ncd', 9, 1)).toBe(5);
    expect(offsetAt('ab\ncd', 1, 99)).toBe(2);
  });

  it('counts letters and not their halves', () => {
    expect(offsetAt('🛫x', 1, 2)).toBe(2);
  });

  it('ends with its word', () => {
    expect(endOf('a: notebooks/x.ipynb  # c', 3)).toBe(20);
    expect(endOf('a: "b c", d', 3)).toBe(8);
    expect(endOf('a:\nb', 2)).toBe(2);
    expect(endOf('[', 0)).toBe(1);
  });
});
