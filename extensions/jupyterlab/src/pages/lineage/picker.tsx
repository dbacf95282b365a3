import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useId, useState } from 'react';

import type { Client } from '../../api/client';
import type { Found } from '../../api/types';
import { useAnswer } from '../../components/answer';

/** Milliseconds without a key after which is searched. */
const PAUSE = 120;
const MOST = '20';

interface Props {
  client: Client;
  trans: TranslationBundle;
  label: string;
  value: string;
  pick: (dataset: string) => void;
}

/** A field that completes the name of a dataset; only one that there is can be picked. */
export function Picker(props: Props): JSX.Element {
  const { client, trans } = props;
  const [text, setText] = useState(props.value);
  const [failed, setFailed] = useState(false);
  const list = useId();
  useEffect(() => {
    setText(props.value);
    setFailed(false);
  }, [props.value]);
  const answer = useAnswer<string[]>(
    async signal => {
      if (text === '' || text === props.value) {
        return [];
      }
      const found = await client.get<Found>('catalog', { query: text, limit: MOST, facets: 'false' }, signal);
      return found.hits.map(hit => hit.dataset);
    },
    [client, text, props.value],
    PAUSE
  );
  const known = answer.value ?? [];
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const picked = known.includes(text) ? text : known.length === 1 ? known[0] : undefined;
    setFailed(picked === undefined);
    if (picked !== undefined) {
      props.pick(picked);
    }
  };
  return (
    <form className="wb-Lineage-picker" onSubmit={submit}>
      <label>
        <span>{props.label}</span>
        <input
          className="wb-Input"
          list={list}
          value={text}
          placeholder={trans.__('dataset')}
          aria-invalid={failed}
          autoComplete="off"
          onChange={event => {
            const typed = event.target.value;
            setText(typed);
            setFailed(false);
            if (known.includes(typed)) {
              props.pick(typed);
            }
          }}
        />
      </label>
      <datalist id={list}>
        {known.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {failed && <span role="status">{trans.__('There is no dataset of that name.')}</span>}
    </form>
  );
}
