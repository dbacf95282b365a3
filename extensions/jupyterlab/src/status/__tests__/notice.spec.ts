import { describe, expect, it } from 'vitest';

import type { RunEvent } from '../../api/types';
import { noticeOf } from '../notice';

function told(state: string, wish: 'all' | 'failed' | 'none'): string | undefined {
  return noticeOf({ state } as RunEvent, wish)?.word;
}

describe('noticeOf', () => {
  it('tells of what is over', () => {
    expect(told('succeeded', 'all')).toBe('succeeded');
    expect(told('failed', 'all')).toBe('failed');
    expect(told('refused', 'failed')).toBe('refused');
    expect(told('withheld', 'failed')).toBe('withheld');
  });
  it('is quiet about the rest', () => {
    expect(told('running', 'all')).toBeUndefined();
    expect(told('cancelled', 'all')).toBeUndefined();
    expect(told('succeeded', 'failed')).toBeUndefined();
    expect(told('failed', 'none')).toBeUndefined();
  });
});
