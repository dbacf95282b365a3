import '../../../style/run.css';

import React, { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import type { Run, StepRun } from '../../api/types';
import { Badge } from '../../components/badge';
import { duration, short } from '../../components/duration';
import { Empty, Failure, Loading } from '../../components/states';
import { Table } from '../../components/table';
import type { Column } from '../../components/table';
import { Timeline } from '../../components/timeline/timeline';
import { useRun } from '../../runs/follow';
import { Said, useOpening } from '../../runs/opening';
import type { PageProps } from '../../tokens';
import { RunGraph } from './graph';
import { RunHead } from './head';
import { Fault, StepPanel } from './step';

/** Whether a run worked, and if not, where. It moves while the run goes on. */
export default function RunPage(props: PageProps): JSX.Element {
  const { client, subject, trans } = props;
  const { run, error, refused, event, again } = useRun(client, props.live, subject);
  const [chosen, setChosen] = useState('');
  const opening = useOpening(props);
  const panel = useRef<HTMLDivElement>(null);
  const [asked, setAsked] = useState(0);
  const goTo = useCallback((name: string) => {
    setChosen(name);
    setAsked(last => last + 1);
  }, []);
  useEffect(() => {
    if (asked > 0) {
      panel.current?.scrollIntoView({ block: 'start' });
    }
  }, [asked]);
  const step = run && picked(run, chosen);
  const seq = useSeq(event, step?.step ?? '', run?.repairs ?? 0);
  if (refused && !run) {
    return (
      <Empty text={trans.__('Run %1 could not begin: %2.', short(subject), refused)}>
        <p>{trans.__('Its log lies in %1.', `.workbench/logs/runs/${subject}.log`)}</p>
      </Empty>
    );
  }
  if (error && !run) {
    return <Failure error={error} trans={trans} retry={again} />;
  }
  if (!run) {
    return <Loading what={trans.__('Run %1 is about to begin', short(subject))} />;
  }
  return (
    <article className="wb-Run" aria-label={trans.__('Run %1 of %2', short(run.id), run.pipeline)}>
      <RunHead run={run} page={props} again={again} />
      {error !== undefined && (
        <p className="wb-Soft" role="status">
          {trans.__('The server does not answer: this is how it stood last.')}{' '}
          <button type="button" className="wb-Link" onClick={again}>
            {trans.__('Look again')}
          </button>
        </p>
      )}
      {run.error && <Fault error={run.error} trans={trans} />}
      <Worst run={run} page={props} goTo={goTo} />
      <RunGraph run={run} client={client} trans={trans} select={setChosen} open={goTo} />
      {run.timeline && <Timeline of={run.timeline} trans={trans} selected={step?.step ?? ''} select={goTo} />}
      <Steps run={run} chosen={step?.step ?? ''} page={props} select={goTo} />
      <div ref={panel}>
        <Said opening={opening} trans={trans} />
        {step && (
          <StepPanel
            key={`${run.id} ${step.step}`}
            run={run}
            step={step}
            seq={seq}
            client={client}
            trans={trans}
            open={props.open}
            look={one => void opening.look(run.id, one.step)}
            edit={one => void opening.edit(run.id, one.step)}
          />
        )}
      </div>
    </article>
  );
}

const BAD = new Set<string>(['failed', 'withheld', 'lost']);
/** Steps that are told of by name at the top. */
const NAMED = 3;

/** What did not succeed, and why, with the way to it. */
function Worst(props: { run: Run; page: PageProps; goTo: (step: string) => void }): JSX.Element | null {
  const { trans } = props.page;
  const bad = props.run.steps.filter(step => BAD.has(step.state));
  if (bad.length === 0) {
    return null;
  }
  return (
    <ul className="wb-Run-worst" aria-label={trans.__('What did not succeed')}>
      {bad.slice(0, NAMED).map(step => (
        <li key={step.id}>
          <Badge state={step.state} />{' '}
          <button type="button" className="wb-Link" onClick={() => props.goTo(step.step)}>
            {step.step}
          </button>{' '}
          <span>{step.error?.what ?? step.reason}</span>
        </li>
      ))}
      {bad.length > NAMED && <li className="wb-Soft">{trans.__('and %1 more', bad.length - NAMED)}</li>}
    </ul>
  );
}

/** The step that was chosen; while none was, the one that matters most. */
function picked(run: Run, chosen: string): StepRun | undefined {
  const of = (state: string): StepRun | undefined => run.steps.find(step => step.state === state);
  return (
    run.steps.find(step => step.step === chosen) ??
    of('failed') ??
    of('withheld') ??
    of('lost') ??
    of('running') ??
    of('staged') ??
    run.steps[0]
  );
}

/** What changes whenever there is more to read of a step. */
function useSeq(event: ReturnType<typeof useRun>['event'], step: string, repairs: number): string {
  const [seq, setSeq] = useState(0);
  useEffect(() => {
    if (event?.logs.some(log => log.step === step) || event?.steps.some(each => each.step === step)) {
      setSeq(last => last + 1);
    }
  }, [event, step]);
  return `${step} ${repairs} ${seq}`;
}

function Steps(props: { run: Run; chosen: string; page: PageProps; select: (step: string) => void }): JSX.Element {
  const { run, chosen, select } = props;
  const { trans } = props.page;
  const columns = useMemo<Column<StepRun>[]>(
    () => [
      {
        name: 'step',
        title: trans.__('Step'),
        value: row => row.step,
        draw: row => (
          <button
            type="button"
            className="wb-Link"
            aria-current={row.step === chosen || undefined}
            onClick={() => select(row.step)}
          >
            {row.step}
          </button>
        ),
        width: 'minmax(140px, 1.5fr)'
      },
      { name: 'state', title: trans.__('State'), value: row => row.state, draw: row => <Badge state={row.state} /> },
      {
        name: 'took',
        title: trans.__('Took'),
        value: row => row.seconds,
        draw: row => duration(row.seconds) || '–',
        numeric: true
      },
      {
        name: 'usual',
        title: trans.__('Usually'),
        value: row => row.usual?.p50 ?? null,
        draw: row => duration(row.usual?.p50) || '–',
        numeric: true
      },
      { name: 'attempts', title: trans.__('Attempts'), value: row => row.attempts.length, numeric: true },
      {
        name: 'reason',
        title: trans.__('Why'),
        value: row => row.error?.what ?? row.reason,
        width: 'minmax(160px, 2fr)'
      }
    ],
    [trans, chosen, select]
  );
  return (
    <section aria-label={trans.__('Steps')}>
      <h2>{trans.__('Steps')}</h2>
      <Table label={trans.__('Steps')} columns={columns} rows={run.steps} id={row => row.id} trans={trans} />
    </section>
  );
}
