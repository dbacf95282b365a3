import { describe, expect, it } from 'vitest';

import type { Sketched } from '../../../api/types';
import { offersFor } from '../offers';
import { notebooksOf, pipelineOf } from '../paths';
import type { Schema } from '../schema';
import { keysOf, schemasAt, valuesOf } from '../schema';

const SCHEMA: Schema = {
  properties: {
    name: { type: 'string', description: 'the name' },
    steps: {
      patternProperties: {
        '^[a-z]+$': {
          anyOf: [{ type: 'string' }, { properties: { notebook: {}, report: { anyOf: [{ type: 'boolean' }] } } }]
        }
      }
    },
    triggers: { items: { anyOf: [{ properties: { file: {} } }, { properties: { dataset: {}, file: {} } }] } },
    catchup: { enum: ['latest', 'all'] },
    timeout: { examples: ['30m'] }
  }
};
const texts = (path: string[]): string[] => keysOf(schemasAt(SCHEMA, path)).map(offer => offer.text);

describe('a schema', () => {
  it('tells the keys of a place, through shapes, patterns and items', () => {
    expect(texts([])).toEqual(['name', 'steps', 'triggers', 'catchup', 'timeout']);
    expect(texts(['steps', 'clean'])).toEqual(['notebook', 'report']);
    expect(texts(['steps', 'Not a name'])).toEqual([]);
    expect(texts(['triggers', '*'])).toEqual(['file', 'dataset']);
    expect(texts(['unheard', 'of'])).toEqual([]);
  });

  it('tells the values where they are few, or examples', () => {
    const values = (path: string[]): string[] => valuesOf(schemasAt(SCHEMA, path)).map(offer => offer.text);
    expect(values(['catchup'])).toEqual(['latest', 'all']);
    expect(values(['timeout'])).toEqual(['30m']);
    expect(values(['steps', 'clean', 'report'])).toEqual(['true', 'false']);
  });
});

describe('offers', () => {
  const step = (name: string): Sketched['steps'][number] => ({
    id: `step:${name}`,
    name,
    notebook: `${name}.ipynb`,
    line: 1,
    column: 1,
    reads: [],
    writes: [],
    after: [],
    given: {},
    parameters: { properties: { day: { description: 'local day' } } }
  });
  const sketch: Sketched = { steps: [step('a'), step('b')], faults: [], drawing: null };

  it('name the other steps to wait for', () => {
    const spot = { path: ['steps', 'a', 'after', '*'], kind: 'value' as const, typed: '', from: 0 };
    expect(offersFor(spot, SCHEMA, sketch).map(offer => offer.text)).toEqual(['b']);
  });

  it('name the parameters that the notebook takes', () => {
    const spot = { path: ['steps', 'a', 'parameters'], kind: 'key' as const, typed: '', from: 0 };
    expect(offersFor(spot, SCHEMA, sketch)).toEqual([{ text: 'day', about: 'local day' }]);
  });
});

describe('a path', () => {
  it('is that of a pipeline directly below pipelines/ alone', () => {
    expect(pipelineOf('pipelines/flights.yaml')).toBe('flights');
    expect(pipelineOf('RTC:pipelines/flights.yaml')).toBe('flights');
    for (const path of ['pipelines/a/b.yaml', 'x/pipelines/a.yaml', 'pipelines/a.yml', 'contracts/a.odcs.yaml']) {
      expect(pipelineOf(path)).toBeUndefined();
    }
  });

  it('is that of a notebook among what is dragged', () => {
    expect(notebooksOf(['RTC:n/a.ipynb', 'n/b.csv', 3])).toEqual(['n/a.ipynb']);
    expect(notebooksOf(undefined)).toEqual([]);
  });
});
