import '../../style/tokens.css';
import '../../style/components.css';
import '../../style/parts.css';
import '../../style/widget.css';

import type { ColumnEntry } from '../api/types';
import { count, share } from '../components/format';
import { Order, Value, arranged, pressed } from '../components/order';
import { cell, cut } from '../components/outcomes';
import { Child, Part, node, part, redraw } from '../components/part';
import { Model, Place, answered, follow, frame, rested, tell } from './model';

/** What Python holds: the columns, and how they are looked at. */
interface State {
  dataset: string;
  version: number;
  rows: number;
  columns: ColumnEntry[];
  query: string;
  order: Order | Record<string, never>;
  /** The column that is looked at closely; empty for none. */
  chosen: string;
}

const HEADS: readonly [name: string, title: string, value: (of: ColumnEntry) => Value][] = [
  ['name', 'Column', of => of.name],
  ['type', 'Type', of => of.type],
  ['nulls', 'Nulls', of => of.nulls],
  ['minimum', 'Least', of => of.minimum],
  ['maximum', 'Greatest', of => of.maximum],
  ['description', 'Meaning', of => of.description || null]
];
const VALUES = Object.fromEntries(HEADS.map(([name, , value]) => [name, value]));
/** Columns that are drawn at once: more are found by typing. */
const MOST = 300;

/** Shows what was measured of the columns of a dataset; gives what takes it away again. */
export function render({ model, el }: Place<State>): () => void {
  const host = frame(el, `Profile of ${model.get('dataset')}`);
  const facts = `version ${model.get('version')} · ${count(model.get('rows'))} rows`;
  host.appendChild(node(part('p', {}, part('strong', {}, part('bdi', {}, model.get('dataset'))), ` ${facts}`)));
  const field = part('input', {
    type: 'search',
    class: 'wb-Input',
    'aria-label': 'Find a column',
    placeholder: 'Find a column',
    value: model.get('query'),
    input: rested(text => tell(model, 'query', text))
  });
  host.appendChild(node(field));
  const table = host.appendChild(document.createElement('div'));
  const ends = [
    follow(model, ['columns', 'query', 'order', 'chosen'], () => redraw(table, ...drawn(model))),
    answered(model, host)
  ];
  return () => {
    ends.forEach(end => end());
    host.remove();
  };
}

function drawn(model: Model<State>): Child[] {
  const order = ordered(model.get('order'));
  const found = arranged(model.get('columns'), VALUES, model.get('query'), order);
  const chosen = found.find(of => of.name === model.get('chosen'));
  return [
    part(
      'p',
      { class: 'wb-Soft', role: 'status' },
      `${count(found.length)} of ${count(model.get('columns').length)} columns`
    ),
    part(
      'div',
      { class: 'wb-Scrolled', tabindex: 0, role: 'group', 'aria-label': 'Columns' },
      part(
        'table',
        { class: 'wb-Rows' },
        part(
          'thead',
          {},
          part(
            'tr',
            {},
            HEADS.map(([name, title]) => head(name, title, order, model))
          )
        ),
        part(
          'tbody',
          {},
          found.slice(0, MOST).map(of => line(of, model))
        )
      )
    ),
    found.length > MOST ? part('p', { class: 'wb-Soft' }, `These are ${MOST}; find others by their name.`) : '',
    chosen ? closely(chosen, model.get('rows')) : ''
  ];
}

function ordered(given: Order | Record<string, never>): Order | null {
  return typeof given.column === 'string' ? { column: given.column, descending: Boolean(given.descending) } : null;
}

function head(name: string, title: string, order: Order | null, model: Model<State>): Part {
  const mine = order?.column === name ? order : null;
  return part(
    'th',
    { scope: 'col', 'aria-sort': mine ? (mine.descending ? 'descending' : 'ascending') : 'none' },
    part(
      'button',
      {
        type: 'button',
        class: 'wb-Link',
        'data-key': `sort ${name}`,
        click: () => tell(model, 'order', pressed(order, name) ?? {})
      },
      title,
      mine && (mine.descending ? ' ↓' : ' ↑')
    )
  );
}

function line(of: ColumnEntry, model: Model<State>): Part {
  const chosen = model.get('chosen') === of.name;
  return part(
    'tr',
    {},
    part(
      'td',
      {},
      part(
        'button',
        {
          type: 'button',
          class: 'wb-Link',
          'data-key': `column ${of.name}`,
          'aria-expanded': String(chosen),
          title: cut(of.name, 2000),
          click: () => tell(model, 'chosen', chosen ? '' : of.name)
        },
        part('bdi', {}, cut(of.name, 80))
      )
    ),
    part('td', {}, part('bdi', {}, cut(of.type, 80))),
    part('td', { 'data-numeric': true }, nulls(of, model.get('rows'))),
    cell(of.minimum),
    cell(of.maximum),
    part('td', { title: cut(of.description, 2000) }, part('bdi', {}, cut(of.description, 80)))
  );
}

/** All of a column, with nothing cut. */
function closely(of: ColumnEntry, rows: number): Part {
  const told = (name: string, value: string | null): Part | '' =>
    value === null || value === '' ? '' : part('p', {}, part('strong', {}, `${name} `), part('bdi', {}, value));
  return part(
    'div',
    { class: 'wb-Widget-closely', role: 'region', 'aria-label': 'The column that is chosen' },
    told('Column', of.name),
    told('Type', of.type),
    told('Nulls', of.nulls === null ? null : `${count(of.nulls)} of ${count(rows)} (${share(of.nulls, rows)})`),
    told('Least', of.minimum),
    told('Greatest', of.maximum),
    told('Meaning', of.description)
  );
}

function nulls(of: ColumnEntry, rows: number): string {
  return of.nulls === null ? '–' : share(of.nulls, rows);
}

export default { render };
