import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo } from 'react';

import type { ColumnEntry, Dataset, Distribution } from '../../api/types';
import { share } from '../../components/format';
import { SpreadView } from '../../components/spread';
import { Column, Table } from '../../components/table';

/** The columns of a dataset with what was measured of them. */
export function Schema(props: {
  of: Dataset;
  trans: TranslationBundle;
  distribution: Distribution | undefined;
}): JSX.Element {
  const { distribution, of, trans } = props;
  const rows = of.snapshot?.rows ?? 0;
  const columns = useMemo<Column<ColumnEntry>[]>(
    () => [
      {
        name: 'name',
        title: trans.__('Column'),
        value: row => row.name,
        draw: row => <code>{row.name}</code>,
        width: 'minmax(120px, 1.2fr)'
      },
      { name: 'type', title: trans.__('Type'), value: row => row.type, width: 'minmax(80px, 0.7fr)' },
      {
        name: 'nulls',
        title: trans.__('Nulls'),
        value: row => row.nulls,
        draw: row => <Nulls nulls={row.nulls} rows={rows} />,
        numeric: true,
        width: '120px'
      },
      { name: 'minimum', title: trans.__('Least'), value: row => row.minimum, draw: row => row.minimum ?? '–' },
      { name: 'maximum', title: trans.__('Greatest'), value: row => row.maximum, draw: row => row.maximum ?? '–' },
      {
        name: 'values',
        title: trans.__('Values'),
        value: row => distribution?.columns.find(each => each.column === row.name)?.distinct ?? null,
        draw: row => <Values column={row.name} distribution={distribution} trans={trans} />,
        width: '108px'
      },
      {
        name: 'description',
        title: trans.__('Meaning'),
        value: row => row.description,
        draw: row => row.description,
        width: 'minmax(120px, 2fr)'
      }
    ],
    [trans, rows, distribution]
  );
  if (of.columns.length === 0) {
    return <p className="wb-Soft">{trans.__('No columns are known before the first snapshot.')}</p>;
  }
  return <Table label={trans.__('Columns')} columns={columns} rows={of.columns} id={row => row.name} trans={trans} />;
}

function Values(props: {
  column: string;
  distribution: Distribution | undefined;
  trans: TranslationBundle;
}): JSX.Element | null {
  const spread = props.distribution?.columns.find(each => each.column === props.column);
  return spread ? <SpreadView of={spread} rows={props.distribution?.looked ?? 0} trans={props.trans} /> : null;
}

/** The share of nulls, as a number and as a bar. */
function Nulls(props: { nulls: number | null; rows: number }): JSX.Element {
  if (props.nulls === null) {
    return <>–</>;
  }
  const width = props.rows ? `${(100 * props.nulls) / props.rows}%` : '0';
  return (
    <span className="wb-Nulls">
      <span className="wb-Nulls-bar" aria-hidden="true">
        <span style={{ width }} />
      </span>
      {share(props.nulls, props.rows)}
    </span>
  );
}
