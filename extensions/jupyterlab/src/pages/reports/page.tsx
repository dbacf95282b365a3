import '../../../style/parts.css';
import '../../../style/reports.css';

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { ReportRow, Reports } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Copy } from '../../components/copy';
import { Drawn } from '../../components/drawn';
import { Empty, Failure, Loading } from '../../components/states';
import { Time } from '../../components/time';
import type { PageProps } from '../../tokens';
import { genuineBadge } from './genuine';

/** Milliseconds between the last key and the question. */
const PAUSE = 60;
const FIRST = 50;
const MOST = 200;

/** The published reports: what they say, who made them, whether they are genuine. */
export default function ReportsPage(props: PageProps): JSX.Element {
  const { client, trans } = props;
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(FIRST);
  const { value, error, again } = useAnswer(
    signal => client.get<Reports>('reports', { query: text, limit: String(limit) }, signal),
    [client, text, limit],
    text ? PAUSE : 0
  );
  if (error && !value) {
    return <Failure error={error} trans={trans} retry={again} />;
  }
  if (!value) {
    return <Loading what={trans.__('Reading the reports')} />;
  }
  return (
    <article className="wb-Reports" aria-label={trans.__('Reports')}>
      <header className="wb-Reports-head">
        <h1>{trans.__('Reports')}</h1>
        <button type="button" className="wb-Button" onClick={again}>
          {trans.__('Refresh')}
        </button>
      </header>
      {error ? <Failure error={error} trans={trans} retry={again} /> : null}
      <div className="wb-Reports-search" role="search">
        <input
          type="search"
          className="wb-Input"
          aria-label={trans.__('Find a report by its title, pipeline or run')}
          placeholder={trans.__('Find a report')}
          spellCheck={false}
          autoComplete="off"
          maxLength={200}
          value={text}
          onChange={event => setText(event.target.value)}
        />
        <span className="wb-Soft" role="status">
          {trans._n('%1 report', '%1 reports', value.total)}
        </span>
      </div>
      {value.reports.length === 0 ? (
        <None text={text} trans={trans} clear={() => setText('')} />
      ) : (
        <ul className="wb-Reports-list" aria-label={trans.__('Reports')}>
          {value.reports.map(of => (
            <Line key={of.id} of={of} trans={trans} open={props.open} />
          ))}
        </ul>
      )}
      {value.more && limit < MOST && (
        <button type="button" className="wb-Button" onClick={() => setLimit(MOST)}>
          {trans.__('Show more')}
        </button>
      )}
      {value.more && limit >= MOST && (
        <p className="wb-Soft">{trans.__('These are the newest %1; find others by their words.', MOST)}</p>
      )}
    </article>
  );
}

function Line(props: { of: ReportRow; trans: TranslationBundle; open: PageProps['open'] }): JSX.Element {
  const { of, trans } = props;
  return (
    <li className="wb-Reports-card">
      <h2>
        <button type="button" className="wb-Link" title={of.title} onClick={() => props.open('report', of.id)}>
          <bdi>{of.title || trans.__('Report without a title')}</bdi>
        </button>
      </h2>
      <Drawn of={genuineBadge(of, trans)} />
      <p className="wb-Soft">
        <bdi>{of.pipeline}</bdi> · <bdi>{of.step}</bdi> · <Time iso={of.created_at} />
        {of.run && (
          <>
            {' · '}
            <button type="button" className="wb-Link" title={of.run} onClick={() => props.open('run', of.run)}>
              {trans.__('Run %1', of.run.slice(-6))}
            </button>
          </>
        )}
      </p>
    </li>
  );
}

function None(props: { text: string; trans: TranslationBundle; clear: () => void }): JSX.Element {
  const { text, trans } = props;
  if (text) {
    return (
      <Empty text={trans.__('No report matches “%1”.', text)}>
        <button type="button" className="wb-Button" onClick={props.clear}>
          {trans.__('Show all reports')}
        </button>
      </Empty>
    );
  }
  return (
    <Empty text={trans.__('Reports appear here once a step with a report has run.')}>
      <p>
        <code>report: {'{title: …}'}</code> {trans.__('below a step of a pipeline makes one.')}{' '}
        <Copy text="report: {title: }" trans={trans} />
      </p>
    </Empty>
  );
}
