import '../../../style/run.css';

import React, { useCallback, useMemo, useState } from 'react';

import type { Drawn, Pipeline, RunLine } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge } from '../../components/badge';
import { duration, short } from '../../components/duration';
import { Graph, heightOf } from '../../components/graph/canvas';
import { useNews } from '../../components/news';
import { Failure, Loading } from '../../components/states';
import { Column, Table } from '../../components/table';
import { Time } from '../../components/time';
import type { PageProps } from '../../tokens';
import { Fault } from '../run/step';
import { Launch } from './launch';
import { MatrixOf } from './matrix';

/** What a pipeline is made of, what running it would do, and how it went before. */
export default function PipelinePage(props: PageProps): JSX.Element {
  const { client, subject, trans } = props;
  const answer = useAnswer(
    signal => client.get<Pipeline>(`pipelines/${encodeURIComponent(subject)}`, {}, signal),
    [client, subject]
  );
  const of = answer.value;
  const [ended, setEnded] = useState(0);
  const renew = useCallback(() => {
    answer.again();
    setEnded(last => last + 1);
  }, [answer.again]);
  useNews(props.live, event => event.pipeline === subject && event.state !== of?.runs[0]?.state, renew);
  if (answer.error && !of) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  if (!of) {
    return <Loading what={trans.__('Reading %1', subject)} />;
  }
  return (
    <article className="wb-Run" aria-label={of.name}>
      <Head of={of} page={props} again={renew} />
      {of.error && <Fault error={of.error} trans={trans} />}
      <section aria-label={trans.__('Run')}>
        <h2>{trans.__('Run')}</h2>
        <Launch of={of} page={props} turn={ended} />
      </section>
      <section aria-label={trans.__('Steps')}>
        <h2>{trans.__('Steps')}</h2>
        <Shape of={of} page={props} />
      </section>
      <section aria-label={trans.__('Runs')}>
        <h2>{trans.__('Runs')}</h2>
        <Runs of={of} page={props} />
      </section>
      <MatrixOf pipeline={of.name} page={props} turn={ended} />
    </article>
  );
}

function Head(props: { of: Pipeline; page: PageProps; again: () => void }): JSX.Element {
  const { of, page } = props;
  const { trans } = page;
  return (
    <header>
      <div className="wb-Run-title">
        <h1>{of.name}</h1>
        {of.last ? <Badge state={of.last.state} /> : <Badge state="empty" word={trans.__('never run')} />}
        <span className="wb-Actions">
          <button type="button" className="wb-Button" onClick={() => page.run('docmanager:open', { path: of.path })}>
            {trans.__('Open file')}
          </button>
          <button type="button" className="wb-Button" onClick={props.again}>
            {trans.__('Refresh')}
          </button>
        </span>
      </div>
      {of.description && <p>{of.description}</p>}
      <dl className="wb-Facts">
        <div>
          <dt>{trans.__('Schedule')}</dt>
          <dd>{of.cron ? <code>{of.cron}</code> : <span className="wb-Soft">{trans.__('by hand')}</span>}</dd>
        </div>
        {of.timezone && (
          <div>
            <dt>{trans.__('Time zone')}</dt>
            <dd>{of.timezone}</dd>
          </div>
        )}
        {of.triggers.map((trigger, index) => (
          <div key={index}>
            <dt>{trans.__('Trigger %1', String(trigger['trigger'] ?? ''))}</dt>
            <dd>{told(trigger, trans)}</dd>
          </div>
        ))}
        {of.timeout !== null && (
          <div>
            <dt>{trans.__('Time limit')}</dt>
            <dd>{duration(of.timeout)}</dd>
          </div>
        )}
      </dl>
    </header>
  );
}

/** When a trigger fires next, as far as it tells. */
function told(trigger: Record<string, unknown>, trans: PageProps['trans']): React.ReactNode {
  if (typeof trigger['paused_at'] === 'string') {
    return trans.__('paused by %1', String(trigger['paused_by'] ?? '–'));
  }
  const fires = trigger['fires'];
  const first: unknown = Array.isArray(fires) ? fires[0] : undefined;
  const at = typeof first === 'object' && first !== null ? (first as Record<string, unknown>)['at'] : undefined;
  return typeof at === 'string' ? <Time iso={at} /> : String(trigger['kind'] ?? '');
}

function Shape(props: { of: Pipeline; page: PageProps }): JSX.Element {
  const { of, page } = props;
  const { client, trans } = page;
  const [opened, setOpened] = useState<string[]>([]);
  const drawing = useAnswer(
    signal =>
      client.get<Drawn>(`pipelines/${encodeURIComponent(of.name)}/drawing`, { opened: opened.join(',') }, signal),
    [client, of, opened]
  );
  const follow = (id: string): void => {
    const step = of.specs.find(each => id === `step:${of.name}.${each.name}`);
    if (step) {
      page.run('docmanager:open', { path: step.notebook, factory: 'Notebook' });
    } else if (!id.includes(':')) {
      page.open('dataset', id);
    }
  };
  if (drawing.error && !drawing.value) {
    return <Failure error={drawing.error} trans={trans} retry={drawing.again} />;
  }
  return drawing.value ? (
    <div className="wb-Run-graph" style={{ height: heightOf(drawing.value) }}>
      <Graph
        drawn={drawing.value}
        label={trans.__('Steps of %1 and the datasets between them', of.name)}
        translate={text => trans.__(text)}
        onOpen={follow}
        onGroups={setOpened}
      />
    </div>
  ) : (
    <Loading what={trans.__('Drawing the steps')} />
  );
}

function Runs(props: { of: Pipeline; page: PageProps }): JSX.Element {
  const { of } = props;
  const { trans, open } = props.page;
  const columns = useMemo<Column<RunLine>[]>(
    () => [
      {
        name: 'run',
        title: trans.__('Run'),
        value: row => row.id,
        draw: row => (
          <button type="button" className="wb-Link" title={row.id} onClick={() => open('run', row.id)}>
            {short(row.id)}
          </button>
        ),
        width: '96px'
      },
      { name: 'state', title: trans.__('State'), value: row => row.state, draw: row => <Badge state={row.state} /> },
      {
        name: 'when',
        title: trans.__('When'),
        value: row => row.created_at,
        draw: row => <Time iso={row.created_at} />
      },
      {
        name: 'took',
        title: trans.__('Took'),
        value: row => row.seconds,
        draw: row => duration(row.seconds) || '–',
        numeric: true
      },
      { name: 'trigger', title: trans.__('Started by'), value: row => `${row.actor} (${row.trigger})` },
      { name: 'environment', title: trans.__('Environment'), value: row => row.environment },
      {
        name: 'error',
        title: trans.__('Error'),
        value: row => row.error?.code ?? '',
        draw: row => row.error?.code ?? '–'
      }
    ],
    [trans, open]
  );
  return of.runs.length === 0 ? (
    <p className="wb-Soft">{trans.__('It never ran. Say with what above, and press Run.')}</p>
  ) : (
    <Table label={trans.__('Runs')} columns={columns} rows={of.runs} id={row => row.id} trans={trans} />
  );
}
