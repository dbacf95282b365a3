import { describe, expect, it } from 'vitest';

import type { TrendPoint } from '../../../api/types';
import { text } from '../../part';
import { ENGLISH } from '../../words';
import { MOST, kind, since, summary } from '../points';
import { bars, trend } from '../trend';

const point = (version: number, passed: number, failed: number, withheld = false): TrendPoint => ({
  snapshot: `${version || 99}`,
  version,
  created_at: `2026-03-${String(Math.max(version, 1)).padStart(2, '0')}T12:00:00.000+00:00`,
  rows: 10,
  withheld,
  passed,
  failed,
  run: null,
  step: null
});

describe('what is wrong, since when', () => {
  it('goes back to the first of an unbroken row', () => {
    const found = since([point(5, 1, 1), point(0, 0, 2, true), point(4, 1, 1), point(3, 2, 0), point(2, 0, 2)]);
    expect(found).toMatchObject({ versions: 3, atLeast: false });
    expect(found?.point.version).toBe(4);
  });

  it('is not told where the newest version is good, or was not checked', () => {
    expect(since([point(2, 1, 0), point(1, 0, 1)])).toBeNull();
    expect(since([point(2, 0, 0), point(1, 0, 1)])).toBeNull();
    expect(since([])).toBeNull();
  });

  it('may have begun earlier than what is known', () => {
    expect(since([point(7, 0, 1), point(6, 0, 1)])?.atLeast).toBe(true);
    expect(since([point(2, 0, 1), point(1, 0, 1)])?.atLeast).toBe(false);
  });
});

describe('a bar', () => {
  it('is as high as the share that failed, and never too small to be seen', () => {
    const [half, few] = bars([point(2, 999, 1), point(1, 5, 5)]);
    expect([half?.failed, half?.passed]).toEqual([16, 16]);
    expect([few?.failed, few?.passed]).toEqual([4, 28]);
  });

  it('stands for the oldest version at the left', () => {
    const drawn = bars([point(3, 1, 0), point(2, 1, 0), point(1, 1, 0)]);
    expect(drawn.map(bar => bar.point.version)).toEqual([1, 2, 3]);
    expect(drawn.map(bar => bar.x)).toEqual([0, 10, 20]);
  });

  it('is drawn for the newest versions only', () => {
    const many = Array.from({ length: 500 }, (_, index) => point(500 - index, 1, 0));
    expect(bars(many)).toHaveLength(MOST);
    expect(bars(many).at(-1)?.point.version).toBe(500);
  });

  it('says which of four kinds it is', () => {
    expect([point(1, 1, 0), point(1, 1, 1), point(0, 1, 0, true), point(1, 0, 0)].map(kind)).toEqual([
      'good',
      'failing',
      'withheld',
      'unchecked'
    ]);
  });
});

describe('a trend as a sentence', () => {
  it.each([
    [[], 'No version was written yet.'],
    [[point(1, 2, 0)], 'Nothing failed at the one version.'],
    [[point(2, 2, 0), point(1, 2, 0)], 'Nothing failed at the last 2 versions.'],
    [[point(2, 0, 0), point(1, 0, 0)], 'None of the last 2 versions was checked.']
  ])('of %j', (points, said) => expect(summary(points, ENGLISH)).toBe(said));

  it('names the newest version and the beginning', () => {
    const said = summary([point(3, 1, 1), point(2, 2, 0)], ENGLISH);
    expect(said).toMatch(/^At version 3: 1 of 2 checks did not pass\. So since 3 Mar 2026/);
  });

  it('is the label of the picture, whose bars have their own', () => {
    const drawn = trend([point(2, 2, 0), point(1, 1, 1)], ENGLISH);
    expect(drawn.attributes['aria-label']).toBe(summary([point(2, 2, 0), point(1, 1, 1)], ENGLISH));
    expect(text(drawn)).toContain('version 1\n1 of 2 checks did not pass');
  });

  it('has a size even where nothing was written', () => {
    expect(trend([], ENGLISH).attributes['viewBox']).toBe('0 0 8 32');
  });
});
