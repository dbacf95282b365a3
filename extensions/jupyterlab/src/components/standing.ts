import type { Standing } from '../api/types';
import { badge } from './looks';
import type { Part } from './part';
import type { Words } from './words';

/** How datasets stand, the worst first. */
export const STANDINGS: readonly Standing[] = ['withheld', 'failing', 'warned', 'unchecked', 'good'];

const STATES: Record<Standing, string> = {
  withheld: 'withheld',
  failing: 'fail',
  warned: 'warn',
  unchecked: 'empty',
  good: 'pass'
};

/** A standing in a word. */
export function standingWord(of: Standing, words: Words): string {
  switch (of) {
    case 'withheld':
      return words.__('withheld');
    case 'failing':
      return words.__('failing');
    case 'warned':
      return words.__('warnings');
    case 'unchecked':
      return words.__('not checked');
    case 'good':
      return words.__('good');
  }
}

/** A standing as icon and word. */
export function standingBadge(of: Standing, words: Words): Part {
  return badge(STATES[of], standingWord(of, words));
}

/** The answer to "what is wrong" in a sentence. */
export function overview(counts: Readonly<Record<string, number>>, words: Words): string {
  const all = STANDINGS.reduce((sum, each) => sum + (counts[each] ?? 0), 0);
  const bad = (counts['withheld'] ?? 0) + (counts['failing'] ?? 0);
  const open = counts['unchecked'] ?? 0;
  if (all === 0) {
    return '';
  }
  const first =
    bad > 0
      ? words._n('%1 of %2 datasets calls for a look.', '%1 of %2 datasets call for a look.', bad, all)
      : words._n('The one dataset calls for no look.', 'None of %1 datasets calls for a look.', all);
  return open > 0 ? `${first} ${words._n('%1 has no checks.', '%1 have no checks.', open)}` : first;
}
