import '../../../style/notebook.css';

import React, { useMemo, useState } from 'react';

import { Problem } from '../../api/client';
import type { NotebookStanding, NotebookStep } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge } from '../../components/badge';
import { duration } from '../../components/duration';
import { faultsOf } from '../../components/form/faults';
import { Form } from '../../components/form/form';
import { draftsOf, Drafts, fieldsOf, Schema, valuesOf } from '../../components/form/schema';
import { ago, absolute } from '../../components/format';
import { useNews } from '../../components/news';
import { Failure, Loading } from '../../components/states';
import { begin } from '../../runs/begin';
import type { PageProps } from '../../tokens';

const STATES: Record<NotebookStep['currency'], string> = {
  fresh: 'fresh',
  stale: 'stale',
  open: 'waiting',
  unknown: 'empty'
};

/** A notebook as a step: which one it is, whether it is fresh and why, and a form to run it with. */
export default function NotebookPage(props: PageProps): JSX.Element {
  const { client, live, subject, trans } = props;
  const query = { path: subject };
  const standing = useAnswer<NotebookStanding>(signal => client.get('notebook', query, signal), [client, subject]);
  const schema = useAnswer<Schema>(signal => client.get('notebook/parameters', query, signal), [client, subject]);
  useNews(live, () => true, standing.again);
  const error = standing.error ?? schema.error;
  const again = (): void => {
    standing.again();
    schema.again();
  };
  if (error && !(standing.value && schema.value)) {
    return <Failure error={error} trans={trans} retry={again} />;
  }
  if (!standing.value || !schema.value) {
    return <Loading what={trans.__('Reading %1', subject)} />;
  }
  const { steps, alone, reads, writes } = standing.value;
  return (
    <article className="wb-NotebookPage">
      <header>
        <h1>{subject}</h1>
        <p className="wb-Soft">
          {reads.length > 0 && trans.__('Reads %1. ', reads.join(', '))}
          {writes.length > 0 && trans.__('Writes %1.', writes.join(', '))}
        </p>
        <button type="button" className="wb-Button" onClick={() => props.open('promotion', subject)}>
          {trans.__('Promote to pipeline')}
        </button>
      </header>
      {steps.length === 0 && <p>{trans.__('No pipeline runs this notebook yet. It can be run by itself.')}</p>}
      {steps.map(step => (
        <StepFacts key={`${step.pipeline}.${step.step}`} step={step} page={props} />
      ))}
      {alone && (
        <p>
          {trans.__('Last run by itself:')} <Badge state={alone.state} />{' '}
          {alone.ended_at && <time title={absolute(alone.ended_at)}>{ago(alone.ended_at)}</time>}
        </p>
      )}
      <RunForm schema={schema.value} steps={steps} page={props} />
    </article>
  );
}

function StepFacts(props: { step: NotebookStep; page: PageProps }): JSX.Element {
  const { step, page } = props;
  const { trans } = page;
  const last = step.last;
  return (
    <section className="wb-NotebookPage-step">
      <h2>{trans.__('Step %1 of %2', step.step, step.pipeline)}</h2>
      <p>
        <Badge state={STATES[step.currency]} word={step.currency} /> {step.reason}
      </p>
      {step.error && (
        <Failure
          error={new Problem(0, { error: step.error }, step.error.what)}
          trans={trans}
          retry={() => page.open('notebook', page.subject)}
        />
      )}
      {step.changes.length > 0 && (
        <ul>
          {step.changes.map((change, index) => (
            <li key={index}>
              {change.component}: {change.subject} {change.detail}
            </li>
          ))}
        </ul>
      )}
      {last && (
        <p>
          {trans.__('Last run:')} <Badge state={last.state} />{' '}
          {last.ended_at && <time title={absolute(last.ended_at)}>{ago(last.ended_at)}</time>} {duration(last.seconds)}{' '}
          <button type="button" className="wb-Link" onClick={() => page.open('run', last.run.id)}>
            {trans.__('Open the run')}
          </button>
        </p>
      )}
    </section>
  );
}

/** Runs the notebook by itself with the values of its own parameters, or one of its steps in its pipeline. */
function RunForm(props: { schema: Schema; steps: readonly NotebookStep[]; page: PageProps }): JSX.Element {
  const { steps, page } = props;
  const { trans, client, subject } = page;
  const [target, setTarget] = useState('');
  const step = steps.find(each => `${each.pipeline}.${each.step}` === target);
  const told = JSON.stringify(props.schema);
  const fields = useMemo(() => fieldsOf(JSON.parse(told) as Schema), [told]);
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(fields));
  const [force, setForce] = useState(true);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const { values, faults } = useMemo(() => valuesOf(fields, drafts), [fields, drafts]);
  const ready = step !== undefined || Object.keys(faults).length === 0;
  const refused = refusal instanceof Problem ? faultsOf(refusal) : {};
  const run = async (): Promise<void> => {
    setBusy(true);
    setRefusal(undefined);
    try {
      const begun = await begin(
        client,
        step ? { target: step.pipeline, select: [step.step], force } : { target: subject, parameters: values, force }
      );
      page.open('run', begun.run);
    } catch (error) {
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section>
      <h2>{trans.__('Run as step')}</h2>
      {steps.length > 0 && (
        <label>
          {trans.__('As')}{' '}
          <select className="wb-Input" value={target} onChange={event => setTarget(event.target.value)}>
            <option value="">{trans.__('this notebook by itself')}</option>
            {steps.map(each => (
              <option key={`${each.pipeline}.${each.step}`} value={`${each.pipeline}.${each.step}`}>
                {trans.__('step %1 of %2', each.step, each.pipeline)}
              </option>
            ))}
          </select>
        </label>
      )}
      {step ? (
        <p className="wb-Soft">{trans.__('It runs with what the pipeline gives it by default.')}</p>
      ) : (
        <Form
          fields={fields}
          drafts={drafts}
          faults={{ ...refused, ...faults }}
          trans={trans}
          change={setDrafts}
          submit={() => void run()}
        />
      )}
      <label>
        <input type="checkbox" checked={force} onChange={event => setForce(event.target.checked)} />{' '}
        {trans.__('Run also when nothing changed')}
      </label>
      <p>
        <button type="button" className="wb-Button wb-mod-first" disabled={!ready || busy} onClick={() => void run()}>
          {busy ? trans.__('Starting') : trans.__('Run')}
        </button>
      </p>
      {refusal !== undefined && Object.keys(refused).length === 0 && (
        <Failure error={refusal} trans={trans} retry={() => void run()} />
      )}
    </section>
  );
}
