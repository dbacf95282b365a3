import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useId, useRef, useState } from 'react';

import type { Client } from '../api/client';
import type { Hit } from '../api/types';
import { Copy } from '../components/copy';
import { ago, count } from '../components/format';
import { Empty, Failure, Loading } from '../components/states';
import { revealed, useVirtual } from '../components/virtual';
import { Search, useFound } from './found';
import { walked } from './keys';

/** Pixels of a row. */
const ROW = 56;
/** Rows before the end of what is known at which more is fetched. */
const AHEAD = 40;

interface Props {
  client: Client;
  trans: TranslationBundle;
  /** Changes whenever the panel comes into view, so that it shows today's data. */
  turn: number;
  open: (dataset: string) => void;
}

/** The catalog: a field to search in, and what was found below it. The arrow keys walk, Enter opens. */
export function Catalog(props: Props): JSX.Element {
  const { client, trans } = props;
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const found = useFound(client, query);
  const list = useId();
  const { again } = found;
  useEffect(() => {
    if (props.turn > 0) {
      again();
    }
  }, [props.turn, again]);
  const type = (text: string): void => {
    setQuery(text);
    setActive(0);
  };
  const press = (event: React.KeyboardEvent): void => {
    const hit = found.hits[active];
    if (event.key === 'Enter' && hit) {
      props.open(hit.dataset);
    } else if (event.key === 'Escape' && query) {
      type('');
    } else {
      const next = walked(event.key, active, found.hits.length);
      if (next === active) {
        return;
      }
      setActive(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = found.hits.length > 0;
  return (
    <>
      <div className="wb-Catalog-search" role="search">
        <input
          type="search"
          className="wb-Input"
          role="combobox"
          aria-expanded={shown}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={shown ? `${list}-${active}` : undefined}
          aria-label={trans.__('Search the catalog')}
          placeholder={trans.__('Search datasets')}
          spellCheck={false}
          autoComplete="off"
          value={query}
          onChange={event => type(event.target.value)}
          onKeyDown={press}
        />
      </div>
      <div className="wb-Catalog-count" role="status">
        {told(found, trans)}
      </div>
      <Results {...props} found={found} list={list} active={active} clear={() => type('')} choose={setActive} />
    </>
  );
}

function told(found: Search, trans: TranslationBundle): string {
  if (found.error || found.query === null || found.total === 0) {
    return '';
  }
  const number = trans._n('%1 dataset', '%2 datasets', found.total, count(found.total));
  const corrected = found.hits[0]?.corrected;
  return corrected ? trans.__('%1 for “%2”', number, corrected) : number;
}

interface ResultsProps extends Props {
  found: Search;
  list: string;
  active: number;
  clear: () => void;
  choose: (index: number) => void;
}

function Results(props: ResultsProps): JSX.Element {
  const { found, trans } = props;
  if (found.error) {
    return <Failure error={found.error} trans={trans} retry={found.again} />;
  }
  if (found.query === null) {
    return <Loading what={trans.__('Reading the catalog')} />;
  }
  if (found.hits.length === 0 && found.query) {
    return (
      <Empty text={trans.__('No dataset matches “%1”.', found.query)}>
        <button type="button" className="wb-Button" onClick={props.clear}>
          {trans.__('Show all datasets')}
        </button>
      </Empty>
    );
  }
  if (found.hits.length === 0) {
    return (
      <Empty text={trans.__('Datasets appear here once a pipeline has written them.')}>
        <p>
          <code>wb run</code> <Copy text="wb run" trans={trans} />
        </p>
        <button type="button" className="wb-Button" onClick={found.again}>
          {trans.__('Look again')}
        </button>
      </Empty>
    );
  }
  return <List {...props} />;
}

function List(props: ResultsProps): JSX.Element {
  const { found, active, list } = props;
  const scrolled = useRef<HTMLDivElement>(null);
  const { start, end } = useVirtual(scrolled, ROW, found.hits.length);
  const { more } = found;
  useEffect(() => {
    if (Math.max(end, active) + AHEAD >= found.hits.length) {
      more();
    }
  }, [end, active, found.hits.length, more]);
  useEffect(() => {
    const element = scrolled.current;
    if (element) {
      element.scrollTop = revealed(element.scrollTop, element.clientHeight, ROW, active);
    }
  }, [active, found.query]);
  return (
    <div className="wb-Catalog-list" ref={scrolled} id={list} role="listbox" aria-label={props.trans.__('Datasets')}>
      <div role="presentation" style={{ height: found.hits.length * ROW }}>
        {found.hits.slice(start, end).map((hit, index) => (
          <Row
            key={hit.dataset}
            hit={hit}
            trans={props.trans}
            id={`${list}-${start + index}`}
            index={start + index}
            total={found.total}
            active={start + index === active}
            open={() => {
              props.choose(start + index);
              props.open(hit.dataset);
            }}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  hit: Hit;
  trans: TranslationBundle;
  id: string;
  index: number;
  total: number;
  active: boolean;
  open: () => void;
}

/** `336,776 rows` */
function counted(trans: TranslationBundle, rows: number): string {
  return trans._n('%1 row', '%2 rows', rows, count(rows));
}

function Row(props: RowProps): JSX.Element {
  const { hit } = props;
  return (
    <div
      className="wb-Catalog-row"
      role="option"
      id={props.id}
      aria-selected={props.active}
      aria-posinset={props.index + 1}
      aria-setsize={props.total}
      style={{ top: props.index * ROW, height: ROW }}
      title={[hit.dataset, hit.description].filter(Boolean).join('\n')}
      onClick={props.open}
    >
      <div className="wb-Catalog-line">
        <span className="wb-Catalog-name">{hit.dataset}</span>
        <span className="wb-Catalog-fact">{hit.written_at && counted(props.trans, hit.rows)}</span>
      </div>
      <div className="wb-Catalog-line">
        <span className="wb-Catalog-description">{hit.description || hit.tags.join(', ')}</span>
        <span className="wb-Catalog-fact">{hit.written_at ? ago(hit.written_at) : props.trans.__('no data yet')}</span>
      </div>
    </div>
  );
}
