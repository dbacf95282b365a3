import React, { useState } from 'react';

import type { PipelineRow } from '../../api/types';
import { Badge } from '../../components/badge';
import { Failure } from '../../components/states';
import { Time } from '../../components/time';
import { begin } from '../../runs/begin';
import { ended } from '../../runs/state';
import type { PageProps } from '../../tokens';
import { defaults, Seen } from './seen';

/** The way from a pipeline to its report: run it, see the graph, open the report. */
export function FirstSteps(props: { seen: Seen; page: PageProps }): JSX.Element {
  const { seen, page } = props;
  const { row } = seen;
  return (
    <ol className="wb-StartPage-steps" aria-label={page.trans.__('First steps')}>
      {row && <RunIt row={row} seen={seen} page={page} />}
      {row && <SeeIt row={row} seen={seen} page={page} />}
      <ReadIt seen={seen} page={page} />
    </ol>
  );
}

interface StepProps {
  row: PipelineRow;
  seen: Seen;
  page: PageProps;
}

function RunIt({ row, seen, page }: StepProps): JSX.Element {
  const { client, open, run, trans } = page;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const values = seen.pipeline && defaults(seen.pipeline);
  const { last } = row;
  const start = async (parameters: Record<string, unknown>): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      open('run', (await begin(client, { target: row.name, parameters })).run);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Step title={trans.__('Run %1', row.name)} text={row.description || trans._n('%1 step', '%1 steps', row.steps)}>
      {row.error ? (
        <>
          <Badge state="error" word={row.error.code} title={row.error.what} />
          <button type="button" className="wb-Button" onClick={() => run('docmanager:open', { path: row.path })}>
            {trans.__('Open its file')}
          </button>
        </>
      ) : (
        <>
          {values && !last && (
            <button type="button" className="wb-Button wb-mod-first" disabled={busy} onClick={() => void start(values)}>
              {busy ? trans.__('Starting') : trans.__('Run')}
            </button>
          )}
          <button type="button" className="wb-Button" onClick={() => open('pipeline', row.name)}>
            {trans.__('Open its form')}
          </button>
        </>
      )}
      {last && (
        <span className="wb-StartPage-fact">
          <Badge state={last.state} /> <Time iso={last.created_at} />{' '}
          <button type="button" className="wb-Link" onClick={() => open('run', last.id)}>
            {ended(last.state) ? trans.__('Open the run') : trans.__('Watch the run')}
          </button>
        </span>
      )}
      {problem !== undefined && values && <Failure error={problem} trans={trans} retry={() => void start(values)} />}
    </Step>
  );
}

function SeeIt({ row, seen, page }: StepProps): JSX.Element {
  const { open, run, trans } = page;
  const { dataset } = seen;
  return (
    <Step
      title={trans.__('See the graph')}
      text={trans.__('What each step reads and writes is found in the notebooks, and proved by their runs.')}
    >
      <button type="button" className="wb-Button" onClick={() => run('docmanager:open', { path: row.path })}>
        {trans.__('Graph of the steps')}
      </button>
      {dataset && (
        <button type="button" className="wb-Button" onClick={() => open('lineage', dataset)}>
          {trans.__('Lineage of %1', dataset)}
        </button>
      )}
    </Step>
  );
}

function ReadIt({ seen, page }: Omit<StepProps, 'row'>): JSX.Element {
  const { open, trans } = page;
  const { pipeline, report } = seen;
  const planned = pipeline?.specs.some(step => step.report !== null) ?? false;
  const missing = planned
    ? trans.__('It comes with the first run.')
    : trans.__('The line report: {title: …} below a step makes its notebook one.');
  return (
    <Step
      title={trans.__('Open the report')}
      text={trans.__('A notebook as a page that one can pass on, with a proof of where its figures come from.')}
    >
      {report ? (
        <span className="wb-StartPage-fact">
          <button type="button" className="wb-Button" onClick={() => open('report', report.id)}>
            <bdi>{report.title || trans.__('Report without a title')}</bdi>
          </button>{' '}
          <Time iso={report.created_at} />
        </span>
      ) : (
        <span className="wb-Soft">{missing}</span>
      )}
    </Step>
  );
}

function Step(props: { title: string; text: string; children: React.ReactNode }): JSX.Element {
  return (
    <li className="wb-StartPage-step">
      <h2>{props.title}</h2>
      <p>{props.text}</p>
      <div className="wb-StartPage-actions">{props.children}</div>
    </li>
  );
}
