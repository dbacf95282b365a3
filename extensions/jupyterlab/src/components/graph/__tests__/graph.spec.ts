import { describe, expect, it } from 'vitest';

import { FAR, fitted, shown, zoomed } from '../camera';
import type { Box } from '../scene';
import { Scene } from '../scene';

const box = (id: string, x: number, y: number, before: number[], after: number[]): Box => ({
  ...{ id, name: `${id}, dataset`, kind: 'dataset', look: '', shown: id, fact: '' },
  ...{ x, y, width: 100, height: 40, before, after }
});
/** a leads to b and c, which lead to d; e stands alone. */
const scene = new Scene([
  box('raw.a', 0, 50, [], [1, 2]),
  box('clean.b', 200, 0, [0], [3]),
  box('clean.c', 200, 60, [0], [3]),
  box('marts.d', 400, 50, [1, 2], []),
  box('e', 0, 200, [], [])
]);

describe('Scene', () => {
  it('reaches what a box was made from and what is made of it', () => {
    expect([...scene.reach(1)].sort()).toEqual([0, 1, 3]);
    expect([...scene.reach(4)]).toEqual([4]);
  });

  it('walks along arrows to what lies closest, and up and down in a column', () => {
    expect(scene.beside(0, 'ArrowRight')).toBe(2);
    expect(scene.beside(3, 'ArrowLeft')).toBe(2);
    expect(scene.beside(1, 'ArrowDown')).toBe(2);
    expect(scene.beside(2, 'ArrowUp')).toBe(1);
    expect(scene.beside(0, 'Home')).toBe(0);
    expect(scene.beside(0, 'End')).toBe(3);
  });

  it('stays where a key leads nowhere', () => {
    expect(scene.beside(3, 'ArrowRight')).toBeUndefined();
    expect(scene.beside(0, 'x')).toBeUndefined();
    expect(scene.beside(99, 'ArrowRight')).toBeUndefined();
  });

  it('finds boxes by all words, from the left', () => {
    expect(scene.search('CLEAN')).toEqual([1, 2]);
    expect(scene.search('clean .c')).toEqual([2]);
    expect(scene.search('  ')).toEqual([]);
  });
});

describe('Camera', () => {
  const window = { width: 800, height: 400 };

  it('fits a picture into the middle, and does not blow a small one up', () => {
    const camera = fitted({ width: 1600, height: 100 }, window);
    expect(camera.scale).toBeCloseTo(768 / 1600);
    expect(camera.left).toBeCloseTo(16);
    expect(fitted({ width: 10, height: 10 }, window).scale).toBeCloseTo(1.1);
    expect(Number.isFinite(fitted({ width: 0, height: 0 }, { width: 0, height: 0 }).scale)).toBe(true);
  });

  it('zooms around the pointer, within bounds', () => {
    const camera = zoomed({ left: 10, top: 20, scale: 1 }, 2, 110, 120);
    expect(camera).toEqual({ left: -90, top: -80, scale: 2 });
    expect(zoomed(camera, 1e9, 0, 0).scale).toBe(3);
    expect(zoomed(camera, 1e-9, 0, 0).scale).toBe(0.02);
  });

  it('moves no more than it must to show a box, and comes near enough to read it', () => {
    const seen = { x: 100, y: 100, width: 100, height: 40 };
    const still = { left: 0, top: 0, scale: 1 };
    expect(shown(still, seen, window, true)).toEqual(still);
    expect(shown(still, { ...seen, x: 900 }, window, true).left).toBe(800 - 16 - 1000);
    expect(shown({ ...still, scale: 0.1 }, seen, window, true).scale).toBeGreaterThan(FAR);
  });
});
