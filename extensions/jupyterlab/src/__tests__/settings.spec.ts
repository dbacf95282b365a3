import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { SETTINGS, Wishes } from '../settings';

/** A registry that holds some settings, and what was set in it. */
function registryOf(composite: Record<string, unknown>, set: () => Promise<void> = () => Promise.resolve()) {
  const held = { composite, changed: new Signal<object, void>({}) };
  const registry = { load: () => Promise.resolve(held), set: vi.fn(set) };
  return registry as unknown as ISettingRegistry & { set: ReturnType<typeof vi.fn> };
}

describe('Wishes', () => {
  afterEach(() => vi.restoreAllMocks());

  it('begins with the start page and offers the tour unless told otherwise', async () => {
    const wishes = new Wishes();
    await wishes.ready;
    expect([wishes.startPage, wishes.offerTour]).toEqual([true, true]);
    wishes.follow(registryOf({ startPage: false, offerTour: false }));
    await wishes.ready;
    expect([wishes.startPage, wishes.offerTour]).toEqual([false, false]);
  });
  it('keeps what was decided, and says so at once', async () => {
    const wishes = new Wishes();
    const registry = registryOf({});
    wishes.follow(registry);
    await wishes.ready;
    const told: boolean[] = [];
    wishes.changed.connect(() => told.push(wishes.offerTour));
    wishes.keep('offerTour', false);
    expect(told).toEqual([false]);
    expect(registry.set).toHaveBeenCalledWith(SETTINGS, 'offerTour', false);
  });
  it('goes on where settings can be neither read nor kept', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const refuse = (): Promise<never> => Promise.reject(new Error('read only'));
    const wishes = new Wishes();
    wishes.follow({ load: refuse, set: refuse } as unknown as ISettingRegistry);
    await wishes.ready;
    wishes.keep('offerTour', false);
    await Promise.resolve();
    await Promise.resolve();
    expect(wishes.offerTour).toBe(false);
    expect(warned).toHaveBeenCalledTimes(2);
  });
});
