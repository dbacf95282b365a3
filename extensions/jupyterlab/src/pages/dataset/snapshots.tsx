import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo } from 'react';

import type { Dataset, Snapshot } from '../../api/types';
import { Badge } from '../../components/badge';
import { count, size } from '../../components/format';
import { Column, Table } from '../../components/table';
import { Time } from '../../components/time';

/** Every version of a dataset that is remembered, newest first. */
export function Snapshots(props: { of: Dataset; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  const current = of.snapshot?.version;
  const columns = useMemo<Column<Snapshot>[]>(
    () => [
      { name: 'version', title: trans.__('Version'), value: row => row.version, numeric: true, width: '96px' },
      {
        name: 'state',
        title: trans.__('State'),
        value: row => (row.withheld ? 'withheld' : row.version === current ? 'current' : ''),
        draw: row =>
          row.withheld ? (
            <Badge state="withheld" />
          ) : row.version === current ? (
            <Badge state="succeeded" word={trans.__('current')} />
          ) : null,
        width: '110px'
      },
      {
        name: 'created_at',
        title: trans.__('Written'),
        value: row => row.created_at,
        draw: row => <Time iso={row.created_at} />
      },
      { name: 'mode', title: trans.__('How'), value: row => row.mode },
      {
        name: 'rows',
        title: trans.__('Rows'),
        value: row => row.rows,
        draw: row => count(row.rows),
        numeric: true
      },
      {
        name: 'bytes',
        title: trans.__('Size'),
        value: row => row.bytes,
        draw: row => size(row.bytes),
        numeric: true
      },
      { name: 'step', title: trans.__('Step'), value: row => row.step ?? '', draw: row => row.step ?? '–' },
      { name: 'actor', title: trans.__('By'), value: row => row.actor ?? '', draw: row => row.actor ?? '–' }
    ],
    [trans, current]
  );
  return <Table label={trans.__('Snapshots')} columns={columns} rows={of.history} id={row => row.id} trans={trans} />;
}
