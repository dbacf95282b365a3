import type React from 'react';

/** Pixels that the pointer moves before that is a drag and no click. */
const FAR = 5;

/** Begins a drag once the pointer has gone some way from where it was pressed on `element`; a click stays a click. */
export function grip(event: React.PointerEvent, begin: (x: number, y: number) => void): void {
  if (event.button !== 0 || event.pointerType === 'touch') {
    return;
  }
  const { clientX: left, clientY: top } = event;
  const move = (moved: PointerEvent): void => {
    if (Math.hypot(moved.clientX - left, moved.clientY - top) >= FAR) {
      release();
      begin(moved.clientX, moved.clientY);
    }
  };
  const release = (): void => {
    document.removeEventListener('pointermove', move, true);
    document.removeEventListener('pointerup', release, true);
    document.removeEventListener('pointercancel', release, true);
  };
  document.addEventListener('pointermove', move, true);
  document.addEventListener('pointerup', release, true);
  document.addEventListener('pointercancel', release, true);
}
