import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useMemo, useState } from 'react';

import type { Client } from '../../api/client';
import type { Dataset, Version } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge } from '../../components/badge';
import { count, size } from '../../components/format';
import { Failure, Loading } from '../../components/states';
import { Column, Table } from '../../components/table';
import { Time } from '../../components/time';

interface Props {
  of: Dataset;
  client: Client;
  trans: TranslationBundle;
  /** Opens a run, where there are pages of runs. */
  openRun: ((run: string) => void) | null;
}

/** The versions of a dataset, newest first, each with what changed since the one before. */
export function Snapshots(props: Props): JSX.Element {
  const { client, of, openRun, trans } = props;
  const newest = of.history[0]?.id;
  const answer = useAnswer(signal => client.snapshots(of.name, 0, signal), [client, of.name, newest]);
  const [older, setOlder] = useState<{ versions: readonly Version[]; more: boolean } | null>(null);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => setOlder(null), [answer.value]);
  const first = answer.value?.snapshots;
  const rows = useMemo(() => [...(first ?? []), ...(older?.versions ?? [])], [first, older]);
  const columns = useMemo(
    () => columnsOf(of.snapshot?.version, openRun, trans),
    [of.snapshot?.version, openRun, trans]
  );
  if (answer.error) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  if (!answer.value) {
    return <Loading what={trans.__('Reading the snapshots')} />;
  }
  const more = older ? older.more : answer.value.more;
  const fetch = (): void => {
    client.snapshots(of.name, rows.length).then(
      page => {
        setFailure(undefined);
        setOlder({ versions: [...(older?.versions ?? []), ...page.snapshots], more: page.more });
      },
      (reason: unknown) => setFailure(reason)
    );
  };
  return (
    <>
      <Table label={trans.__('Snapshots')} columns={columns} rows={rows} id={row => row.snapshot.id} trans={trans} />
      {failure !== undefined && <Failure error={failure} trans={trans} retry={fetch} />}
      {more && failure === undefined && (
        <p>
          <button type="button" className="wb-Button" onClick={fetch}>
            {trans.__('Older snapshots')}
          </button>
        </p>
      )}
    </>
  );
}

function columnsOf(
  current: number | undefined,
  openRun: ((run: string) => void) | null,
  trans: TranslationBundle
): Column<Version>[] {
  return [
    {
      name: 'version',
      title: trans.__('Version'),
      value: row => row.snapshot.version,
      draw: row => row.snapshot.version || '–',
      numeric: true,
      width: '88px'
    },
    {
      name: 'state',
      title: trans.__('State'),
      value: row => (row.snapshot.withheld ? 'withheld' : row.snapshot.version === current ? 'current' : ''),
      draw: row =>
        row.snapshot.withheld ? (
          <Badge state="withheld" />
        ) : row.snapshot.version === current ? (
          <Badge state="succeeded" word={trans.__('current')} />
        ) : null,
      width: '100px'
    },
    {
      name: 'created_at',
      title: trans.__('Written'),
      value: row => row.snapshot.created_at,
      draw: row => <Time iso={row.snapshot.created_at} />,
      width: '104px'
    },
    { name: 'mode', title: trans.__('How'), value: row => row.snapshot.mode, width: '88px' },
    {
      name: 'rows',
      title: trans.__('Rows'),
      value: row => row.snapshot.rows,
      draw: row => count(row.snapshot.rows),
      numeric: true
    },
    {
      name: 'change',
      title: trans.__('What changed'),
      value: row => changes(row, trans).join(', '),
      width: 'minmax(120px, 2fr)'
    },
    {
      name: 'bytes',
      title: trans.__('Size'),
      value: row => row.snapshot.bytes,
      draw: row => size(row.snapshot.bytes),
      numeric: true
    },
    {
      name: 'step',
      title: trans.__('Step'),
      value: row => row.snapshot.step ?? '',
      draw: row => <Step of={row} openRun={openRun} />
    },
    {
      name: 'actor',
      title: trans.__('By'),
      value: row => row.snapshot.actor ?? '',
      draw: row => row.snapshot.actor ?? '–'
    }
  ];
}

function Step(props: { of: Version; openRun: ((run: string) => void) | null }): JSX.Element {
  const { run, step } = props.of.snapshot;
  const { openRun } = props;
  return openRun && run ? (
    <button type="button" className="wb-Link" onClick={() => openRun(run)}>
      {step ?? run}
    </button>
  ) : (
    <>{step ?? '–'}</>
  );
}

/** What changed since the version before, in words; nothing for the first one. */
export function changes(of: Version, trans: TranslationBundle): string[] {
  if (of.rows_since === null) {
    return [trans.__('the first version')];
  }
  const since = of.rows_since;
  const rows =
    since > 0
      ? trans._n('%1 row more', '%1 rows more', since, count(since))
      : since < 0
        ? trans._n('%1 row fewer', '%1 rows fewer', -since, count(-since))
        : trans.__('as many rows');
  return [
    rows,
    ...of.added.map(column => trans.__('column %1 is new', column)),
    ...of.removed.map(column => trans.__('column %1 is gone', column)),
    ...of.retyped.map(column => trans.__('column %1 is of another type', column))
  ];
}
