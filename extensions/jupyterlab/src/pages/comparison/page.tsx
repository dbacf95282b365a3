import '../../../style/run.css';

import React from 'react';

import type { Comparison, RunRow } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge } from '../../components/badge';
import { Differences } from '../../components/diff/diff';
import { duration, short } from '../../components/duration';
import { Empty, Failure, Loading } from '../../components/states';
import { Time } from '../../components/time';
import type { PageProps } from '../../tokens';
import { runsOf } from './pair';

/** What differs between two runs, down to the outputs of cells. */
export default function ComparisonPage(props: PageProps): JSX.Element {
  const { client, subject, trans } = props;
  const pair = runsOf(subject);
  const answer = useAnswer<Comparison | null>(
    signal =>
      pair
        ? client.get<Comparison>(`runs/${encodeURIComponent(pair[0])}/diff/${encodeURIComponent(pair[1])}`, {}, signal)
        : Promise.resolve(null),
    [client, subject]
  );
  if (!pair) {
    return <Empty text={trans.__('This names no two runs.')} />;
  }
  if (answer.error) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  const of = answer.value;
  if (!of) {
    return <Loading what={trans.__('Comparing %1 with %2', short(pair[0]), short(pair[1]))} />;
  }
  const changed = of.steps.filter(step => step.change !== 'same').length;
  return (
    <article className="wb-Run" aria-label={trans.__('Comparison')}>
      <header>
        <h1>{trans.__('Run %1 against run %2', short(of.before.id), short(of.after.id))}</h1>
        <div className="wb-Facts">
          <Side title={trans.__('Before')} run={of.before} open={props.open} />
          <Side title={trans.__('After')} run={of.after} open={props.open} />
        </div>
        <p role="status">
          {of.change === 'same'
            ? trans.__('Nothing differs but when they ran.')
            : trans._n('%1 of %2 steps differs.', '%1 of %2 steps differ.', changed, of.steps.length)}
        </p>
      </header>
      <Differences of={of} trans={trans} />
    </article>
  );
}

function Side(props: { title: string; run: RunRow; open: PageProps['open'] }): JSX.Element {
  const { run } = props;
  return (
    <div>
      <div className="wb-Soft">{props.title}</div>
      <button type="button" className="wb-Link" title={run.id} onClick={() => props.open('run', run.id)}>
        {run.pipeline} {short(run.id)}
      </button>{' '}
      <Badge state={run.state} /> <span className="wb-Soft">{duration(run.seconds)} · </span>
      <Time iso={run.created_at} />
    </div>
  );
}
