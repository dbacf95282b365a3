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

/** What has been found for a text. */
interface Known {
  text: string;
  names: readonly string[];
}

const NOTHING: Known = { text: '', names: [] };

/** A field that completes the name of a dataset; one of the list, or Enter, picks, and only one that there is. */
export function Picker(props: Props): JSX.Element {
  const { client, pick, trans, value } = props;
  const [text, setText] = useState(value);
  const [entered, setEntered] = useState<string>();
  const [word, setWord] = useState('');
  const list = useId();
  useEffect(() => {
    setText(value);
    setEntered(undefined);
    setWord('');
  }, [value]);
  const answer = useAnswer<Known>(
    async signal => {
      if (text === '' || text === value) {
        return NOTHING;
      }
      const found = await client.get<Found>('catalog', { query: text, limit: MOST, facets: 'false' }, signal);
      return { text, names: found.hits.map(hit => hit.dataset) };
    },
    [client, text, value],
    PAUSE
  );
  const known = answer.value ?? NOTHING;
  useEffect(() => {
    if (entered === undefined || (known.text !== entered && !answer.error)) {
      return; // what was entered is still being looked for
    }
    const picked = known.names.includes(entered) ? entered : known.names.length === 1 ? known.names[0] : undefined;
    setEntered(undefined);
    if (answer.error) {
      setWord(trans.__('The catalog does not answer.'));
      answer.again();
    } else if (picked === undefined) {
      setWord(trans.__('There is no dataset of that name.'));
    } else {
      pick(picked);
    }
  }, [entered, known, answer.error]);
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    if (text !== '' && text !== value) {
      setEntered(text);
    }
  };
  const type = (event: React.ChangeEvent<HTMLInputElement>): void => {
    const typed = event.target.value;
    setText(typed);
    setEntered(undefined);
    setWord('');
    if (listed(event.nativeEvent) && known.names.includes(typed)) {
      pick(typed);
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
          aria-invalid={word !== ''}
          autoComplete="off"
          onChange={type}
        />
      </label>
      <datalist id={list}>
        {known.names.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {word && <span role="status">{word}</span>}
    </form>
  );
}

/** Whether a change of a field comes of its list: what is typed may go on to a longer name. */
function listed(event: Event): boolean {
  const { inputType } = event as Partial<InputEvent>;
  return !inputType || inputType === 'insertReplacementText';
}
