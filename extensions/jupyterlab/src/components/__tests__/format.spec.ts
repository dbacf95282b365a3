import { describe, expect, it } from 'vitest';

import { ago, count, share, size } from '../format';

const NOW = Date.parse('2026-03-02T12:00:00Z');

describe('what people read', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1500, '1.50 kB'],
    [441000000, '441 MB'],
    [999999, '1.00 MB']
  ])('size of %d', (bytes, text) => expect(size(bytes)).toBe(text));

  it.each([
    [0, 0, '0 %'],
    [23, 1000, '2.3 %'],
    [1, 1000000, '< 0.1 %'],
    [999999, 1000000, '> 99.9 %'],
    [5, 5, '100 %']
  ])('share %d of %d', (part, whole, text) => expect(share(part, whole)).toBe(text));

  it.each([
    ['2026-03-02T11:59:30Z', 'just now'],
    ['2026-03-02T11:59:00Z', '1 minute ago'],
    ['2026-03-02T02:00:00+02:00', '12 hours ago'],
    ['2026-02-28T12:00:00Z', '2 days ago'],
    ['2025-03-02T12:00:00Z', '11 months ago'],
    ['2026-03-02T14:00:00Z', 'in 2 hours'],
    ['no time', 'no time']
  ])('time %s', (iso, text) => expect(ago(iso, NOW)).toBe(text));

  it('groups digits', () => expect(count(336776)).toBe('336,776'));
});
