import type { Drawn } from '../../api/types';

export type { Drawn } from '../../api/types';

/** How the id of a folded group begins. */
export const GROUP = 'group:';

/** One box: where it lies, what it says, and the numbers of those that arrows join it to. */
export interface Box {
  id: string;
  /** All that is read out of it: name, kind, fact and state. */
  name: string;
  kind: string;
  look: string;
  shown: string;
  fact: string;
  x: number;
  y: number;
  width: number;
  height: number;
  before: number[];
  after: number[];
}

/** One arrow between the boxes of two numbers; `points` are x, y, x, y … */
export interface Arrow {
  source: number;
  target: number;
  points: readonly number[];
  back: boolean;
}

/** A part of the picture, in its pixels. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The boxes and arrows of a picture, without anything drawn; each is known by its number. */
export class Scene {
  constructor(
    readonly boxes: readonly Box[],
    readonly arrows: readonly Arrow[] = []
  ) {
    boxes.forEach((box, number) => this._numbers.set(box.id, number));
  }

  number(id: string): number | undefined {
    return this._numbers.get(id);
  }

  /** All that a box was made from and all that is made of it, itself too. */
  reach(number: number): Set<number> {
    const found = new Set([number]);
    for (const side of ['before', 'after'] as const) {
      const seen = new Set([number]);
      const waiting = [number];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        for (const other of this.boxes[next]?.[side] ?? []) {
          if (!seen.has(other)) {
            seen.add(other);
            found.add(other);
            waiting.push(other);
          }
        }
      }
    }
    return found;
  }

  /** Where a key leads from a box: along an arrow, to a neighbour in its column, or to an end. */
  beside(number: number, key: string): number | undefined {
    const here = this.boxes[number];
    if (!here) {
      return undefined;
    }
    switch (key) {
      case 'ArrowRight':
        return this._closest(here, here.after);
      case 'ArrowLeft':
        return this._closest(here, here.before);
      case 'ArrowDown':
      case 'ArrowUp': {
        const way = key === 'ArrowDown' ? 1 : -1;
        const column = this.boxes.flatMap((box, other) =>
          box.x === here.x && (box.y - here.y) * way > 0 ? [other] : []
        );
        return this._closest(here, column);
      }
      case 'Home':
        return this._outermost(-1);
      case 'End':
        return this._outermost(1);
      default:
        return undefined;
    }
  }

  /** The boxes whose name holds every word, from the left to the right. */
  search(text: string): number[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.boxes.flatMap((box, number) => {
      const name = `${box.name} ${box.id}`.toLowerCase();
      return words.length && words.every(word => name.includes(word)) ? [number] : [];
    });
    return found.sort((one, two) => this._order(one) - this._order(two));
  }

  private _closest(here: Box, others: readonly number[]): number | undefined {
    const middle = here.y + here.height / 2;
    const away = (number: number) => {
      const box = this.boxes[number]!;
      return Math.abs(box.y + box.height / 2 - middle);
    };
    return [...others].sort((one, two) => away(one) - away(two) || one - two)[0];
  }

  private _outermost(way: number): number | undefined {
    return this.boxes.map((_, number) => number).sort((one, two) => (this._order(one) - this._order(two)) * -way)[0];
  }

  private _order(number: number): number {
    const box = this.boxes[number]!;
    return box.x * 1e6 + box.y;
  }

  private readonly _numbers = new Map<string, number>();
}

/** The scene of what the server sent. An arrow whose ends are not there is left out. */
export function sceneOf(drawn: Drawn): Scene {
  const boxes = drawn.boxes.map((box, number): Box => {
    const [x = 0, y = 0, width = 0, height = 0] = drawn.places.slice(4 * number, 4 * number + 4);
    const { id, kind, look, shown, fact } = box;
    return { id, kind, look, shown, fact, x, y, width, height, name: spoken(box), before: [], after: [] };
  });
  const back = new Set(drawn.back);
  const arrows = drawn.ways.flatMap((points, number): Arrow[] => {
    const [source, target] = [drawn.ends[2 * number] ?? -1, drawn.ends[2 * number + 1] ?? -1];
    const [one, two] = [boxes[source], boxes[target]];
    if (!one || !two || points.length < 4) {
      return [];
    }
    one.after.push(target);
    two.before.push(source);
    return [{ source, target, points, back: back.has(number) }];
  });
  return new Scene(boxes, arrows);
}

/** What is read out of a box. */
export function spoken(box: { name: string; kind: string; detail: string; word: string }): string {
  return [box.name, box.kind, box.detail, box.word].filter(Boolean).join(', ');
}
