import React, { useEffect, useMemo, useState } from 'react';

import { Problem } from '../../api/client';
import type { Pipeline, Plan, PlannedStep, ProjectFacts } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge } from '../../components/badge';
import { duration } from '../../components/duration';
import { faultsOf } from '../../components/form/faults';
import { Form } from '../../components/form/form';
import { draftsOf, Drafts, fieldsOf, Schema, valuesOf } from '../../components/form/schema';
import { Failure } from '../../components/states';
import { Column, Table } from '../../components/table';
import { begin } from '../../runs/begin';
import type { PageProps } from '../../tokens';

/** Milliseconds after the last key before a plan is asked for. */
const PAUSE = 400;

/** With what to run a pipeline, what that would do and why, and the button that does it. */
export function Launch(props: { of: Pipeline; page: PageProps; turn: number }): JSX.Element {
  const { of, page } = props;
  const { client, trans } = page;
  const schema = JSON.stringify(of.parameters); // it is read anew with each look, the same as a rule
  const fields = useMemo(() => fieldsOf(JSON.parse(schema) as Schema), [schema]);
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(fields));
  const [environment, setEnvironment] = useState('');
  const [force, setForce] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  useEffect(() => {
    setDrafts(last => ({ ...draftsOf(fields), ...last }));
  }, [fields]);
  const { values, faults } = useMemo(() => valuesOf(fields, drafts), [fields, drafts]);
  const ready = Object.keys(faults).length === 0;
  const asked = { parameters: values, environment: environment || null, force };
  const plan = useAnswer<Plan | null>(
    signal =>
      ready ? client.post<Plan>(`pipelines/${encodeURIComponent(of.name)}/plan`, asked, signal) : Promise.resolve(null),
    [client, of.name, schema, props.turn, ready, JSON.stringify(asked)],
    PAUSE
  );
  const problem = refusal ?? plan.error;
  const told = problem instanceof Problem ? faultsOf(problem) : {};
  const known = new Set(fields.map(field => field.name));
  const elsewhere = problem !== undefined && !Object.keys(told).some(name => known.has(name));
  const change = (next: Drafts): void => {
    setRefusal(undefined);
    setDrafts(next);
  };
  const run = async (): Promise<void> => {
    if (!ready || busy) {
      return;
    }
    setBusy(true);
    setRefusal(undefined);
    try {
      const begun = await begin(client, { target: of.name, ...asked });
      page.open('run', begun.run);
    } catch (error) {
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="wb-Launch">
      <div>
        <Form
          fields={fields}
          drafts={drafts}
          faults={{ ...told, ...faults }}
          trans={trans}
          change={change}
          submit={() => void run()}
        />
        <Options
          page={page}
          environment={environment}
          force={force}
          setEnvironment={setEnvironment}
          setForce={setForce}
        />
        <p>
          <button
            type="button"
            className="wb-Button wb-mod-first"
            disabled={!ready || busy || of.error !== null}
            onClick={() => void run()}
          >
            {busy ? trans.__('Starting') : trans.__('Run')}
          </button>
        </p>
      </div>
      <div className="wb-Launch-plan" aria-live="polite">
        {elsewhere && (
          <Failure
            error={problem}
            trans={trans}
            retry={() => {
              setRefusal(undefined);
              plan.again();
            }}
          />
        )}
        {!ready && <p className="wb-Soft">{trans.__('The plan is shown once every value is right.')}</p>}
        {ready && !problem && plan.value && <PlanOf plan={plan.value} page={page} />}
      </div>
    </div>
  );
}

function Options(props: {
  page: PageProps;
  environment: string;
  force: boolean;
  setEnvironment: (name: string) => void;
  setForce: (force: boolean) => void;
}): JSX.Element {
  const { page } = props;
  const { trans } = page;
  const facts = useAnswer(signal => page.client.get<ProjectFacts>('project', {}, signal), [page.client]).value;
  return (
    <fieldset className="wb-Launch-options">
      <legend className="wb-Hidden">{trans.__('How to run it')}</legend>
      <label>
        {trans.__('Environment')}{' '}
        <select
          className="wb-Input"
          value={props.environment}
          onChange={event => props.setEnvironment(event.target.value)}
        >
          <option value="">{facts ? trans.__('%1 (default)', facts.environment) : trans.__('default')}</option>
          {facts?.environments
            .filter(name => name !== facts.environment)
            .map(name => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <label>
        <input type="checkbox" checked={props.force} onChange={event => props.setForce(event.target.checked)} />{' '}
        {trans.__('Run unchanged steps too')}
      </label>
    </fieldset>
  );
}

/** What would run, step by step, and why. */
function PlanOf(props: { plan: Plan; page: PageProps }): JSX.Element {
  const { plan, page } = props;
  const { trans } = page;
  const runs = plan.steps.filter(step => step.action !== 'skip').length;
  const columns = useMemo<Column<PlannedStep>[]>(
    () => [
      { name: 'step', title: trans.__('Step'), value: row => row.name },
      {
        name: 'action',
        title: trans.__('Plan'),
        value: row => row.action,
        draw: row => <Badge state={STATES[row.action]} word={words(row.action, trans)} />,
        width: '110px'
      },
      {
        name: 'reason',
        title: trans.__('Why'),
        value: row => row.reason.text,
        draw: row => (
          <span title={row.reason.changes.map(each => `${each.component} ${each.subject}: ${each.detail}`).join('\n')}>
            {row.reason.text}
          </span>
        ),
        width: 'minmax(180px, 3fr)'
      },
      {
        name: 'forecast',
        title: trans.__('Expected'),
        value: row => (row.action === 'skip' ? null : row.expected_seconds),
        draw: row => (row.action === 'skip' ? '–' : duration(row.expected_seconds) || trans.__('not known')),
        numeric: true,
        width: '100px'
      }
    ],
    [trans]
  );
  const all = trans._n('%2 of %1 step would run', '%2 of %1 steps would run', plan.steps.length, runs);
  return (
    <>
      <p role="status">
        {all}
        {plan.forecast &&
          ` · ${trans.__('about %1, at most %2 as a rule', duration(plan.forecast.p50), duration(plan.forecast.p85))}`}
      </p>
      <Table label={trans.__('Plan')} columns={columns} rows={plan.steps} id={row => row.name} trans={trans} />
    </>
  );
}

const STATES: Record<PlannedStep['action'], string> = { run: 'queued', skip: 'skipped', decide: 'waiting' };

function words(action: PlannedStep['action'], trans: PageProps['trans']): string {
  return { run: trans.__('run'), skip: trans.__('unchanged'), decide: trans.__('decided later') }[action];
}
