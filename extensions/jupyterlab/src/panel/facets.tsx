import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Facets } from '../api/types';
import { count } from '../components/format';
import { Asked, FacetName, narrowings, offered } from './asked';

/** Values of a facet that are shown before the rest is asked for. */
const FIRST = 6;

interface Props {
  facets: Facets | null;
  asked: Asked;
  trans: TranslationBundle;
  narrow: (facet: FacetName, value: string) => void;
}

/** By what the search can be narrowed: each value with how many datasets have it. */
export function FacetList(props: Props): JSX.Element {
  const { asked, facets, trans } = props;
  if (!facets) {
    return <div className="wb-Facets" aria-busy="true" />;
  }
  const kinds = facets.kind.map(kind => `${kindWord(kind.value, trans)} ${count(kind.count)}`).join(' · ');
  return (
    <div className="wb-Facets" role="group" aria-label={trans.__('Filters')}>
      {kinds && (
        <p className="wb-Facets-kinds">
          {trans.__('Kind')}: {kinds}
        </p>
      )}
      {offered(facets, asked).map(([facet, values]) => (
        <FacetValues key={facet} facet={facet} values={values} {...props} />
      ))}
    </div>
  );
}

function FacetValues(
  props: Props & { facet: FacetName; values: readonly { value: string; count: number }[] }
): JSX.Element {
  const { asked, facet, trans, values } = props;
  const [whole, setWhole] = React.useState(false);
  const title = facetWord(facet, trans);
  const shown = whole ? values : values.slice(0, FIRST);
  return (
    <fieldset className="wb-Facet">
      <legend>{title}</legend>
      {shown.map(({ value, count: number }) => (
        <button
          key={value}
          type="button"
          className="wb-Facet-value"
          aria-pressed={asked[facet] === value}
          title={value}
          onClick={() => props.narrow(facet, value)}
        >
          <span className="wb-Facet-name">{valueWord(facet, value, trans)}</span>
          <span className="wb-Facet-count">{count(number)}</span>
        </button>
      ))}
      {values.length > FIRST && (
        <button type="button" className="wb-Link" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? trans.__('Fewer') : trans.__('%1 more', values.length - FIRST)}
        </button>
      )}
    </fieldset>
  );
}

/** What the search is narrowed to, each to be let go. */
export function Narrowed(props: Omit<Props, 'facets'>): JSX.Element | null {
  const { asked, trans } = props;
  const set = narrowings(asked);
  return set.length === 0 ? null : (
    <div className="wb-Narrowed" role="group" aria-label={trans.__('Narrowed to')}>
      {set.map(([facet, value]) => (
        <button
          key={facet}
          type="button"
          className="wb-Narrowed-one"
          aria-label={trans.__('Let go of %1 %2', facetWord(facet, trans), valueWord(facet, value, trans))}
          onClick={() => props.narrow(facet, value)}
        >
          <span className="wb-Facet-name">{valueWord(facet, value, trans)}</span>
          <svg viewBox="0 0 8 8" aria-hidden="true">
            <path d="M1.5 1.5 6.5 6.5M6.5 1.5 1.5 6.5" />
          </svg>
        </button>
      ))}
    </div>
  );
}

function kindWord(kind: string, trans: TranslationBundle): string {
  return kind === 'dataset' ? trans.__('datasets') : kind;
}

function facetWord(facet: FacetName, trans: TranslationBundle): string {
  const words: Record<FacetName, string> = {
    namespace: trans.__('Namespace'),
    owner: trans.__('Owner'),
    tag: trans.__('Tag'),
    freshness: trans.__('Written')
  };
  return words[facet];
}

function valueWord(facet: FacetName, value: string, trans: TranslationBundle): string {
  if (facet !== 'freshness') {
    return value;
  }
  const words: Record<string, string> = {
    day: trans.__('within a day'),
    week: trans.__('within a week'),
    month: trans.__('within a month'),
    older: trans.__('longer ago'),
    never: trans.__('never')
  };
  return words[value] ?? value;
}
