import '../../../style/parts.css';
import '../../../style/quality.css';

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { Quality, Standing } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Copy } from '../../components/copy';
import { Drawn } from '../../components/drawn';
import { count } from '../../components/format';
import { STANDINGS, overview, standingBadge } from '../../components/standing';
import { Empty, Failure, Loading } from '../../components/states';
import type { PageProps } from '../../tokens';
import { Card } from './card';

/** Milliseconds between the last key and the question. */
const PAUSE = 60;
/** Datasets that are fetched at first, and at most: further ones are found by narrowing. */
const FIRST = 50;
const MOST = 200;

/** What is wrong with the data, and since when. The subject is what the list is narrowed to at first. */
export default function QualityPage(props: PageProps): JSX.Element {
  const { client, trans } = props;
  const [state, setState] = useState<Standing | ''>('');
  const [text, setText] = useState(props.subject);
  const [limit, setLimit] = useState(FIRST);
  const asked = { query: text, limit: String(limit), ...(state && { state }) };
  const answer = useAnswer(
    signal => client.get<Quality>('quality', asked, signal),
    [client, state, text, limit],
    text === props.subject ? 0 : PAUSE
  );
  const { value, error, again } = answer;
  const clear = (): void => {
    setState('');
    setText('');
  };
  if (error && !value) {
    return <Failure error={error} trans={trans} retry={again} />;
  }
  if (!value) {
    return <Loading what={trans.__('Reading how datasets stand')} />;
  }
  const all = STANDINGS.reduce((sum, each) => sum + (value.counts[each] ?? 0), 0);
  return (
    <article className="wb-Quality" aria-label={trans.__('Quality')}>
      <header className="wb-Quality-head">
        <h1>{trans.__('Quality')}</h1>
        <span className="wb-Soft">{value.environment}</span>
        <button type="button" className="wb-Button" onClick={again}>
          {trans.__('Refresh')}
        </button>
      </header>
      {error ? <Failure error={error} trans={trans} retry={again} /> : null}
      {all === 0 ? (
        <None trans={trans} />
      ) : (
        <>
          <p className="wb-Quality-overview">{overview(value.counts, trans)}</p>
          <Filter counts={value.counts} state={state} text={text} trans={trans} choose={setState} type={setText} />
          <ul className="wb-Quality-list" aria-label={trans.__('Datasets')}>
            {value.datasets.map(of => (
              <Card key={of.dataset} of={of} client={client} trans={trans} open={props.open} />
            ))}
          </ul>
          <End value={value} limit={limit} trans={trans} more={() => setLimit(MOST)} clear={clear} />
        </>
      )}
    </article>
  );
}

/** How many datasets stand how, each to be shown alone, and a field to find one by its name. */
function Filter(props: {
  counts: Readonly<Record<string, number>>;
  state: Standing | '';
  text: string;
  trans: TranslationBundle;
  choose: (state: Standing | '') => void;
  type: (text: string) => void;
}): JSX.Element {
  const { counts, state, trans } = props;
  return (
    <div className="wb-Quality-filter" role="search">
      <div role="group" aria-label={trans.__('Show those that are')}>
        {STANDINGS.map(each => (
          <button
            key={each}
            type="button"
            className="wb-Chip"
            aria-pressed={state === each}
            disabled={!counts[each] && state !== each}
            onClick={() => props.choose(state === each ? '' : each)}
          >
            <Drawn of={standingBadge(each, trans)} /> <span className="wb-Chip-count">{count(counts[each] ?? 0)}</span>
          </button>
        ))}
      </div>
      <input
        type="search"
        className="wb-Input"
        aria-label={trans.__('Find a dataset by its name')}
        placeholder={trans.__('Find a dataset')}
        spellCheck={false}
        autoComplete="off"
        maxLength={200}
        value={props.text}
        onChange={event => props.type(event.target.value)}
      />
    </div>
  );
}

/** What is below the list: that nothing was found, or that there is more. */
function End(props: {
  value: Quality;
  limit: number;
  trans: TranslationBundle;
  more: () => void;
  clear: () => void;
}): JSX.Element | null {
  const { value, trans } = props;
  if (value.datasets.length === 0) {
    return (
      <Empty text={trans.__('No dataset is like that.')}>
        <button type="button" className="wb-Button" onClick={props.clear}>
          {trans.__('Show all datasets')}
        </button>
      </Empty>
    );
  }
  if (!value.more) {
    return null;
  }
  return props.limit < MOST ? (
    <button type="button" className="wb-Button" onClick={props.more}>
      {trans.__('Show more')}
    </button>
  ) : (
    <p className="wb-Soft">{trans.__('These are %1; find others by their name.', value.datasets.length)}</p>
  );
}

function None(props: { trans: TranslationBundle }): JSX.Element {
  const { trans } = props;
  return (
    <Empty text={trans.__('Datasets stand here with their checks once a pipeline has written them.')}>
      <p>
        <code>wb run</code> <Copy text="wb run" trans={trans} />
      </p>
    </Empty>
  );
}
