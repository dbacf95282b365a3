import { describe, expect, it } from 'vitest';

import type { Drawn, DrawnBox } from '../../../api/types';
import { asked, WHOLE } from '../choice';
import { around, isGroup } from '../walk';

describe('asked', () => {
  it('asks for both ways to the end unless told otherwise', () => {
    expect(asked('raw.sales', WHOLE)).toEqual(['lineage/raw.sales/drawing', { direction: 'both', opened: '' }]);
    expect(asked('raw.sales', { ...WHOLE, way: 'upstream', depth: 2, opened: ['a', 'b'] })).toEqual([
      'lineage/raw.sales/drawing',
      { direction: 'upstream', opened: 'a,b', depth: '2' }
    ]);
  });

  it('asks for a path, whose ends cannot lead elsewhere', () => {
    expect(asked('raw.sales', { ...WHOLE, other: '../x' })[0]).toBe('lineage/raw.sales/path/..%2Fx/drawing');
  });
});

describe('around', () => {
  const named = (id: string) => ({ id, name: id }) as DrawnBox;
  const drawn = { boxes: ['a', 'b', 'c'].map(named), ends: [0, 1, 1, 2, 0, 2, 0, 1, 9, 1] } as unknown as Drawn;

  it('names neighbours once, and those only that are there', () => {
    expect(around(drawn, 'b')).toEqual({ before: [named('a')], after: [named('c')] });
    expect(around(drawn, 'nowhere')).toEqual({ before: [], after: [] });
  });

  it('knows what stands for many', () => {
    expect([isGroup('group:raw'), isGroup('raw.a')]).toEqual([true, false]);
  });
});
