import { describe, expect, it } from 'vitest';

import type { Event } from '../../../api/types';
import { outputOf, said, SILENT } from '../journal';

function event(seq: number, kind: Event['kind'], data: Record<string, unknown>): Event {
  return { seq, at: '2026-01-01T00:00:00+00:00', kind, data };
}

const stream = (text: string, name = 'stdout') => ({ output_type: 'stream', name, text });
const begun = event(1, 'cell_started', { cell: 0, id: 'first', number: 1 });

describe('what a step says', () => {
  it('is joined as it comes, each event once', () => {
    const one = said(SILENT, [begun, event(2, 'output', { cell: 0, output: stream('a') })]);
    const two = said(one, [
      event(2, 'output', { cell: 0, output: stream('a') }),
      event(3, 'output', { cell: 0, output: stream('b\n') })
    ]);
    expect(two.outputs.get('first')).toEqual([{ kind: 'text', text: 'ab\n', cut: false }]);
    expect(two.seq).toBe(3);
    expect(said(two, [])).toBe(two);
  });

  it('begins a line anew where a bar of progress does', () => {
    const bar = said(SILENT, [begun, event(2, 'output', { cell: 0, output: stream('10 %\r50 %\r100 %\nend\n') })]);
    expect(bar.outputs.get('first')?.[0]?.text).toBe('100 %\nend\n');
  });

  it('tells messages and errors from text, without colours', () => {
    expect(outputOf(stream('\u001b[31mred\u001b[0m', 'stderr'))).toEqual({ kind: 'messages', text: 'red', cut: false });
    expect(
      outputOf({ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\u001b[0;31mE\u001b[0m', 'v'] }).text
    ).toBe('E\nv');
  });

  it('never hands on markup', () => {
    const html = {
      output_type: 'display_data',
      data: { 'text/html': '<img src=x onerror=hit()>', 'text/plain': 'a table' }
    };
    expect(outputOf(html)).toEqual({ kind: 'text', text: 'a table', cut: false });
    expect(outputOf({ output_type: 'display_data', data: { 'image/png': '"><script>', 'text/plain': 'x' } }).kind).toBe(
      'text'
    );
    expect(outputOf({ output_type: 'display_data', data: { 'image/png': 'aGk=' } }).kind).toBe('picture');
    expect(outputOf(null).kind).toBe('other');
  });

  it('remembers why a kernel is not kept, whatever is said afterwards', () => {
    const over = said(SILENT, [event(1, 'kept', { id: 'x', until: '', why_not: '1 may be kept, and are in use' })]);
    expect(over.kernel).toEqual({ whyNot: '1 may be kept, and are in use' });
    expect(said(over, [event(2, 'attempt_ended', { error: null })]).kernel).toBe(over.kernel);
    expect(said(SILENT, [begun]).kernel).toBeUndefined();
  });

  it('keeps the end of what is long', () => {
    const long = outputOf(stream(`${'x'.repeat(30_000)}end`));
    expect(long).toMatchObject({ cut: true });
    expect(long.text.endsWith('end')).toBe(true);
    expect(long.text.length).toBe(20_000);
  });
});
