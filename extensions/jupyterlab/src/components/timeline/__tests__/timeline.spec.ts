import { describe, expect, it } from 'vitest';

import type { Lane, Span } from '../../../api/types';
import { density, place, room, ticks } from '../layout';

const WHOLE = { seconds: 100, cuts: [] as [number, number][] };
const CUT = { seconds: 100, cuts: [[20, 70]] as [number, number][] };

describe('a timeline', () => {
  it('leaves out what was cut', () => {
    expect(room(CUT)).toBe(50);
    expect(place(CUT, 10)).toBeCloseTo(0.2);
    expect(place(CUT, 45)).toBeCloseTo(0.4);
    expect(place(CUT, 70)).toBeCloseTo(0.4);
    expect(place(CUT, 100)).toBe(1);
  });

  it('keeps what lies outside at its ends', () => {
    expect(place(WHOLE, -1)).toBe(0);
    expect(place(WHOLE, 200)).toBe(1);
    expect(place({ seconds: 0, cuts: [] }, 5)).toBe(0);
  });

  it('has round moments, none in a cut', () => {
    expect(ticks(WHOLE, 8)).toEqual([0, 15, 30, 45, 60, 75, 90]);
    expect(ticks(CUT, 8)).toEqual([0, 10, 20, 70, 80, 90, 100]);
    expect(ticks({ seconds: 0, cuts: [] }, 8)).toEqual([0]);
  });

  it('does not count through a week in which nothing ran', () =>
    expect(ticks({ seconds: 604810, cuts: [[5, 604805]] }, 5).length).toBeLessThan(10));

  it('says how many were at work at once', () => {
    const span = (start: number, end: number): Span => ({
      phase: 'running',
      start,
      end,
      attempt: 1,
      state: 'committed'
    });
    const lane = { spans: [span(0, 4), span(1, 2), span(2, 3)] } as Lane;
    expect(density(lane).map(each => each.level)).toEqual([0.5, 1, 0.5, 1, 0.5, 0]);
  });
});
