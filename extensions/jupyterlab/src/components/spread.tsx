import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Spread } from '../api/types';
import { count, share } from './format';

/** Pixels of a histogram. */
const WIDTH = 88;
const HEIGHT = 20;

/** What a column's values look like: a tiny histogram, or how much the most frequent values make up. */
export function SpreadView(props: { of: Spread; rows: number; trans: TranslationBundle }): JSX.Element | null {
  const { of, trans } = props;
  if (of.bins.length === 0) {
    return null;
  }
  const bars = heights(of, props.rows - of.nulls);
  const width = WIDTH / bars.length;
  const title = words(of, props.rows, trans);
  return (
    <svg
      className="wb-Spread"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={title.join(', ')}
    >
      <title>{title.join('\n')}</title>
      {bars.map((height, index) => (
        <rect
          key={index}
          x={index * width}
          y={HEIGHT - height * HEIGHT}
          width={Math.max(1, width - 1)}
          height={height * HEIGHT}
        />
      ))}
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
    </svg>
  );
}

/** The height of each bar, from 0 to 1: the tallest of a histogram is 1; of values, 1 is all that are no nulls. */
export function heights(of: Spread, values: number): number[] {
  const most = of.kind === 'range' ? Math.max(1, ...of.bins.map(bin => bin.rows)) : Math.max(1, values);
  return of.bins.map(bin => (bin.rows === 0 ? 0 : Math.max(0.08, bin.rows / most)));
}

/** The same in words, for the title and for who does not see it. */
export function words(of: Spread, rows: number, trans: TranslationBundle): string[] {
  const values = Math.max(0, rows - of.nulls);
  const many = trans._n('about %1 value', 'about %1 values', of.distinct, count(of.distinct));
  const nulls = of.nulls > 0 ? [trans.__('%1 null', share(of.nulls, rows))] : [];
  if (of.kind !== 'range') {
    const named = of.bins.slice(0, 5).map(bin => `${bin.label} ${share(bin.rows, values)}`);
    return [many, ...named, ...nulls];
  }
  const [first, last] = [of.bins[0], of.bins[of.bins.length - 1]];
  const most = of.bins.reduce((best, bin) => (bin.rows > best.rows ? bin : best));
  return [
    many,
    trans.__('from %1 to %2', first?.label ?? '', last?.upto ?? ''),
    trans.__('most from %1 to %2', most.label, most.upto),
    ...nulls
  ];
}
