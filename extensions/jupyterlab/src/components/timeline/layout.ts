import type { Lane, Span, Timeline } from '../../api/types';

const STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  14400, 28800, 86400
];

/** Seconds that a drawing has room for: all but the stretches in which nothing happened. */
export function room(of: Pick<Timeline, 'seconds' | 'cuts'>): number {
  return of.seconds - of.cuts.reduce((sum, [start, end]) => sum + end - start, 0);
}

/** Where a moment lies, from 0 at the left to 1 at the right. */
export function place(of: Pick<Timeline, 'seconds' | 'cuts'>, seconds: number): number {
  const hidden = of.cuts.reduce(
    (sum, [start, end]) => (start <= seconds ? sum + Math.min(end, seconds) - start : sum),
    0
  );
  const whole = room(of);
  return whole > 0 ? Math.min(Math.max((seconds - hidden) / whole, 0), 1) : 0;
}

/** Round moments for an axis, at most about `most`, none of them left out of the drawing. */
export function ticks(of: Pick<Timeline, 'seconds' | 'cuts'>, most: number): number[] {
  const wanted = room(of) / Math.max(most, 1);
  if (!(wanted > 0)) {
    return [0];
  }
  const last = STEPS[STEPS.length - 1]!;
  const step = STEPS.find(each => each >= wanted) ?? Math.ceil(wanted / last) * last;
  const moments: number[] = [];
  for (let index = 0; index * step <= of.seconds; index += 1) {
    const at = index * step;
    const cut = of.cuts.find(([start, end]) => start < at && at < end);
    if (cut) {
      index = Math.max(index, Math.ceil(cut[1] / step) - 1); // a night between two repairs has many moments
    } else {
      moments.push(at);
    }
  }
  return moments;
}

/** One stroke of a lane: where it lies, from 0 to 1, and what it is. */
export interface Bar {
  left: number;
  width: number;
  span: Span;
}

/** The strokes of a lane, in the order in which they began. */
export function bars(of: Timeline, lane: Lane): Bar[] {
  return lane.spans.map(span => {
    const left = place(of, span.start);
    return { left, width: Math.max(place(of, span.end) - left, 0), span };
  });
}

/** How many of a lane's steps were at work from each moment on; the greatest number is 1. */
export function density(lane: Lane): { at: number; level: number }[] {
  const moves = lane.spans
    .filter(span => span.phase === 'running' || span.phase === 'publishing')
    .flatMap(span => [
      { at: span.start, by: 1 },
      { at: span.end, by: -1 }
    ])
    .sort((one, two) => one.at - two.at || one.by - two.by);
  let level = 0;
  const levels = moves.map(move => ({ at: move.at, level: (level += move.by) }));
  const most = Math.max(1, ...levels.map(each => each.level));
  return levels.map(each => ({ at: each.at, level: each.level / most }));
}
