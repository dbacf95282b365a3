import { describe, expect, it } from 'vitest';

import { chart } from '../../../pages/quality/chart';
import { ENGLISH } from '../../words';
import { CONFIG, figure, height, prepared } from '../figure';

const COLOURS = { ink: '#111111', line: '#222222', tones: { good: '#333333', bad: '#444444', plain: '#555555' } };

describe('a figure', () => {
  it.each([[null], ['x'], [{}], [{ data: 'x' }], [[]]])('is not %j', given => expect(figure(given)).toBeNull());

  it.each(['scattergeo', 'choropleth', 'choroplethmap', 'scattermapbox', 'densitymap'])(
    'is not drawn when %s would be loaded from elsewhere',
    type => expect(figure({ data: [{ type }] })).toBeNull()
  );

  it.each(['heatmap', 'treemap', 'bar'])('is drawn when it is a %s', type => {
    expect(figure({ data: [{ type }] })).not.toBeNull();
  });

  it('is not drawn on a map of its own', () => expect(figure({ data: [{ type: 'scatter', geo: 'geo' }] })).toBeNull());

  it('keeps what the author chose, and loads no picture', () => {
    const made = figure({
      data: [{ type: 'bar', y: [1], marker: { color: 'red' } }],
      layout: {
        images: [{ source: 'http://elsewhere.example/x.png' }],
        width: 5000,
        title: { text: 'x' },
        colorway: ['blue']
      }
    });
    const { data, layout } = prepared(made!, COLOURS);
    expect(data).toEqual([{ type: 'bar', y: [1], marker: { color: 'red' } }]);
    expect(layout).not.toHaveProperty('images');
    expect(layout).not.toHaveProperty('width');
    expect(layout).toMatchObject({ colorway: ['blue'], autosize: true, font: { color: '#111111' } });
  });

  it('leads nowhere', () => {
    expect(CONFIG).toMatchObject({ plotlyServerURL: '', topojsonURL: '', showLink: false, displaylogo: false });
  });

  it.each([
    [undefined, 380],
    [1, 120],
    [9e9, 2000],
    [Number.NaN, 380],
    ['300', 380]
  ])('of height %s takes %d pixels', (given, pixels) => {
    expect(height({ data: [], layout: { height: given } })).toBe(pixels);
  });
});

describe('the chart of a dataset', () => {
  it('has the oldest version first, in the colours of the theme', () => {
    const one = { snapshot: '1', created_at: '', withheld: false, run: null, step: null };
    const made = chart(
      [
        { ...one, version: 0, withheld: true, rows: 5, passed: 1, failed: 2 },
        { ...one, version: 1, rows: 4, passed: 3, failed: 0 }
      ],
      ENGLISH
    );
    const { data, layout } = prepared(made, COLOURS);
    expect(data).toMatchObject([
      { name: 'did not pass', y: [0, 2], marker: { color: '#444444' } },
      { name: 'passed', y: [3, 1], marker: { color: '#333333' } },
      { name: 'rows', y: [4, 5], line: { color: '#555555' } }
    ]);
    expect(layout['xaxis']).toMatchObject({ ticktext: ['1', 'withheld'], gridcolor: '#222222' });
  });
});
