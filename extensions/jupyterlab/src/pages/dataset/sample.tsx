import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo } from 'react';

import type { Client } from '../../api/client';
import type { Dataset, Distribution, Sample as Rows } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { count } from '../../components/format';
import type { Value } from '../../components/order';
import { SpreadView } from '../../components/spread';
import { Failure, Loading } from '../../components/states';
import { Column, Table } from '../../components/table';

/** Rows that are shown. */
const ROWS = 50;

interface Numbered {
  number: number;
  values: readonly unknown[];
}

/** Some rows of a dataset, under how the values of each column are spread. */
export function Sample(props: {
  of: Dataset;
  client: Client;
  trans: TranslationBundle;
  distribution: Distribution | undefined;
}): JSX.Element {
  const { client, distribution, of, trans } = props;
  const version = of.snapshot?.version;
  const answer = useAnswer(signal => client.sample(of.name, ROWS, signal), [client, of.name, version]);
  const columns = useMemo(() => columnsOf(answer.value, distribution, trans), [answer.value, distribution, trans]);
  const rows = useMemo<Numbered[]>(
    () => (answer.value?.rows ?? []).map((values, number) => ({ number, values })),
    [answer.value]
  );
  if (answer.error) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  if (!answer.value) {
    return <Loading what={trans.__('Reading some rows')} />;
  }
  if (rows.length === 0) {
    return <p className="wb-Soft">{trans.__('It has no rows.')}</p>;
  }
  return (
    <>
      <Table label={trans.__('Sample')} columns={columns} rows={rows} id={row => row.number} trans={trans} />
      <p className="wb-Soft">{told(rows.length, of, distribution, trans)}</p>
    </>
  );
}

function told(shown: number, of: Dataset, distribution: Distribution | undefined, trans: TranslationBundle): string {
  const rows = trans.__('%1 of %2 rows, in no particular order.', count(shown), count(of.snapshot?.rows ?? shown));
  return distribution && distribution.looked < distribution.rows
    ? `${rows} ${trans.__('The spread of values is that of %1 rows taken by chance.', count(distribution.looked))}`
    : rows;
}

function columnsOf(
  sample: Rows | undefined,
  distribution: Distribution | undefined,
  trans: TranslationBundle
): Column<Numbered>[] {
  return (sample?.columns ?? []).map((column, index) => {
    const spread = distribution?.columns.find(each => each.column === column.name);
    return {
      name: String(index),
      title: column.name,
      about: `${column.name}: ${column.type}${column.doc ? `\n${column.doc}` : ''}`,
      head: <SpreadView of={spread ?? NONE} rows={distribution?.looked ?? 0} trans={trans} />,
      value: row => plain(row.values[index]),
      numeric: isNumeric(column.type),
      width: 'minmax(104px, 1fr)'
    };
  });
}

const NONE = { column: '', kind: 'none', nulls: 0, distinct: 0, bins: [] };

/** Whether values of an Iceberg type stand under each other by their digits. */
function isNumeric(type: string): boolean {
  return ['int', 'long', 'float', 'double'].includes(type) || type.startsWith('decimal');
}

/** A value as tables sort and show it; what is nested is its JSON. */
export function plain(value: unknown): Value {
  if (value === null || value === undefined) {
    return null;
  }
  return typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);
}
