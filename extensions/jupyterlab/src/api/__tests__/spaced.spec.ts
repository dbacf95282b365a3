import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Spaced } from '../spaced';

describe('Spaced', () => {
  let ends: (() => void)[] = [];
  const begun = (): number => ends.length;
  const act = (): Promise<void> => new Promise(done => ends.push(done));
  const settle = async (): Promise<void> => {
    await vi.advanceTimersByTimeAsync(0);
  };

  beforeEach(() => {
    ends = [];
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('begins at once, and does what was wanted meanwhile once more, after a pause', async () => {
    const spaced = new Spaced(act, 300);
    spaced.want();
    expect(begun()).toBe(1);
    spaced.want();
    spaced.want();
    await vi.advanceTimersByTimeAsync(1000);
    expect(begun()).toBe(1);
    ends[0]!();
    await vi.advanceTimersByTimeAsync(299);
    expect(begun()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun()).toBe(2);
  });

  it('begins at once again when nothing was wanted in the pause', async () => {
    const spaced = new Spaced(act, 300);
    spaced.want();
    ends[0]!();
    await settle();
    await vi.advanceTimersByTimeAsync(300);
    expect(begun()).toBe(1);
    spaced.want();
    expect(begun()).toBe(2);
  });

  it('begins nothing once it was stopped', async () => {
    const spaced = new Spaced(act, 300);
    spaced.want();
    spaced.want();
    ends[0]!();
    spaced.stop();
    await vi.advanceTimersByTimeAsync(1000);
    spaced.want();
    expect(begun()).toBe(1);
  });
});
