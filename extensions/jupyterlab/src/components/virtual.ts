import { RefObject, useEffect, useLayoutEffect, useState } from 'react';

/** The rows to draw, `start` to `end` (not included), of many of one height. */
export interface Window {
  start: number;
  end: number;
}

/** Rows drawn beyond each edge, so that scrolling shows no gaps. */
const MARGIN = 8;

/** Which rows a view of `height` pixels shows when it is scrolled by `top`. */
export function visible(top: number, height: number, row: number, rows: number): Window {
  const start = Math.max(0, Math.min(rows, Math.floor(top / row)) - MARGIN);
  return { start, end: Math.min(rows, Math.ceil((top + height) / row) + MARGIN) };
}

/** Where to scroll to, if at all, so that a row is wholly in view. */
export function revealed(top: number, height: number, row: number, index: number): number {
  const above = index * row;
  return above < top ? above : above + row > top + height ? above + row - height : top;
}

/** The rows to draw of `rows` rows of `row` pixels in the scrolled element, as it is scrolled and resized. */
export function useVirtual(scrolled: RefObject<HTMLElement>, row: number, rows: number): Window {
  const [place, setPlace] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = scrolled.current;
    if (!element) {
      return undefined;
    }
    const look = () =>
      setPlace(last =>
        last.top === element.scrollTop && last.height === element.clientHeight
          ? last
          : { top: element.scrollTop, height: element.clientHeight || 600 }
      );
    look();
    element.addEventListener('scroll', look, { passive: true });
    const observer = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(look);
    observer?.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      observer?.disconnect();
    };
  }, [scrolled]);
  useEffect(() => {
    const element = scrolled.current;
    if (element && element.scrollTop > rows * row) {
      element.scrollTop = 0;
    }
  }, [rows, row, scrolled]);
  return visible(place.top, place.height, row, rows);
}
