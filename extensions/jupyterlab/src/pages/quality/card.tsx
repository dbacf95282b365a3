import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../../api/client';
import type { Stands } from '../../api/types';
import { Drawn } from '../../components/drawn';
import { count } from '../../components/format';
import { cut, outcomes } from '../../components/outcomes';
import { standingBadge } from '../../components/standing';
import { Time } from '../../components/time';
import { History } from './history';

/** What a card needs to lead on. */
export interface Leads {
  client: Client;
  trans: TranslationBundle;
  open: (kind: string, subject: string) => void;
}

/** One dataset: how it stands, which checks do not pass, and how they stood at the versions before. */
export function Card(props: Leads & { of: Stands }): JSX.Element {
  const { of, trans } = props;
  return (
    <li className="wb-Quality-card" data-standing={of.standing}>
      <div className="wb-Quality-line">
        <h2>
          <button
            type="button"
            className="wb-Link"
            title={cut(of.dataset, 2000)}
            onClick={() => props.open('dataset', of.dataset)}
          >
            <bdi>{cut(of.dataset)}</bdi>
          </button>
        </h2>
        <Drawn of={standingBadge(of.standing, trans)} />
        <span className="wb-Soft">
          {checks(of, trans)} · {of.version ? trans.__('version %1', of.version) : trans.__('not published')} ·{' '}
          {trans._n('%2 row', '%2 rows', of.rows, count(of.rows))} · <Time iso={of.at} />
        </span>
      </div>
      {of.results.length > 0 && <Drawn of={outcomes(of.results, trans, of.dataset)} />}
      <History {...props} />
    </li>
  );
}

/** How many checks there are and how many of them pass. */
function checks(of: Stands, trans: TranslationBundle): string {
  if (of.total === 0) {
    return trans.__('no checks');
  }
  return of.results.length > 0
    ? trans.__('%1 of %2 checks do not pass', of.results.length, of.total)
    : trans._n('%1 check passes', '%1 checks pass', of.total);
}
