/** How far the pointer may stray while it is down before that is a movement. */
const STILL = 4;

/** Calls `pan` while the pointer pulls an element about; tells whether the last press was such a pull, and no click. */
export function dragged(canvas: HTMLElement, pan: (x: number, y: number) => void): () => boolean {
  let held: { x: number; y: number; moving: boolean } | undefined;
  let moved = false;
  canvas.addEventListener('pointerdown', event => {
    moved = false;
    held = event.button === 0 ? { x: event.clientX, y: event.clientY, moving: false } : undefined;
  });
  canvas.addEventListener('pointermove', event => {
    if (held && !held.moving && Math.hypot(event.clientX - held.x, event.clientY - held.y) > STILL) {
      held.moving = moved = true;
      canvas.setPointerCapture(event.pointerId);
    }
    if (held?.moving) {
      pan(event.clientX - held.x, event.clientY - held.y);
      held = { x: event.clientX, y: event.clientY, moving: true };
    }
  });
  const release = () => (held = undefined);
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  return () => moved;
}
