import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { Client } from '../../api/client';
import type { CellNow, CellRun, Run, StepRun } from '../../api/types';
import { Badge } from '../../components/badge';
import { duration } from '../../components/duration';
import { absolute } from '../../components/format';
import { Scrolled } from '../../components/scrolled';
import { Failure } from '../../components/states';
import type { Output } from './journal';
import { Speech, useSpeech } from './speech';

interface Props {
  run: Run;
  step: StepRun;
  /** Changes whenever the journal of the step has come farther. */
  seq: number | string;
  client: Client;
  trans: TranslationBundle;
  open: (kind: string, subject: string) => void;
  /** Opens the executed notebook, on its kernel where that is kept. */
  look: (step: StepRun) => void;
  /** Opens the notebook as it is now. */
  edit: (step: StepRun) => void;
}

/** One step of a run: what became of it, its cells as they go, and its log. */
export function StepPanel(props: Props): JSX.Element {
  const { step, trans } = props;
  const [chosen, setChosen] = useState(0);
  const [log, setLog] = useState(false);
  const attempts = step.attempts;
  const attempt = attempts.find(each => each.number === chosen) ?? attempts[attempts.length - 1];
  const speech = useSpeech(props.client, props.run.id, step.step, attempt?.number ?? 0, props.seq);
  const kept = attempt?.kept_until ?? null;
  const latest = attempt === attempts[attempts.length - 1];
  return (
    <section className="wb-Run-step" aria-label={step.step}>
      <header>
        <h2>{step.step}</h2>
        <Badge state={step.state} /> <span className="wb-Soft">{duration(step.seconds)}</span>
        <span className="wb-Actions">
          {step.executed !== null && (
            <button type="button" className="wb-Button" onClick={() => props.look(step)}>
              {kept && latest ? trans.__('Open on its kernel') : trans.__('Open executed notebook')}
            </button>
          )}
          <button type="button" className="wb-Button" onClick={() => props.edit(step)}>
            {trans.__('Edit notebook')}
          </button>
        </span>
      </header>
      {step.reason && <p className="wb-Soft">{step.reason}</p>}
      {step.error && <Fault error={step.error} trans={trans} />}
      {kept && latest && <p>{trans.__('Its kernel is kept until %1.', absolute(kept))}</p>}
      {!kept && latest && speech.said.kernel && <p className="wb-Soft">{gone(speech.said.kernel.whyNot, trans)}</p>}
      {step.outputs.length > 0 && (
        <p>
          {trans.__('Wrote')}{' '}
          {step.outputs.map(output => (
            <button
              key={output.id}
              type="button"
              className="wb-Link"
              onClick={() => props.open('dataset', output.dataset)}
            >
              {output.dataset} {output.withheld ? trans.__('(withheld)') : trans.__('version %1', output.version)}
            </button>
          ))}
        </p>
      )}
      <div className="wb-Run-switch">
        {attempts.length > 1 && (
          <label>
            {trans.__('Attempt')}{' '}
            <select value={attempt?.number} onChange={event => setChosen(Number(event.target.value))}>
              {attempts.map(each => (
                <option key={each.id} value={each.number}>
                  {each.number}: {each.state}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" className="wb-Button wb-mod-small" aria-pressed={log} onClick={() => setLog(!log)}>
          {trans.__('Log')}
        </button>
      </div>
      {speech.error !== undefined && speech.cells.length === 0 ? (
        <Failure error={speech.error} trans={trans} retry={() => setChosen(attempt?.number ?? 0)} />
      ) : log ? (
        <Lines speech={speech} trans={trans} />
      ) : (
        <CellList speech={speech} runs={attempt?.cells ?? []} latest={latest} trans={trans} />
      )}
    </section>
  );
}

/** Why a step that was to keep its kernel has none. */
function gone(whyNot: string, trans: TranslationBundle): string {
  return whyNot
    ? trans.__('Its kernel is not kept: %1.', whyNot)
    : trans.__('Its kernel was kept, and is gone: its time was up, it was released, or others took its place.');
}

/** An error as the command line has it: code, what, cause, what is kept, what next. */
export function Fault(props: { error: NonNullable<Run['error']>; trans: TranslationBundle }): JSX.Element {
  const { error, trans } = props;
  return (
    <div className="wb-Run-fault">
      <p className="wb-State-what">
        <code className="wb-State-code">{error.code}</code>
        {error.what}
      </p>
      {error.cause && <p>{error.cause}</p>}
      {error.kept && <p>{error.kept}</p>}
      {error.next && <p className="wb-State-next">{trans.__('Next: %1', error.next)}</p>}
      {error.detail.length > 0 && (
        <details>
          <summary>{trans.__('Details')}</summary>
          <pre>{error.detail.join('\n')}</pre>
        </details>
      )}
    </div>
  );
}

function CellList(props: {
  speech: Speech;
  runs: readonly CellRun[];
  latest: boolean;
  trans: TranslationBundle;
}): JSX.Element {
  const { speech, trans } = props;
  if (speech.cells.length === 0) {
    return <p className="wb-Soft">{trans.__('No cell of it has begun.')}</p>;
  }
  const runs = new Map(props.runs.map(cell => [cell.id, cell]));
  return (
    <ol className="wb-Run-cells">
      {speech.cells.map(cell => (
        <Cell
          key={cell.id}
          cell={cell}
          run={runs.get(cell.id)}
          latest={props.latest}
          outputs={speech.said.outputs.get(cell.id) ?? []}
          trans={trans}
        />
      ))}
      {speech.more && <li className="wb-Soft">{trans.__('There is more: open the executed notebook.')}</li>}
    </ol>
  );
}

function Cell(props: {
  cell: CellNow;
  run: CellRun | undefined;
  latest: boolean;
  outputs: readonly Output[];
  trans: TranslationBundle;
}): JSX.Element {
  const { cell, run, trans } = props;
  const now = props.latest && cell.state !== 'not_run'; // the cells are those of the last attempt
  const state = now ? cell.state : (run?.state ?? 'not_run');
  const usual = run?.usual;
  return (
    <li className="wb-Run-cell" data-state={state} id={`cell-${cell.id}`}>
      <div className="wb-Run-cellHead">
        <span className="wb-Soft">{cell.number === null ? '' : `[${cell.number}]`}</span>
        <Badge state={state} />
        <span className="wb-Soft">
          {duration(now ? cell.seconds : run?.seconds)}
          {usual && ` · ${trans.__('usually %1', duration(usual.p50))}`}
        </span>
      </div>
      <Scrolled className="wb-Run-source" text={cell.source} />
      {props.outputs.map((output, index) => (
        <Shown key={index} output={output} trans={trans} />
      ))}
    </li>
  );
}

function Shown(props: { output: Output; trans: TranslationBundle }): JSX.Element {
  const { output, trans } = props;
  if (output.kind === 'picture') {
    return <img className="wb-Run-picture" src={output.source} alt={output.text || trans.__('A picture')} />;
  }
  if (output.kind === 'other') {
    return <p className="wb-Soft">{trans.__('An output that only the notebook shows: %1', output.text)}</p>;
  }
  return (
    <>
      {output.cut && <p className="wb-Soft">{trans.__('The beginning is left out.')}</p>}
      <Scrolled className="wb-Run-output" kind={output.kind} text={output.text} />
    </>
  );
}

function Lines(props: { speech: Speech; trans: TranslationBundle }): JSX.Element {
  const { lines } = props.speech.said;
  return lines.length === 0 ? (
    <p className="wb-Soft">{props.trans.__('Nothing was logged.')}</p>
  ) : (
    <div className="wb-Run-log" role="log" tabIndex={0} aria-label={props.trans.__('Log')}>
      {lines.map(line => (
        <div key={line.seq} data-bad={line.bad}>
          <time dateTime={line.at} title={absolute(line.at)}>
            {line.at.slice(11, 23)}
          </time>{' '}
          <span>{line.text}</span>
        </div>
      ))}
    </div>
  );
}
