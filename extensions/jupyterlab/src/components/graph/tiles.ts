import type { Area, Arrow, Scene } from './scene';

/** Pixels of the side of a tile: about a screen, so that a window meets few of them. */
const TILE = 640;
/** Points on each curve that are looked at to tell how far it is from the pointer. */
const SAMPLES = 12;

/** Tells which boxes and arrows a part of a picture meets, without looking at all of them. */
export class Tiles {
  constructor(private readonly _scene: Scene) {
    _scene.boxes.forEach((box, number) =>
      put(this._boxes, { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height }, number)
    );
    _scene.arrows.forEach((arrow, number) => put(this._arrows, around(arrow), number));
  }

  /** The numbers of the boxes in an area, in order. */
  boxes(area: Area): number[] {
    return within(this._boxes, area).filter(number => {
      const box = this._scene.boxes[number]!;
      return (
        box.x <= area.right && box.x + box.width >= area.left && box.y <= area.bottom && box.y + box.height >= area.top
      );
    });
  }

  /** The numbers of the arrows that may pass through an area, in order. */
  arrows(area: Area): number[] {
    return within(this._arrows, area);
  }

  /** The box at a point. */
  boxAt(x: number, y: number): number | undefined {
    return this.boxes({ left: x, top: y, right: x, bottom: y }).pop();
  }

  /** The arrow closest to a point, if one is no farther than `reach`. */
  arrowAt(x: number, y: number, reach: number): number | undefined {
    const area = { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
    let found: number | undefined;
    let least = reach;
    for (const number of this.arrows(area)) {
      const away = distance(this._scene.arrows[number]!, x, y);
      if (away <= least) {
        [found, least] = [number, away];
      }
    }
    return found;
  }

  private readonly _boxes = new Map<string, number[]>();
  private readonly _arrows = new Map<string, number[]>();
}

/** How far a point is from an arrow. */
export function distance(arrow: Arrow, x: number, y: number): number {
  const { points } = arrow;
  let least = Infinity;
  let [fromX, fromY] = [points[0]!, points[1]!];
  for (let index = 2; index + 1 < points.length; index += 2) {
    const [toX, toY] = [points[index]!, points[index + 1]!];
    let [oneX, oneY] = [fromX, fromY];
    for (let step = 1; step <= SAMPLES; step += 1) {
      const part = step / SAMPLES;
      const nextX = fromX + (toX - fromX) * (1.5 * part * (1 - part) + part ** 3); // as `wayOf` draws it
      const nextY = fromY + (toY - fromY) * part * part * (3 - 2 * part);
      least = Math.min(least, fromSegment(x, y, oneX, oneY, nextX, nextY));
      [oneX, oneY] = [nextX, nextY];
    }
    [fromX, fromY] = [toX, toY];
  }
  return least;
}

function fromSegment(x: number, y: number, oneX: number, oneY: number, twoX: number, twoY: number): number {
  const [wide, high] = [twoX - oneX, twoY - oneY];
  const long = wide * wide + high * high;
  const part = long ? Math.min(1, Math.max(0, ((x - oneX) * wide + (y - oneY) * high) / long)) : 0;
  return Math.hypot(x - oneX - part * wide, y - oneY - part * high);
}

function around(arrow: Arrow): Area {
  const area = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let index = 0; index + 1 < arrow.points.length; index += 2) {
    area.left = Math.min(area.left, arrow.points[index]!);
    area.right = Math.max(area.right, arrow.points[index]!);
    area.top = Math.min(area.top, arrow.points[index + 1]!);
    area.bottom = Math.max(area.bottom, arrow.points[index + 1]!);
  }
  return area;
}

function put(tiles: Map<string, number[]>, area: Area, number: number): void {
  for (const key of keys(area)) {
    const tile = tiles.get(key);
    if (tile) {
      tile.push(number);
    } else {
      tiles.set(key, [number]);
    }
  }
}

/** What lies in the tiles of an area; an area of most of the picture costs no more than all tiles there are. */
function within(tiles: Map<string, number[]>, area: Area): number[] {
  const found = new Set<number>();
  const many = (area.right - area.left + TILE) * (area.bottom - area.top + TILE) > tiles.size * TILE * TILE;
  const add = (numbers: number[] | undefined) => numbers?.forEach(number => found.add(number));
  if (many) {
    tiles.forEach((numbers, key) => {
      const [column = 0, row = 0] = key.split(' ').map(Number);
      if (
        column * TILE <= area.right &&
        (column + 1) * TILE >= area.left &&
        row * TILE <= area.bottom &&
        (row + 1) * TILE >= area.top
      ) {
        add(numbers);
      }
    });
  } else {
    keys(area).forEach(key => add(tiles.get(key)));
  }
  return [...found].sort((one, two) => one - two);
}

function keys(area: Area): string[] {
  const found: string[] = [];
  for (let column = Math.floor(area.left / TILE); column * TILE <= area.right; column += 1) {
    for (let row = Math.floor(area.top / TILE); row * TILE <= area.bottom; row += 1) {
      found.push(`${column} ${row}`);
    }
  }
  return found;
}
