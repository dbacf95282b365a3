/** A rectangle in the window, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Spot {
  left: number;
  top: number;
}

/** Pixels between a card and what it tells of, and between it and the edge of the window. */
const GAP = 12;

/**
 * Where a card stands in a window, so that it hides nothing of what it tells of: at its right, left, below or above,
 * the first of them with room enough. Without anything to stand beside, or where no room is left, it is in the middle.
 */
export function beside(target: Box | null, card: Size, window: Size): Spot {
  const kept = (at: number, length: number, most: number): number => Math.max(GAP, Math.min(at, most - length - GAP));
  const inside = (left: number, top: number): Spot => ({
    left: kept(left, card.width, window.width),
    top: kept(top, card.height, window.height)
  });
  if (target) {
    const right = target.left + target.width + GAP;
    const below = target.top + target.height + GAP;
    if (right + card.width + GAP <= window.width) {
      return inside(right, target.top);
    }
    if (target.left - card.width - 2 * GAP >= 0) {
      return inside(target.left - card.width - GAP, target.top);
    }
    if (below + card.height + GAP <= window.height) {
      return inside(target.left, below);
    }
    if (target.top - card.height - 2 * GAP >= 0) {
      return inside(target.left, target.top - card.height - GAP);
    }
  }
  return inside((window.width - card.width) / 2, (window.height - card.height) / 2);
}
