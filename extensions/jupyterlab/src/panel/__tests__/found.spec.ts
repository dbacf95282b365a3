import { describe, expect, it } from 'vitest';

import { pause } from '../found';

describe('pause', () => {
  it('lets the first key be asked about at once, and each one after a rest', () => {
    expect(pause(-Infinity, 0)).toBe(0);
    expect(pause(1000, 2000)).toBe(0);
  });

  it('keeps questions of a burst apart', () => {
    expect(pause(1000, 1000)).toBeGreaterThan(0);
    expect(pause(1000, 1020)).toBe(pause(1000, 1000) - 20);
  });
});
