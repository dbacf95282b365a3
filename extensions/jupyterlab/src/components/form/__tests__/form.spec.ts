import { describe, expect, it } from 'vitest';

import { faultsOf } from '../faults';
import { draftsOf, fieldsOf, Schema, valuesOf } from '../schema';

const SCHEMA: Schema = {
  type: 'object',
  properties: {
    day: { type: 'string', format: 'date', default: '2013-01-15', description: 'local departure day' },
    rows: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
    dry: { type: 'boolean', default: false },
    level: { enum: ['low', 2, null], default: 2 },
    origins: { type: 'array', items: { type: 'string' }, default: ['EWR', 'JFK'] },
    limits: { type: 'object', default: { a: 1 } },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
    who: { type: 'string' }
  },
  required: ['who']
};
const FIELDS = fieldsOf(SCHEMA);

function given(typed: Record<string, string>) {
  return valuesOf(FIELDS, { ...draftsOf(FIELDS), who: 'me', ...typed });
}

describe('a form of a schema', () => {
  it('has a control for each kind of value', () =>
    expect(FIELDS.map(field => field.control)).toEqual([
      'date',
      'number',
      'flag',
      'choice',
      'lines',
      'json',
      'text',
      'text'
    ]));

  it('sends what differs from the defaults, and what is required', () => {
    expect(given({})).toEqual({ values: { who: 'me' }, faults: {} });
    expect(given({ day: '2013-02-01', rows: '7', dry: 'true', origins: 'EWR\n\n LGA ' }).values).toEqual({
      who: 'me',
      day: '2013-02-01',
      rows: 7,
      dry: true,
      origins: ['EWR', 'LGA']
    });
  });

  it('keeps the type of a choice', () => {
    expect(draftsOf(FIELDS)['level']).toBe('1');
    expect(given({ level: '0' }).values['level']).toBe('low');
    expect(given({ level: '2' }).values['level']).toBeNull();
  });

  it('takes what is empty for none only where none is possible', () => {
    expect(given({ note: 'x' }).values['note']).toBe('x');
    expect(given({ note: '' }).values).toEqual({ who: 'me' });
    expect(given({ who: ' ' }).faults).toEqual({ who: 'A value is needed.' });
    expect(given({ rows: '' }).faults).toEqual({ rows: 'A value is needed.' });
    expect(given({ origins: '' }).values['origins']).toEqual([]);
  });

  it.each([
    ['rows', '1.5', 'no whole number'],
    ['rows', 'ten', 'no number'],
    ['rows', '0', 'The least is 1.'],
    ['rows', '11', 'The most is 10.'],
    ['rows', '12345678901234567890', 'more digits'],
    ['limits', '{', 'no JSON']
  ])('refuses %s = %s', (name, text, told) => expect(given({ [name]: text }).faults[name]).toContain(told));

  it('is empty for what takes nothing', () => expect(fieldsOf({ type: 'object' })).toEqual([]));
});

describe('what the server refuses', () => {
  const problem = { code: 'WB-PAR-612', cause: '', detail: [] as string[] };

  it('is told at its field when it is one', () =>
    expect(
      faultsOf({ ...problem, message: 'pipeline flights: parameter "day": "x" is no date', detail: ['flights takes:'] })
    ).toEqual({ day: '"x" is no date' }));

  it('is told at each field when there are several', () =>
    expect(
      faultsOf({
        ...problem,
        message: 'flights: 2 parameters are refused',
        detail: ['  - parameter "a": no', '  - parameter "b" is required (int)', 'flights takes:', '  a: int']
      })
    ).toEqual({ a: 'no', b: 'is required (int)' }));

  it('is left to the page when it is about something else', () =>
    expect(faultsOf({ ...problem, code: 'WB-PIP-601', message: 'parameter "a": no' })).toEqual({}));
});
