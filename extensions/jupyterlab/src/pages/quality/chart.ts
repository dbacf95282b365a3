import type { TrendPoint } from '../../api/types';
import type { Figure } from '../../components/plot/figure';
import type { Words } from '../../components/words';

/** Checks that passed and that did not, as bars over versions, the oldest first, with the rows as a line. */
export function chart(points: readonly TrendPoint[], words: Words): Figure {
  const shown = [...points].reverse();
  const x = shown.map((_, index) => index);
  const bar = (name: string, y: number[], tone: 'good' | 'bad') => ({ type: 'bar', name, x, y, tone });
  return {
    data: [
      bar(
        words.__('did not pass'),
        shown.map(point => point.failed),
        'bad'
      ),
      bar(
        words.__('passed'),
        shown.map(point => point.passed),
        'good'
      ),
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: words.__('rows'),
        x,
        y: shown.map(point => point.rows),
        yaxis: 'y2',
        tone: 'plain'
      }
    ],
    layout: {
      barmode: 'stack',
      height: 280,
      xaxis: {
        title: { text: words.__('version') },
        tickmode: 'array',
        tickvals: x,
        ticktext: shown.map(point => (point.version > 0 ? String(point.version) : words.__('withheld')))
      },
      yaxis: { title: { text: words.__('checks') }, rangemode: 'tozero' },
      yaxis2: {
        title: { text: words.__('rows') },
        overlaying: 'y',
        side: 'right',
        rangemode: 'tozero',
        showgrid: false
      }
    }
  };
}
