import { PageConfig } from '@jupyterlab/coreutils';
import React from 'react';

import type { Client } from '../../api/client';
import type { Evidence as Found, EvidenceEntry } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Copy } from '../../components/copy';
import { Failure, Loading } from '../../components/states';
import { Time } from '../../components/time';
import type { PageProps } from '../../tokens';

/** The command of JupyterLab that opens a file and goes to a place in it. */
const LINK = 'rendermime:handle-local-link';

/** Asks for the runs behind an arrow. */
export function fetched(client: Client, source: string, target: string, signal?: AbortSignal): Promise<Found> {
  const path = `lineage/${encodeURIComponent(source)}/evidence/${encodeURIComponent(target)}`;
  return client.get<Found>(path, {}, signal);
}

/** Whether this JupyterLab opens what lies in hidden folders, as executed notebooks do. */
export function reachable(): boolean {
  return PageConfig.getOption('allow_hidden_files').toLowerCase() === 'true';
}

/** Opens the executed notebook at the cell that wrote; says whether there is one to open. */
export function lead(run: PageProps['run'], entry: EvidenceEntry | undefined): boolean {
  if (!entry?.notebook || !reachable()) {
    return false;
  }
  run(LINK, { path: entry.notebook, id: entry.cell ? `#cell-id=${entry.cell}` : '' });
  return true;
}

/** What proves an arrow: the cells that wrote, in the executed notebooks of the runs that did. */
export function Evidence(props: PageProps & { source: string; target: string }): JSX.Element {
  const { client, source, target, trans } = props;
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
          <Entry key={index} {...props} entry={entry} />
        ))}
      </ul>
      {more && <p className="wb-Soft">{trans.__('and earlier runs')}</p>}
    </>
  );
}

function Entry(props: PageProps & { entry: EvidenceEntry }): JSX.Element {
  const { entry, trans } = props;
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
      {entry.notebook && reachable() && (
        <button type="button" className="wb-Button wb-mod-small" onClick={() => lead(props.run, entry)}>
          {words}
        </button>
      )}
      {entry.notebook && !reachable() && (
        <span>
          {trans.__('This JupyterLab opens no hidden folders; “wb lab” starts one that does.')}{' '}
          <Copy text={entry.notebook} trans={trans} />
        </span>
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
