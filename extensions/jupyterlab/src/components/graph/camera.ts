import type { Area } from './scene';

/** What of a picture is seen: a point of the picture at `x`, `y` is shown at `x * scale + left`, `y * scale + top`. */
export interface Camera {
  left: number;
  top: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export const NEAREST = 3;
export const FARTHEST = 0.02;
/** Below this scale names cannot be read, so that only stripes and shapes are drawn. */
export const FAR = 0.4;
const READABLE = 0.8;
const LARGEST_FIT = 1.1;
const PADDING = 16;

const between = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** The whole picture in the middle of the window. */
export function fitted(picture: Size, window: Size): Camera {
  const room = { width: Math.max(window.width - 2 * PADDING, 1), height: Math.max(window.height - 2 * PADDING, 1) };
  const scale = between(
    Math.min(LARGEST_FIT, room.width / Math.max(picture.width, 1), room.height / Math.max(picture.height, 1)),
    FARTHEST,
    NEAREST
  );
  return {
    left: (window.width - picture.width * scale) / 2,
    top: (window.height - picture.height * scale) / 2,
    scale
  };
}

/** Nearer or farther by `factor`; what is at `x`, `y` of the window stays there. */
export function zoomed(camera: Camera, factor: number, x: number, y: number): Camera {
  const scale = between(camera.scale * factor, FARTHEST, NEAREST);
  const ratio = scale / camera.scale;
  return { left: x - (x - camera.left) * ratio, top: y - (y - camera.top) * ratio, scale };
}

/** The least movement after which a box is seen whole; one too small to be read is brought near if `readable`. */
export function shown(
  camera: Camera,
  box: { x: number; y: number; width: number; height: number },
  window: Size,
  readable: boolean
): Camera {
  if (readable && camera.scale < FAR) {
    return {
      left: window.width / 2 - (box.x + box.width / 2) * READABLE,
      top: window.height / 2 - (box.y + box.height / 2) * READABLE,
      scale: READABLE
    };
  }
  const left = box.x * camera.scale + camera.left;
  const top = box.y * camera.scale + camera.top;
  const right = left + box.width * camera.scale;
  const bottom = top + box.height * camera.scale;
  const by = (low: number, high: number, room: number) =>
    low < PADDING ? PADDING - low : high > room - PADDING ? room - PADDING - high : 0;
  return {
    ...camera,
    left: camera.left + by(left, right, window.width),
    top: camera.top + by(top, bottom, window.height)
  };
}

/** Whether a part lies wholly in another. */
export function contains(whole: Area, part: Area): boolean {
  return whole.left <= part.left && whole.top <= part.top && whole.right >= part.right && whole.bottom >= part.bottom;
}

/** How wide an area is. */
export function wide(area: Area): number {
  return area.right - area.left;
}
