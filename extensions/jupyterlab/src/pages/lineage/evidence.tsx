import React from 'react';

import type { Client } from '../../api/client';
import type { Evidence as Found, EvidenceEntry } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Failure, Loading } from '../../components/states';
import { Time } from '../../components/time';
import { Opening, Said, useOpening } from '../../runs/opening';
import type { PageProps } from '../../tokens';

/** Asks for the runs behind an arrow. */
export function fetched(client: Client, source: string, target: string, signal?: AbortSignal): Promise<Found> {
  const path = `lineage/${encodeURIComponent(source)}/evidence/${encodeURIComponent(target)}`;
  return client.get<Found>(path, {}, signal);
}

/** What proves an arrow: the cells that wrote, in the executed notebooks of the runs that did. */
export function Evidence(props: PageProps & { source: string; target: string }): JSX.Element {
  const { client, source, target, trans } = props;
  const opening = useOpening(props);
  const answer = useAnswer(signal => fetched(client, source, target, signal), [client, source, target]);
  if (answer.error) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  if (!answer.value) {
    return <Loading what={trans.__('Looking for the cell')} />;
  }
  const { evidence, more } = answer.value;
  if (evidence.length === 0) {
    return <p className="wb-Soft">{trans.__('No run is known that proves this arrow: only its notebook tells it.')}</p>;
  }
  return (
    <>
      <ul className="wb-Lineage-evidence">
        {evidence.map((entry, index) => (
          <Entry key={index} {...props} entry={entry} opening={opening} />
        ))}
      </ul>
      <Said opening={opening} trans={trans} />
      {more && <p className="wb-Soft">{trans.__('and earlier runs')}</p>}
    </>
  );
}

function Entry(props: PageProps & { entry: EvidenceEntry; opening: Opening }): JSX.Element {
  const { entry, opening, trans } = props;
  const words = entry.number === null ? trans.__('Open the notebook') : trans.__('Open cell %1', entry.number);
  return (
    <li>
      <span>
        {entry.source} → {entry.target}
      </span>
      <span className="wb-Soft">
        {entry.run ? trans.__('%1, run %2', entry.step, entry.run.slice(-6)) : trans.__('in an interactive session')}
        {entry.at && (
          <>
            {', '}
            <Time iso={entry.at} />
          </>
        )}
      </span>
      {entry.run && entry.notebook && (
        <button
          type="button"
          className="wb-Button wb-mod-small"
          onClick={() => void opening.look(entry.run, entry.step, entry.cell)}
        >
          {words}
        </button>
      )}
      {entry.run && !entry.notebook && (
        <span className="wb-Soft">{trans.__('its executed notebook is not kept any more')}</span>
      )}
      {entry.run && props.has('run') && (
        <button type="button" className="wb-Link" onClick={() => props.open('run', entry.run)}>
          {trans.__('Open the run')}
        </button>
      )}
    </li>
  );
}
