import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../../api/client';
import { Choice, DEPTHS, Way } from './choice';
import { Picker } from './picker';

interface Props {
  subject: string;
  client: Client;
  trans: TranslationBundle;
  choice: Choice;
  choose: (choice: Choice) => void;
  again: () => void;
}

/** What of the lineage is seen: which way, how far, or the ways to another dataset. */
export function Controls(props: Props): JSX.Element {
  const { choice, choose, trans } = props;
  const ways: [Way, string][] = [
    ['both', trans.__('Both')],
    ['upstream', trans.__('Upstream')],
    ['downstream', trans.__('Downstream')]
  ];
  return (
    <header className="wb-Lineage-head">
      <h1 title={props.subject}>{trans.__('Lineage of %1', props.subject)}</h1>
      <fieldset className="wb-Lineage-ways" disabled={choice.other !== ''}>
        <legend className="wb-Lineage-hidden">{trans.__('Direction')}</legend>
        {ways.map(([way, word]) => (
          <label key={way}>
            <input
              type="radio"
              name={`wb-lineage-way-${props.subject}`}
              checked={choice.way === way}
              onChange={() => choose({ ...choice, way })}
            />
            <span>{word}</span>
          </label>
        ))}
      </fieldset>
      <label className="wb-Lineage-depth">
        {trans.__('Depth')}{' '}
        <select
          value={choice.depth}
          disabled={choice.other !== ''}
          onChange={event => choose({ ...choice, depth: Number(event.target.value) })}
        >
          {DEPTHS.map(depth => (
            <option key={depth} value={depth}>
              {depth ? String(depth) : trans.__('all')}
            </option>
          ))}
        </select>
      </label>
      <Picker
        client={props.client}
        trans={trans}
        label={trans.__('Path to')}
        value={choice.other}
        pick={other => choose({ ...choice, other, opened: [] })}
      />
      {choice.other && (
        <button type="button" className="wb-Button" onClick={() => choose({ ...choice, other: '', opened: [] })}>
          {trans.__('Show all')}
        </button>
      )}
      <button type="button" className="wb-Button" onClick={props.again}>
        {trans.__('Refresh')}
      </button>
    </header>
  );
}
