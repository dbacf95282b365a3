import type { Facets } from '../api/types';

/** What the catalog is searched for: words, and what they are narrowed to; an empty text leaves it open. */
export interface Asked {
  query: string;
  namespace: string;
  owner: string;
  tag: string;
  freshness: string;
}

/** By what a search can be narrowed. */
export type FacetName = 'namespace' | 'owner' | 'tag' | 'freshness';

export const FACETS: readonly FacetName[] = ['namespace', 'owner', 'tag', 'freshness'];
export const ALL: Asked = { query: '', namespace: '', owner: '', tag: '', freshness: '' };

/** The same search with a facet set, or let go when it was set to that value. */
export function narrowed(asked: Asked, facet: FacetName, value: string): Asked {
  return { ...asked, [facet]: asked[facet] === value ? '' : value };
}

/** What the search is narrowed to, facet by facet. */
export function narrowings(asked: Asked): readonly [FacetName, string][] {
  return FACETS.filter(facet => asked[facet] !== '').map(facet => [facet, asked[facet]]);
}

/** Whether anything is asked for at all. */
export function asksForAll(asked: Asked): boolean {
  return asked.query.trim() === '' && narrowings(asked).length === 0;
}

/** Two searches for the same have the same key. */
export function keyOf(asked: Asked): string {
  return JSON.stringify([asked.query, ...FACETS.map(facet => asked[facet])]);
}

/** The facets as the panel shows them: those that anything has, each with its values and counts. */
export function offered(
  facets: Facets,
  asked: Asked
): readonly [FacetName, readonly { value: string; count: number }[]][] {
  return FACETS.map((facet): [FacetName, { value: string; count: number }[]] => {
    const values = facets[facet].filter(each => each.value !== '');
    const chosen = asked[facet];
    if (chosen && !values.some(each => each.value === chosen)) {
      values.unshift({ value: chosen, count: 0 }); // what is set can always be let go
    }
    return [facet, values];
  }).filter(([, values]) => values.length > 0);
}
