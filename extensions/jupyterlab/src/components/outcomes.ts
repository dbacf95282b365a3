import type { CheckResult } from '../api/types';
import { count, share } from './format';
import { badge } from './looks';
import { Child, Part, part } from './part';
import type { Words } from './words';

/** Characters of a value that are shown, and that its title holds. */
const CUT = 200;
const WHOLE = 2000;
/** Columns of a row that are shown. */
const MOST_COLUMNS = 30;

/** A failure that only warns looks like a warning. */
export function stateOf(result: CheckResult): string {
  return result.outcome === 'fail' && result.severity !== 'error' ? 'warn' : result.outcome;
}

/** What a check found, and what it wanted to find. */
export function found(result: CheckResult, words: Words): string {
  if (result.error) {
    return result.error;
  }
  return result.expected ? words.__('%1, expected %2', result.observed, result.expected) : result.observed;
}

/** How many rows a check fails for; empty where it does not count rows. */
export function failing(result: CheckResult, words: Words): string {
  if (result.failing === 0) {
    return '';
  }
  const percent = share(result.failing, Math.max(result.rows, result.failing));
  return words._n('%2 row fails (%3)', '%2 rows fail (%3)', result.failing, count(result.failing), percent);
}

/** Checks with what each found and the rows that fail it; `of` is what was checked, by which a redrawing knows it again. */
export function outcomes(results: readonly CheckResult[], words: Words, of = ''): Part {
  return part(
    'ul',
    { class: 'wb-Outcomes' },
    results.map((result, index) =>
      part(
        'li',
        {},
        part(
          'div',
          { class: 'wb-Outcomes-line' },
          badge(stateOf(result)),
          part('bdi', { class: 'wb-Outcomes-name' }, cut(result.name)),
          part(
            'span',
            { class: 'wb-Soft wb-Outcomes-found', title: within(found(result, words)) },
            isolated(found(result, words))
          ),
          part('span', { class: 'wb-Outcomes-rows' }, failing(result, words))
        ),
        result.sample.length > 0 && rows(result, words, `rows ${of} ${index}`)
      )
    )
  );
}

/** Some of the rows that fail a check. */
function rows(result: CheckResult, words: Words, key: string): Part {
  const { sample } = result;
  const all = [...new Set(sample.flatMap(row => Object.keys(row)))];
  const columns = all.slice(0, MOST_COLUMNS);
  const rest = all.length - columns.length;
  const said =
    result.failing > sample.length
      ? words.__('%1 of the %2 rows that fail', count(sample.length), count(result.failing))
      : words._n('The row that fails', 'The %1 rows that fail', sample.length);
  const label = words.__('Rows that fail %1', cut(result.name));
  return part(
    'details',
    { class: 'wb-Outcomes-sample', 'data-key': key },
    part('summary', {}, said),
    part(
      'div',
      { class: 'wb-Scrolled', tabindex: 0, role: 'group', 'aria-label': label },
      part(
        'table',
        { class: 'wb-Rows' },
        part(
          'thead',
          {},
          part(
            'tr',
            {},
            columns.map(name => heading(name, name === result.column))
          )
        ),
        part(
          'tbody',
          {},
          sample.map(row =>
            part(
              'tr',
              {},
              columns.map(name => cell(row[name]))
            )
          )
        )
      )
    ),
    rest > 0 &&
      part('p', { class: 'wb-Soft' }, words._n('%1 more column is not shown.', '%1 more columns are not shown.', rest))
  );
}

function heading(name: string, checked: boolean): Part {
  return part('th', { scope: 'col', 'data-checked': checked, title: within(name) }, isolated(name));
}

/** A value of a row: what is missing and what is empty are told apart from text. */
export function cell(value: unknown): Part {
  if (value === null || value === undefined) {
    return part('td', {}, part('span', { class: 'wb-Soft' }, 'null'));
  }
  if (value === '') {
    return part('td', {}, part('span', { class: 'wb-Soft' }, '""'));
  }
  const said = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return part('td', { title: within(said), 'data-numeric': typeof value === 'number' }, isolated(said));
}

/** A text whose direction stays its own. */
function isolated(said: string): Child {
  return part('bdi', {}, cut(said));
}

/** A text as far as there is room for it, never within a character. */
export function cut(said: string, most = CUT): string {
  if (said.length <= most) {
    return said;
  }
  return `${said.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function within(said: string): string {
  return cut(said, WHOLE);
}
