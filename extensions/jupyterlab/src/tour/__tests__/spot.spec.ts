import { describe, expect, it } from 'vitest';

import { beside } from '../spot';

const CARD = { width: 320, height: 160 };
const WINDOW = { width: 1280, height: 800 };

describe('beside', () => {
  it('stands at the right of a sidebar', () => {
    expect(beside({ left: 0, top: 30, width: 300, height: 740 }, CARD, WINDOW)).toEqual({ left: 312, top: 30 });
  });
  it('stands at the left of what reaches the right edge', () => {
    expect(beside({ left: 900, top: 30, width: 380, height: 700 }, CARD, WINDOW)).toEqual({ left: 568, top: 30 });
  });
  it('stands below a bar at the top, and above one at the bottom', () => {
    expect(beside({ left: 0, top: 0, width: 1280, height: 28 }, CARD, WINDOW)).toEqual({ left: 12, top: 40 });
    expect(beside({ left: 0, top: 776, width: 1280, height: 24 }, CARD, WINDOW)).toEqual({ left: 12, top: 604 });
  });
  it('stays in the window beside a small thing at its edge', () => {
    expect(beside({ left: 4, top: 780, width: 60, height: 20 }, CARD, WINDOW)).toEqual({ left: 76, top: 628 });
  });
  it('is in the middle without a place, and of what leaves none', () => {
    const middle = { left: 480, top: 320 };
    expect(beside(null, CARD, WINDOW)).toEqual(middle);
    expect(beside({ left: 0, top: 0, width: 1280, height: 800 }, CARD, WINDOW)).toEqual(middle);
  });
  it('shows its beginning in a window that is too small for it', () => {
    expect(beside(null, CARD, { width: 200, height: 100 })).toEqual({ left: 12, top: 12 });
  });
});
