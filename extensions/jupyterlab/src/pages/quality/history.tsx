import type { TranslationBundle } from '@jupyterlab/translation';
import React, { Suspense, useRef, useState } from 'react';

import type { Stands, Trend, TrendPoint } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Drawn } from '../../components/drawn';
import { count } from '../../components/format';
import { useSeen } from '../../components/seen';
import { Failure, Loading } from '../../components/states';
import { Column, Table } from '../../components/table';
import { Time } from '../../components/time';
import { MOST, since, told, version } from '../../components/trend/points';
import { trend } from '../../components/trend/trend';
import type { Leads } from './card';
import { chart } from './chart';

const Plot = React.lazy(() => import('../../components/plot/plot'));

/** How the checks of a dataset stood at each of its versions. It is fetched once it is in view; its room is kept. */
export function History(props: Leads & { of: Stands }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const seen = useSeen(place);
  return (
    <div className="wb-Quality-history" ref={place}>
      {seen && <Fetched {...props} />}
    </div>
  );
}

function Fetched(props: Leads & { of: Stands }): JSX.Element | null {
  const { client, of, trans } = props;
  const { value, error, again } = useAnswer(
    signal => client.get<Trend>(`quality/${encodeURIComponent(of.dataset)}`, { limit: String(MOST) }, signal),
    [client, of.dataset, of.snapshot]
  );
  if (error) {
    return <Failure error={error} trans={trans} retry={again} />;
  }
  if (!value) {
    return null;
  }
  return (
    <>
      <div className="wb-Quality-trend">
        <Drawn of={trend(value.points, trans)} />
        <span>{began(value.points, trans)}</span>
        <Run points={value.points} of={of} trans={trans} open={props.open} />
      </div>
      {value.points.length > 1 && <Versions {...props} points={value.points} />}
    </>
  );
}

/** Since when something is wrong. */
function began(points: readonly TrendPoint[], trans: TranslationBundle): React.ReactNode {
  const found = since(points);
  if (!found) {
    return null;
  }
  const number = trans._n('for %1 version', 'for %1 versions', found.versions);
  return (
    <>
      {found.atLeast ? trans.__('Wrong %1 at least, since', number) : trans.__('Wrong %1, since', number)}{' '}
      <Time iso={found.point.created_at} />
    </>
  );
}

/** Leads to the run that wrote what is judged. */
function Run(props: {
  points: readonly TrendPoint[];
  of: Stands;
  trans: TranslationBundle;
  open: Leads['open'];
}): JSX.Element | null {
  const run = props.points.find(point => point.snapshot === props.of.snapshot)?.run;
  return run ? (
    <button type="button" className="wb-Link" title={run} onClick={() => props.open('run', run)}>
      {props.trans.__('Run %1', run.slice(-6))}
    </button>
  ) : null;
}

/** Every version as a line of a table; as a chart that can be looked into, where one asks for it. */
function Versions(props: Leads & { of: Stands; points: readonly TrendPoint[] }): JSX.Element {
  const { points, trans } = props;
  const [shown, setShown] = useState<'' | 'table' | 'chart'>('');
  const toggle = (what: 'table' | 'chart') => () => setShown(last => (last === what ? '' : what));
  return (
    <>
      <div className="wb-Quality-more">
        <button
          type="button"
          className="wb-Button wb-mod-small"
          aria-expanded={shown === 'table'}
          onClick={toggle('table')}
        >
          {trans.__('Versions')}
        </button>{' '}
        <button
          type="button"
          className="wb-Button wb-mod-small"
          aria-expanded={shown === 'chart'}
          onClick={toggle('chart')}
        >
          {trans.__('Chart')}
        </button>
      </div>
      {shown === 'table' && (
        <Table
          label={trans.__('Versions of %1', props.of.dataset)}
          columns={columns(trans, props.open)}
          rows={points}
          id={point => point.snapshot}
          trans={trans}
        />
      )}
      {shown === 'chart' && (
        <Suspense fallback={<Loading what={trans.__('Loading what draws charts')} />}>
          <Plot
            figure={chart(points, trans)}
            label={trans.__('Checks of %1 over its versions', props.of.dataset)}
            client={props.client}
            trans={trans}
          />
        </Suspense>
      )}
    </>
  );
}

function columns(trans: TranslationBundle, open: Leads['open']): Column<TrendPoint>[] {
  return [
    { name: 'version', title: trans.__('Version'), value: point => version(point, trans) },
    { name: 'checks', title: trans.__('Checks'), value: point => told(point, trans), width: 'minmax(160px, 1.5fr)' },
    {
      name: 'rows',
      title: trans.__('Rows'),
      value: point => point.rows,
      draw: point => count(point.rows),
      numeric: true
    },
    {
      name: 'written',
      title: trans.__('Written'),
      value: point => point.created_at,
      draw: point => <Time iso={point.created_at} />
    },
    {
      name: 'run',
      title: trans.__('Run'),
      value: point => point.run,
      draw: point =>
        point.run ? (
          <button type="button" className="wb-Link" onClick={() => open('run', point.run ?? '')}>
            {point.run.slice(-6)}
          </button>
        ) : (
          '–'
        )
    }
  ];
}
