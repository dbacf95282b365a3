import { Dialog, showDialog } from '@jupyterlab/apputils';
import React, { useEffect, useState } from 'react';

import { Problem } from '../../api/client';
import type { Run, RunRow, Runs } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge, look } from '../../components/badge';
import { Copy } from '../../components/copy';
import { duration, short } from '../../components/duration';
import { Time } from '../../components/time';
import { repair } from '../../runs/begin';
import { ended, well } from '../../runs/state';
import type { PageProps } from '../../tokens';
import { pairOf } from '../comparison/pair';

/** Milliseconds between two readings of the clock of a run that goes on. */
const TICK = 1000;

/** The answer above the fold: did it work, how long did it take, and what can be done now. */
export function RunHead(props: { run: Run; page: PageProps; again: () => void }): JSX.Element {
  const { run, page } = props;
  const { trans } = page;
  const [busy, setBusy] = useState('');
  const [problem, setProblem] = useState<unknown>();
  const over = ended(run.state);
  const act = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    setBusy(name);
    setProblem(undefined);
    try {
      await work();
      props.again();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy('');
    }
  };
  const cancel = async (): Promise<void> => {
    const asked = await showDialog({
      title: trans.__('Cancel run %1?', short(run.id)),
      body: trans.__('Steps at work are stopped. What was published stays; nothing half-written is.'),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Let it go on') }),
        Dialog.warnButton({ label: trans.__('Cancel run') })
      ]
    });
    if (asked.button.accept) {
      await act('cancel', () => page.client.post<RunRow>(`runs/${encodeURIComponent(run.id)}/cancel`, {}));
    }
  };
  return (
    <header>
      <div className="wb-Run-title">
        <h1>
          <button type="button" className="wb-Link" onClick={() => page.open('pipeline', run.pipeline)}>
            {run.pipeline}
          </button>
        </h1>
        <span role="status">
          <Badge state={run.state} />
        </span>
        <span className="wb-Actions">
          <Compare run={run} page={page} />
          {!over && (
            <button type="button" className="wb-Button" disabled={busy !== ''} onClick={() => void cancel()}>
              {busy === 'cancel' ? trans.__('Cancelling') : trans.__('Cancel')}
            </button>
          )}
          {over && !well(run.state) && (
            <button
              type="button"
              className="wb-Button wb-mod-first"
              disabled={busy !== ''}
              title={trans.__('Runs again what did not succeed, and what follows it, in the same run')}
              onClick={() => void act('repair', () => repair(page.client, run.id))}
            >
              {busy === 'repair' ? trans.__('Repairing') : trans.__('Repair')}
            </button>
          )}
        </span>
      </div>
      {problem !== undefined && <Refusal problem={problem} page={page} />}
      <Facts run={run} page={page} />
    </header>
  );
}

/** Why something was not done. */
function Refusal(props: { problem: unknown; page: PageProps }): JSX.Element {
  const { problem, page } = props;
  const told = problem instanceof Problem ? problem : null;
  return (
    <p className="wb-Run-refusal" role="alert">
      {told?.code && <code className="wb-State-code">{told.code}</code>}
      {told ? told.message : String(problem)} {told?.cause} {told?.next && page.trans.__('Next: %1', told.next)}
    </p>
  );
}

function Facts(props: { run: Run; page: PageProps }): JSX.Element {
  const { run, page } = props;
  const { trans } = page;
  const given = Object.entries(run.parameters);
  return (
    <dl className="wb-Facts">
      <Fact name={trans.__('Run')}>
        <code title={run.id}>{short(run.id)}</code> <Copy text={run.id} trans={trans} />
      </Fact>
      <Fact name={trans.__('Environment')}>{run.environment}</Fact>
      <Fact name={trans.__('Began')}>
        <Time iso={run.created_at} />
      </Fact>
      <Fact name={trans.__('Took')}>
        <Clock run={run} />
        {run.usual && <span className="wb-Soft"> · {trans.__('usually %1', duration(run.usual.p50))}</span>}
      </Fact>
      <Fact name={trans.__('Started by')}>
        {run.actor} <span className="wb-Soft">({run.trigger})</span>
      </Fact>
      {run.repairs > 0 && <Fact name={trans.__('Repairs')}>{run.repairs}</Fact>}
      {run.commit && (
        <Fact name={trans.__('Commit')}>
          <code>{run.commit.slice(0, 10)}</code>
        </Fact>
      )}
      {run.reports.map(report => (
        <Fact key={report.id} name={trans.__('Report')}>
          {page.has('report') ? (
            <button type="button" className="wb-Link" onClick={() => page.open('report', report.id)}>
              {report.title}
            </button>
          ) : (
            report.title
          )}
        </Fact>
      ))}
      {given.map(([name, value]) => (
        <Fact key={name} name={name}>
          <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
        </Fact>
      ))}
    </dl>
  );
}

function Fact(props: { name: string; children: React.ReactNode }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** How long it took, or has taken yet. */
function Clock(props: { run: Run }): JSX.Element {
  const { run } = props;
  const [now, setNow] = useState(Date.now());
  const over = ended(run.state);
  useEffect(() => {
    if (over) {
      return undefined;
    }
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, [over]);
  const seconds = over ? run.seconds : Math.max(0, (now - Date.parse(run.created_at)) / 1000);
  return <>{over ? duration(seconds) : duration(Math.round(seconds ?? 0))}</>;
}

/** Leads to what differs between this run and another of its pipeline. */
function Compare(props: { run: Run; page: PageProps }): JSX.Element | null {
  const { run, page } = props;
  const { trans } = page;
  const answer = useAnswer(
    signal => page.client.get<Runs>('runs', { pipeline: run.pipeline, limit: '30' }, signal),
    [page.client, run.pipeline, run.id]
  );
  const others = answer.value?.runs.filter(other => other.id !== run.id && ended(other.state)) ?? [];
  if (others.length === 0 || !ended(run.state)) {
    return null;
  }
  return (
    <select
      className="wb-Button"
      aria-label={trans.__('Compare with another run')}
      value=""
      onChange={event => {
        const other = others.find(each => each.id === event.target.value);
        if (other) {
          const [before, after] = other.created_at < run.created_at ? [other.id, run.id] : [run.id, other.id];
          page.open('comparison', pairOf(before, after));
        }
      }}
    >
      <option value="">{trans.__('Compare with…')}</option>
      {others.map(other => (
        <option key={other.id} value={other.id}>
          {short(other.id)} · {look(other.state).word} · {other.created_at.slice(0, 16).replace('T', ' ')}
        </option>
      ))}
    </select>
  );
}
