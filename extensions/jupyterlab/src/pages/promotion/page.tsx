import '../../../style/notebook.css';

import React, { useState } from 'react';

import type { Begun, Candidate, Pipelines, Proposal, Remark, Trial } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge } from '../../components/badge';
import { useNews } from '../../components/news';
import { Empty, Failure, Loading } from '../../components/states';
import type { PageProps } from '../../tokens';
import { Outputs } from './outputs';

/** Milliseconds after the last change of a wish before a proposal is asked for. */
const PAUSE = 300;
const WEIGHTS: Record<Remark['weight'], string> = { blocks: 'failed', warns: 'warn', tells: 'empty' };

/** What was chosen here; null is whatever is found. */
interface Wish {
  pipeline: string | null;
  step: string | null;
  parameters: string[] | null;
}

/** What keeps a notebook from being a step, both files as they would be, a clean run of that, and the button to do it. */
export default function PromotionPage(props: PageProps): JSX.Element {
  const { client, subject, trans } = props;
  const [wish, setWish] = useState<Wish>({ pipeline: null, step: null, parameters: null });
  const [trial, setTrial] = useState('');
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const [done, setDone] = useState<Proposal>();
  const asked = {
    path: subject,
    pipeline: wish.pipeline ?? '',
    step: wish.step ?? '',
    parameters: wish.parameters
  };
  const key = JSON.stringify(asked);
  const pipelines = useAnswer<Pipelines>(signal => client.get('pipelines', { limit: '200' }, signal), [client]);
  const proposal = useAnswer<{ key: string; made: Proposal }>(
    async signal => ({ key, made: await client.post<Proposal>('notebook/promotion', asked, signal) }),
    [client, key],
    PAUSE
  );
  const act = async (what: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await what();
    } catch (error) {
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  const tryIt = (): Promise<void> =>
    act(async () => setTrial((await client.post<Begun>('notebook/promotion/trial', asked)).run));
  const carryOut = (of: Proposal): Promise<void> =>
    act(async () => {
      const exact = { ...asked, digest: of.digest };
      setDone(await client.post<Proposal>('notebook/promotion/carried-out', exact));
      props.run('workbench:reload-notebook', { path: subject });
    });
  if (done) {
    return (
      <Empty text={trans.__('%1 is step %2 of pipeline %3 now.', subject, done.step, done.pipeline)}>
        <button type="button" className="wb-Button wb-mod-first" onClick={() => props.open('pipeline', done.pipeline)}>
          {trans.__('Open the pipeline')}
        </button>
      </Empty>
    );
  }
  const found = proposal.value?.made;
  const current = proposal.value?.key === key && !busy;
  if (!found) {
    return proposal.error ? (
      <Failure error={proposal.error} trans={trans} retry={proposal.again} />
    ) : (
      <Loading what={trans.__('Looking through %1', subject)} />
    );
  }
  const free = found.parameters.filter(each => each.source !== '');
  const taken = wish.parameters ?? free.filter(each => each.taken).map(each => each.name);
  const toggle = (name: string): void => {
    setTrial('');
    setWish({ ...wish, parameters: taken.includes(name) ? taken.filter(each => each !== name) : [...taken, name] });
  };
  return (
    <article className="wb-NotebookPage">
      <header>
        <h1>{trans.__('Promote %1', subject)}</h1>
        <label>
          {trans.__('Pipeline')}{' '}
          <input
            className="wb-Input"
            list="wb-promotion-pipelines"
            value={wish.pipeline ?? found.pipeline}
            placeholder={found.pipeline}
            onChange={event => setWish({ ...wish, pipeline: event.target.value })}
          />
        </label>
        <datalist id="wb-promotion-pipelines">
          {(pipelines.value?.pipelines ?? []).map(each => (
            <option key={each.name} value={each.name} />
          ))}
        </datalist>{' '}
        <label>
          {trans.__('Step')}{' '}
          <input
            className="wb-Input"
            value={wish.step ?? found.step}
            placeholder={found.step}
            onChange={event => setWish({ ...wish, step: event.target.value })}
          />
        </label>
      </header>
      {proposal.error !== undefined && <Failure error={proposal.error} trans={trans} retry={proposal.again} />}
      <Remarks of={found.remarks} page={props} />
      <section>
        <h2>{trans.__('Reads and writes')}</h2>
        <p>{trans.__('Reads: %1', names(found.inputs) || trans.__('nothing'))}</p>
        <p>{trans.__('Writes: %1', names(found.outputs) || trans.__('nothing'))}</p>
      </section>
      <Parameters of={found.parameters} taken={taken} toggle={toggle} page={props} />
      <Diff title={found.notebook_path} text={found.notebook} page={props} />
      <Diff title={found.pipeline_path} text={found.pipeline_diff} page={props} />
      <section>
        <h2>{trans.__('Clean run')}</h2>
        <p className="wb-Soft">
          {trans.__('Runs the notebook as proposed in a new kernel. It writes where notebooks opened by hand write.')}
        </p>
        <button type="button" className="wb-Button" disabled={!current} onClick={() => void tryIt()}>
          {trans.__('Run it clean and compare')}
        </button>
        {trial !== '' && <TrialOf run={trial} page={props} />}
      </section>
      {refusal !== undefined && <Failure error={refusal} trans={trans} retry={() => setRefusal(undefined)} />}
      <p>
        <button
          type="button"
          className="wb-Button wb-mod-first"
          disabled={!current || (found.notebook === '' && found.pipeline_diff === '')}
          onClick={() => void carryOut(found)}
        >
          {found.ready ? trans.__('Write both files') : trans.__('Write both files all the same')}
        </button>
      </p>
    </article>
  );
}

function Remarks(props: { of: readonly Remark[]; page: PageProps }): JSX.Element {
  const { of, page } = props;
  const { trans } = page;
  return (
    <section>
      <h2>{trans.__('What a clean run would meet')}</h2>
      {of.length === 0 && <p>{trans.__('Nothing stands in the way.')}</p>}
      <ul className="wb-NotebookPage-remarks">
        {of.map((remark, index) => (
          <li key={index}>
            <Badge
              state={remark.mended ? 'pass' : WEIGHTS[remark.weight]}
              word={remark.mended ? trans.__('mended') : remark.weight}
            />{' '}
            {remark.cell > 0 && trans.__('Cell %1: ', remark.cell)}
            {remark.text}
            {remark.next && !remark.mended && <span className="wb-Soft"> {trans.__('Next: %1', remark.next)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ParametersProps {
  of: readonly Candidate[];
  taken: readonly string[];
  toggle: (name: string) => void;
  page: PageProps;
}

function Parameters(props: ParametersProps): JSX.Element {
  const { trans } = props.page;
  return (
    <section>
      <h2>{trans.__('Parameters')}</h2>
      {props.of.length === 0 && <p>{trans.__('It has no constant that could be one.')}</p>}
      {props.of.map(each => (
        <label key={each.name} className="wb-NotebookPage-parameter">
          <input
            type="checkbox"
            checked={each.source === '' || props.taken.includes(each.name)}
            disabled={each.source === ''}
            onChange={() => props.toggle(each.name)}
          />{' '}
          <code>{each.source || `${each.name}: ${each.type}`}</code>
        </label>
      ))}
    </section>
  );
}

function Diff(props: { title: string; text: string; page: PageProps }): JSX.Element {
  const { trans } = props.page;
  return (
    <section>
      <h2>{props.title}</h2>
      {props.text === '' ? (
        <p className="wb-Soft">{trans.__('It stays as it is.')}</p>
      ) : (
        <pre className="wb-NotebookPage-diff" tabIndex={0}>
          {props.text.split('\n').map((line, index) => (
            <span key={index} data-sign={line.startsWith('+++') || line.startsWith('---') ? '' : line.charAt(0)}>
              {line}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
    </section>
  );
}

/** A clean run as it goes, then its outputs against those that the notebook holds. */
function TrialOf(props: { run: string; page: PageProps }): JSX.Element {
  const { run, page } = props;
  const { client, live, trans } = page;
  const trial = useAnswer<Trial | null>(
    signal =>
      client.get<Trial>(`notebook/promotion/trial/${encodeURIComponent(run)}`, {}, signal).catch((error: unknown) => {
        if ((error as { status?: number }).status === 404) {
          return null; // it is about to begin
        }
        throw error;
      }),
    [client, run]
  );
  useNews(live, event => event.run === run, trial.again);
  if (trial.error && !trial.value) {
    return <Failure error={trial.error} trans={trans} retry={trial.again} />;
  }
  const found = trial.value;
  if (!found?.over) {
    return <Loading what={trans.__('The notebook runs in a new kernel')} />;
  }
  return (
    <div>
      <p>
        <Badge state={found.state} />{' '}
        {found.state === 'succeeded' &&
          (found.same ? trans.__('Every output is the same.') : trans.__('Outputs differ:'))}{' '}
        {found.error?.what}{' '}
        <button type="button" className="wb-Link" onClick={() => page.open('run', run)}>
          {trans.__('Open the run')}
        </button>
      </p>
      <Outputs cells={found.cells} trans={trans} />
    </div>
  );
}

function names(of: readonly { dataset: string; computed: string }[]): string {
  return [...new Set(of.map(each => each.dataset || each.computed))].join(', ');
}
