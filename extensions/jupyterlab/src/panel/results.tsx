import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef } from 'react';

import { isNoProject } from '../api/client';
import type { Hit } from '../api/types';
import { Copy } from '../components/copy';
import { ago, count } from '../components/format';
import { Empty, Failure, Loading } from '../components/states';
import { revealed, useVirtual } from '../components/virtual';
import { asksForAll, narrowings } from './asked';
import type { Search } from './found';
import { grip } from './grip';

/** Pixels of a row. */
const ROW = 56;
/** Rows before the end of what is known at which more is fetched. */
const AHEAD = 40;

export interface ResultsProps {
  found: Search;
  trans: TranslationBundle;
  list: string;
  active: number;
  /** Shows everything again. */
  clear: () => void;
  choose: (index: number) => void;
  open: (dataset: string) => void;
  drag: (dataset: string, x: number, y: number) => void;
  /** Leads to where a project can be begun. */
  begin: () => void;
}

/** What was found, or why there is nothing to see. */
export function Results(props: ResultsProps): JSX.Element {
  const { found, trans } = props;
  if (isNoProject(found.error)) {
    return (
      <Empty text={trans.__('There is no project here yet.')}>
        <button type="button" className="wb-Button" onClick={props.begin}>
          {trans.__('Begin a project')}
        </button>{' '}
        <button type="button" className="wb-Button" onClick={found.again}>
          {trans.__('Look again')}
        </button>
      </Empty>
    );
  }
  if (found.error) {
    return <Failure error={found.error} trans={trans} retry={found.again} />;
  }
  if (found.asked === null) {
    return <Loading what={trans.__('Reading the catalog')} />;
  }
  if (found.hits.length === 0 && !asksForAll(found.asked)) {
    const narrow = narrowings(found.asked).length > 0;
    const { query } = found.asked;
    return (
      <Empty
        text={
          !query
            ? trans.__('No dataset is of all these filters.')
            : narrow
              ? trans.__('No dataset matches “%1” with these filters.', query)
              : trans.__('No dataset matches “%1”.', query)
        }
      >
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
  const { asked, more } = found;
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
  }, [active, asked]);
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
            choose={() => props.choose(start + index)}
            open={() => props.open(hit.dataset)}
            drag={(x, y) => props.drag(hit.dataset, x, y)}
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
  choose: () => void;
  open: () => void;
  drag: (x: number, y: number) => void;
}

/** `336,776 rows` */
function counted(trans: TranslationBundle, rows: number): string {
  return trans._n('%1 row', '%2 rows', rows, count(rows));
}

function Row(props: RowProps): JSX.Element {
  const { hit } = props;
  const dragged = useRef(false);
  const hold = (event: React.PointerEvent): void => {
    dragged.current = false;
    grip(event, (x, y) => {
      dragged.current = true;
      props.drag(x, y);
    });
  };
  const press = (): void => {
    if (!dragged.current) {
      props.choose();
      props.open();
    }
  };
  return (
    <div
      className="wb-Catalog-row"
      role="option"
      id={props.id}
      data-wb-dataset={hit.dataset}
      aria-selected={props.active}
      aria-posinset={props.index + 1}
      aria-setsize={props.total}
      style={{ top: props.index * ROW, height: ROW }}
      title={[hit.dataset, hit.description].filter(Boolean).join('\n')}
      onPointerDown={hold}
      onClick={press}
      onContextMenu={props.choose}
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
