import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useId, useRef, useState } from 'react';

import { Client, isNoProject } from '../api/client';
import { mayWrite } from '../api/ledger';
import type { Live } from '../api/live';
import { count } from '../components/format';
import { useNews } from '../components/news';
import { ALL, Asked, FacetName, narrowed } from './asked';
import { FacetList, Narrowed } from './facets';
import { Search, useFacets, useFound } from './found';
import { walked } from './keys';
import { Results } from './results';

/** The longest text that is searched for. */
const LONGEST = 500;

export interface CatalogProps {
  client: Client;
  live: Live;
  trans: TranslationBundle;
  /** Changes whenever the panel comes into view, so that it shows today's data. */
  turn: number;
  open: (dataset: string) => void;
  /** Begins to drag the reading of a dataset from a place in the window. */
  drag: (dataset: string, x: number, y: number) => void;
  /** Leads to where a project can be begun. */
  begin: () => void;
}

/** The catalog: a field to search in, and what was found below it. The arrow keys walk, Enter opens. */
export function Catalog(props: CatalogProps): JSX.Element {
  const { client, live, trans } = props;
  const [asked, setAsked] = useState<Asked>(ALL);
  const [active, setActive] = useState(0);
  const [filters, setFilters] = useState(false);
  const found = useFound(client, asked);
  const facets = useFacets(client, asked, filters, found.hits);
  const list = useId();
  const { again } = found;
  useNews(live, mayWrite, again);
  useEffect(() => {
    if (props.turn > 0) {
      again();
    }
  }, [props.turn, again]);
  useFollowed(found, active, setActive);
  const there = found.asked !== null && !found.error;
  useEffect(() => {
    if (there) {
      live.start(); // there was no project when it gave up, and is one now
    }
  }, [there, live]);
  const ask = (next: Asked): void => {
    setAsked(next);
    setActive(0);
  };
  const narrow = (facet: FacetName, value: string): void => ask(narrowed(asked, facet, value));
  const press = (event: React.KeyboardEvent): void => {
    const hit = found.hits[active];
    if (event.key === 'Enter' && hit) {
      props.open(hit.dataset);
    } else if (event.key === 'Escape' && asked.query) {
      ask({ ...asked, query: '' });
    } else if ((event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) && hit) {
      openMenu(document.getElementById(`${list}-${active}`));
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
  const shown = found.hits.length > 0 && !found.error;
  const begun = !isNoProject(found.error);
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
          maxLength={LONGEST}
          value={asked.query}
          onChange={event => ask({ ...asked, query: event.target.value })}
          onKeyDown={press}
        />
        {begun && (
          <button
            type="button"
            className="wb-Button wb-Catalog-filters"
            aria-expanded={filters}
            onClick={() => setFilters(!filters)}
          >
            {trans.__('Filters')}
          </button>
        )}
      </div>
      {filters && begun && <FacetList facets={facets} asked={asked} trans={trans} narrow={narrow} />}
      {!filters && <Narrowed asked={asked} trans={trans} narrow={narrow} />}
      <div className="wb-Catalog-count" role="status">
        {told(found, trans)}
      </div>
      <Results
        found={found}
        trans={trans}
        list={list}
        active={active}
        clear={() => ask(ALL)}
        choose={setActive}
        open={props.open}
        drag={props.drag}
        begin={props.begin}
      />
    </>
  );
}

/** Keeps the row that is chosen the same dataset when the list changes around it. */
function useFollowed(found: Search, active: number, choose: (index: number) => void): void {
  const last = useRef<{ asked: Asked | null; dataset: string | undefined }>({ asked: null, dataset: undefined });
  useEffect(() => {
    const { asked, dataset } = last.current;
    if (asked === found.asked && dataset !== undefined && found.hits[active]?.dataset !== dataset) {
      const now = found.hits.findIndex(hit => hit.dataset === dataset);
      choose(now >= 0 ? now : Math.max(0, Math.min(active, found.hits.length - 1)));
    }
  }, [found.hits]);
  useEffect(() => {
    last.current = { asked: found.asked, dataset: found.hits[active]?.dataset };
  }, [found.hits, found.asked, active]);
}

/** Opens the context menu of an element, as a press of the right button on it does. */
function openMenu(element: HTMLElement | null): void {
  if (element) {
    const { left, bottom } = element.getBoundingClientRect();
    const place = { clientX: left + 16, clientY: bottom - 8 };
    element.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, button: 2, ...place }));
  }
}

function told(found: Search, trans: TranslationBundle): string {
  if (found.error || found.asked === null || found.total === 0) {
    return '';
  }
  const number = trans._n('%1 dataset', '%2 datasets', found.total, count(found.total));
  const corrected = found.hits[0]?.corrected;
  return corrected ? trans.__('%1 for “%2”', number, corrected) : number;
}
