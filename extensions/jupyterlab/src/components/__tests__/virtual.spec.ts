import { describe, expect, it } from 'vitest';

import { revealed, visible } from '../virtual';

describe('visible', () => {
  it('draws little of much', () => {
    const { start, end } = visible(20000, 400, 20, 1000000);
    expect(start).toBeLessThanOrEqual(1000);
    expect(end).toBeGreaterThanOrEqual(1020);
    expect(end - start).toBeLessThan(60);
  });
  it('keeps within what there is', () => {
    expect(visible(0, 400, 20, 3)).toEqual({ start: 0, end: 3 });
    expect(visible(90000, 400, 20, 3).end).toBe(3);
    expect(visible(0, 400, 20, 0)).toEqual({ start: 0, end: 0 });
  });
});

describe('revealed', () => {
  it('scrolls just as far as needed', () => {
    expect(revealed(100, 200, 50, 3)).toBe(100);
    expect(revealed(100, 200, 50, 1)).toBe(50);
    expect(revealed(100, 200, 50, 9)).toBe(300);
  });
});
