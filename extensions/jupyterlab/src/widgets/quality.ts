import '../../style/tokens.css';
import '../../style/components.css';
import '../../style/parts.css';
import '../../style/widget.css';

import type { Quality, Stands, Standing, Trend } from '../api/types';
import { ago, count } from '../components/format';
import { outcomes } from '../components/outcomes';
import { Child, Part, node, part, redraw } from '../components/part';
import { STANDINGS, overview, standingBadge } from '../components/standing';
import { summary } from '../components/trend/points';
import { trend } from '../components/trend/trend';
import { ENGLISH } from '../components/words';
import { Model, Place, answered, follow, frame, rested, tell } from './model';

/** What Python holds: what is asked for, and the answers to it. */
interface State {
  query: string;
  standing: Standing | '';
  /** The dataset whose versions are wanted; empty for none. */
  opened: string;
  found: Quality;
  trend: Trend | Record<string, never>;
  /** Why there is no answer; empty when there is one. */
  error: string;
}

/** Shows how the datasets of a project stand; gives what takes it away again. */
export function render({ model, el }: Place<State>): () => void {
  const host = frame(el, 'Quality');
  const bar = host.appendChild(document.createElement('div'));
  const field = part('input', {
    type: 'search',
    class: 'wb-Input',
    'aria-label': 'Find a dataset by its name',
    placeholder: 'Find a dataset',
    value: model.get('query'),
    input: rested(text => tell(model, 'query', text))
  });
  host.appendChild(node(field));
  const list = host.appendChild(document.createElement('div'));
  const ends = [
    follow(model, ['found', 'standing'], () => redraw(bar, ...chips(model))),
    follow(model, ['found', 'trend', 'opened', 'error'], () => redraw(list, ...datasets(model))),
    answered(model, host)
  ];
  return () => {
    ends.forEach(end => end());
    host.remove();
  };
}

function chips(model: Model<State>): Child[] {
  const { counts, environment } = model.get('found');
  const state = model.get('standing');
  return [
    part('p', {}, part('strong', {}, 'Quality'), ` ${environment} · ${overview(counts, ENGLISH)}`),
    part(
      'div',
      { role: 'group', 'aria-label': 'Show those that are' },
      STANDINGS.map(each =>
        part(
          'button',
          {
            type: 'button',
            class: 'wb-Chip',
            'data-key': each,
            'aria-pressed': String(state === each),
            disabled: !counts[each] && state !== each,
            click: () => tell(model, 'standing', state === each ? '' : each)
          },
          standingBadge(each, ENGLISH),
          part('span', { class: 'wb-Chip-count' }, count(counts[each] ?? 0))
        )
      )
    )
  ];
}

function datasets(model: Model<State>): Child[] {
  const { datasets: found, more } = model.get('found');
  const error = model.get('error');
  if (error) {
    return [part('p', { role: 'alert' }, error)];
  }
  if (found.length === 0) {
    return [part('p', { class: 'wb-Soft' }, 'No dataset is like that.')];
  }
  return [
    part(
      'ul',
      { class: 'wb-Widget-list' },
      found.map(of => dataset(of, model))
    ),
    more ? part('p', { class: 'wb-Soft' }, `These are ${found.length}; find others by their name.`) : ''
  ];
}

function dataset(of: Stands, model: Model<State>): Part {
  const open = model.get('opened') === of.dataset;
  const known = model.get('trend');
  return part(
    'li',
    {},
    part(
      'div',
      { class: 'wb-Widget-line' },
      part(
        'button',
        {
          type: 'button',
          class: 'wb-Link',
          'data-key': `open ${of.dataset}`,
          'aria-expanded': String(open),
          click: () => tell(model, 'opened', open ? '' : of.dataset)
        },
        part('bdi', {}, of.dataset)
      ),
      standingBadge(of.standing, ENGLISH),
      part('span', { class: 'wb-Soft' }, facts(of))
    ),
    of.results.length > 0 && outcomes(of.results, ENGLISH, of.dataset),
    open && known.dataset === of.dataset && versions(known as Trend)
  );
}

function versions(of: Trend): Part {
  return part('div', {}, trend(of.points, ENGLISH), part('p', { class: 'wb-Soft' }, summary(of.points, ENGLISH)));
}

function facts(of: Stands): string {
  const checks = of.total
    ? ENGLISH.__('%1 of %2 checks pass', of.total - of.results.length, of.total)
    : ENGLISH.__('no checks');
  return [checks, of.version ? `version ${of.version}` : 'not published', `${count(of.rows)} rows`, ago(of.at)].join(
    ' · '
  );
}

export default { render };
