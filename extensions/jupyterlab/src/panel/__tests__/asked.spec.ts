import { describe, expect, it } from 'vitest';

import { ALL, asksForAll, keyOf, narrowed, narrowings, offered } from '../asked';

const FACETS = {
  kind: [{ value: 'dataset', count: 2 }],
  namespace: [{ value: 'raw', count: 2 }],
  owner: [{ value: '', count: 2 }],
  tag: [],
  freshness: [{ value: 'day', count: 2 }]
};

describe('narrowed', () => {
  it('sets a facet, and lets go of it when it is set to that', () => {
    const once = narrowed(ALL, 'tag', 'money');
    expect(narrowings(once)).toEqual([['tag', 'money']]);
    expect(narrowed(once, 'tag', 'other').tag).toBe('other');
    expect(narrowed(once, 'tag', 'money')).toEqual(ALL);
  });
  it('tells searches apart', () => {
    expect(keyOf(ALL)).not.toBe(keyOf(narrowed(ALL, 'owner', 'me')));
    expect(asksForAll({ ...ALL, query: ' ' })).toBe(true);
    expect(asksForAll(narrowed(ALL, 'owner', 'me'))).toBe(false);
  });
});

describe('offered', () => {
  it('leaves out what nothing has', () => {
    expect(offered(FACETS, ALL).map(([facet]) => facet)).toEqual(['namespace', 'freshness']);
  });
  it('offers what is set although nothing is left of it', () => {
    expect(offered(FACETS, narrowed(ALL, 'tag', 'money'))[1]).toEqual(['tag', [{ value: 'money', count: 0 }]]);
  });
  it('leaves what the server sent as it is', () => {
    offered(FACETS, narrowed(ALL, 'namespace', 'gone'));
    expect(FACETS.namespace).toHaveLength(1);
  });
});
