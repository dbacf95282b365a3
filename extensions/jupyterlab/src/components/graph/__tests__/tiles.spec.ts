import { describe, expect, it } from 'vitest';

import type { Drawn, DrawnBox } from '../../../api/types';
import { sceneOf } from '../scene';
import { card, stripe, wayOf } from '../shapes';
import { distance, Tiles } from '../tiles';

const named = (id: string, kind = 'dataset'): DrawnBox => ({
  ...{ id, kind, name: id, detail: '3 rows', state: '', look: '', word: '' },
  ...{ shown: id, fact: '3 rows', group: '', members: 0 }
});

/** `count` boxes in columns of a hundred, each joined to the next. */
function crowd(count: number): Drawn {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const at = (number: number) => ({ x: 200 * Math.floor(number / 100), y: 60 * (number % 100) });
  return {
    ...{ title: 'crowd', about: '', focus: '', width: 200 * (count / 100), height: 6000, folded: {}, truncated: false },
    boxes: numbers.map(number => named(`space.name_${number}`)),
    places: numbers.flatMap(number => [at(number).x, at(number).y, 100, 40]),
    ends: numbers.slice(1).flatMap(number => [number - 1, number]),
    ways: numbers
      .slice(1)
      .map(number => [at(number - 1).x + 100, at(number - 1).y + 20, at(number).x, at(number).y + 20]),
    back: []
  };
}

describe('sceneOf', () => {
  it('joins boxes by arrows and says what is to be read out', () => {
    const scene = sceneOf(crowd(3));
    expect(scene.boxes[1]).toMatchObject({
      x: 0,
      y: 60,
      before: [0],
      after: [2],
      name: 'space.name_1, dataset, 3 rows'
    });
    expect(scene.arrows).toHaveLength(2);
  });

  it('leaves out arrows whose ends are not there', () => {
    const wrong = { ...crowd(2), ends: [0, 7, -1, 1, 0], ways: [[0, 0, 9, 9], [0, 0, 9, 9], [0, 0, 9, 9], [1]] };
    expect(sceneOf(wrong).arrows).toEqual([]);
  });
});

describe('Tiles', () => {
  const scene = sceneOf(crowd(2000));
  const tiles = new Tiles(scene);

  it('knows what an area shows, and nothing beside it', () => {
    expect(tiles.boxes({ left: 190, top: 0, right: 300, bottom: 110 })).toEqual([100, 101]);
    expect(tiles.boxes({ left: 101, top: 0, right: 199, bottom: 6000 })).toEqual([]);
    expect(tiles.boxes({ left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 })).toHaveLength(2000);
    expect(tiles.boxes({ left: 1e6, top: 1e6, right: 1e6 + 10, bottom: 1e6 + 10 })).toEqual([]);
  });

  it('finds all arrows that pass through an area', () => {
    const found = new Set(tiles.arrows({ left: 0, top: 0, right: 150, bottom: 100 }));
    expect([0, 1].every(number => found.has(number))).toBe(true);
    expect(found.size).toBeLessThan(200);
  });

  it('tells what lies under the pointer', () => {
    expect(tiles.boxAt(50, 70)).toBe(1);
    expect(tiles.boxAt(150, 70)).toBeUndefined();
    const middle = scene.arrows[99]!; // from the foot of the first column to the head of the second
    const [x, y] = [(middle.points[0]! + middle.points[2]!) / 2, (middle.points[1]! + middle.points[3]!) / 2];
    expect(tiles.arrowAt(x, y, 5)).toBe(99);
    expect(tiles.arrowAt(-500, -500, 5)).toBeUndefined();
  });
});

describe('wayOf', () => {
  const arrow = { source: 0, target: 1, points: [0, 0, 100, 50], back: false };

  it('draws a curve that passes where it is felt', () => {
    expect(wayOf(arrow, false)).toBe('M0 0C50 0 50 50 100 50');
    expect(distance(arrow, 50, 25)).toBeLessThan(0.5);
    expect(distance(arrow, 0, 50)).toBeGreaterThan(15);
  });

  it('is straight where it stays level, and has a head when it is near', () => {
    expect(wayOf({ ...arrow, points: [0, 7, 100, 7] }, false)).toBe('M0 7H100');
    expect(wayOf({ ...arrow, points: [0, 7, 100, 7] }, true)).toBe('M0 7H100m-5 -3.5L100 7l-5 3.5');
  });
});

describe('card', () => {
  const box = { ...sceneOf(crowd(1)).boxes[0]!, width: 100, height: 40 };

  it('tells kinds apart by their form', () => {
    const forms = ['dataset', 'step', 'report', 'column'].map(kind => card({ ...box, kind }, 0, 0));
    expect(new Set(forms).size).toBe(4);
    expect(stripe({ ...box, kind: 'step' }, 10, 20)).toBe('M10 20h5v40h-5z');
  });
});
