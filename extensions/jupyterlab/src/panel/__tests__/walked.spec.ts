import { describe, expect, it } from 'vitest';

import { walked } from '../keys';

describe('walked', () => {
  it('walks within the rows', () => {
    expect(walked('ArrowDown', 0, 3)).toBe(1);
    expect(walked('ArrowUp', 0, 3)).toBe(0);
    expect(walked('PageDown', 1, 5)).toBe(4);
    expect(walked('PageUp', 4, 5)).toBe(0);
  });
  it('stays for other keys and without rows', () => {
    expect(walked('a', 2, 3)).toBe(2);
    expect(walked('ArrowDown', 0, 0)).toBe(0);
  });
});
