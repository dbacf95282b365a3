import type { TrendPoint } from '../../api/types';
import { absolute } from '../format';
import { Part, part } from '../part';
import type { Words } from '../words';
import { Kind, MOST, kind, summary, told, version } from './points';

/** Pixels: a bar, the space behind it, the height of the whole. */
const BAR = 8;
const GAP = 2;
const HEIGHT = 32;
/** The least height at which one failure of many is still seen. */
const LEAST = 4;

/** One version as a bar: how much of it failed, from the ground up. */
export interface Bar {
  point: TrendPoint;
  kind: Kind;
  x: number;
  failed: number;
  passed: number;
}

/** The bars of the newest versions, the oldest of them at the left. Points come newest first. */
export function bars(points: readonly TrendPoint[]): Bar[] {
  return points
    .slice(0, MOST)
    .reverse()
    .map((point, index) => {
      const total = point.passed + point.failed;
      const failed = point.failed ? Math.max(LEAST, Math.round((HEIGHT * point.failed) / total)) : 0;
      return { point, kind: kind(point), x: index * (BAR + GAP), failed, passed: total ? HEIGHT - failed : 0 };
    });
}

/** The checks of a dataset over its versions: a picture with its meaning as one sentence, and a word on each bar. */
export function trend(points: readonly TrendPoint[], words: Words): Part {
  const drawn = bars(points);
  const width = Math.max(1, drawn.length) * (BAR + GAP) - GAP;
  return part(
    'svg',
    {
      class: 'wb-Trend',
      role: 'img',
      'aria-label': summary(points, words),
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT
    },
    drawn.map(bar => one(bar, words))
  );
}

function one(bar: Bar, words: Words): Part {
  const at = { x: bar.x, width: BAR };
  const said = [version(bar.point, words), told(bar.point, words), absolute(bar.point.created_at)].join('\n');
  return part(
    'g',
    { class: 'wb-Trend-bar', 'data-kind': bar.kind },
    part('title', {}, said),
    part('rect', { class: 'wb-Trend-ground', ...at, y: 0, height: HEIGHT }),
    bar.passed > 0 && part('rect', { class: 'wb-Trend-passed', ...at, y: 0, height: bar.passed }),
    bar.failed > 0 && part('rect', { class: 'wb-Trend-failed', ...at, y: HEIGHT - bar.failed, height: bar.failed }),
    bar.kind === 'unchecked' && part('rect', { class: 'wb-Trend-none', ...at, y: HEIGHT - 2, height: 2 }),
    bar.kind === 'withheld' && part('path', { class: 'wb-Trend-held', d: `M${bar.x} 1h${BAR}` })
  );
}
