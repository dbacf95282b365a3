import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo, useRef, useState } from 'react';

import { arranged, Order, pressed, Value } from './order';
import { useVirtual } from './virtual';

/** Pixels of a row; all rows are of one height, so that only those in view need to exist. */
const ROW = 28;
/** Rows from which on a filter is worth its place. */
const MANY = 12;

export interface Column<R> {
  name: string;
  title: string;
  /** What rows are sorted and filtered by. */
  value: (row: R) => Value;
  /** What is shown, where that is not the value itself. */
  draw?: (row: R) => React.ReactNode;
  numeric?: boolean;
  /** What hovering over its header tells; default: the title. */
  about?: string;
  /** What stands in the header below the title, such as how its values are spread. */
  head?: React.ReactNode;
  /** As in `grid-template-columns`; default: `minmax(80px, 1fr)`. */
  width?: string;
}

interface Props<R> {
  label: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  id: (row: R) => string | number;
  trans: TranslationBundle;
}

/** A table of any length: sorted by its headers, filtered by words, drawn as far as it is in view. */
export function Table<R>(props: Props<R>): JSX.Element {
  const { columns, rows, trans } = props;
  const [order, setOrder] = useState<Order | null>(null);
  const [text, setText] = useState('');
  const scrolled = useRef<HTMLDivElement>(null);
  const values = useMemo(() => Object.fromEntries(columns.map(column => [column.name, column.value])), [columns]);
  const shown = useMemo(() => arranged(rows, values, text, order), [rows, values, text, order]);
  const { start, end } = useVirtual(scrolled, ROW, shown.length);
  const template = columns.map(column => column.width ?? 'minmax(80px, 1fr)').join(' ');
  return (
    <div className="wb-Table-frame">
      {rows.length > MANY && (
        <div className="wb-Table-filter">
          <input
            type="search"
            className="wb-Input"
            value={text}
            placeholder={trans.__('Filter')}
            aria-label={trans.__('Filter %1', props.label)}
            onChange={event => setText(event.target.value)}
          />
          <span role="status">{trans.__('%1 of %2', shown.length, rows.length)}</span>
        </div>
      )}
      <div className="wb-Table-scrolled" ref={scrolled} tabIndex={0} role="group" aria-label={props.label}>
        <div className="wb-Table" role="table" aria-label={props.label} aria-rowcount={shown.length + 1}>
          <div role="rowgroup" className="wb-Table-head">
            <div role="row" className="wb-Table-row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
              {columns.map(column => (
                <Header key={column.name} column={column} order={order} press={setOrder} />
              ))}
            </div>
          </div>
          <div role="rowgroup" className="wb-Table-body" style={{ height: shown.length * ROW }}>
            {shown.slice(start, end).map((row, index) => (
              <div
                key={props.id(row)}
                role="row"
                className="wb-Table-row"
                aria-rowindex={start + index + 2}
                style={{ gridTemplateColumns: template, top: (start + index) * ROW, height: ROW }}
              >
                {columns.map(column => (
                  <Cell key={column.name} column={column} row={row} />
                ))}
              </div>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

function Header<R>(props: {
  column: Column<R>;
  order: Order | null;
  press: (next: (last: Order | null) => Order | null) => void;
}): JSX.Element {
  const { column, order } = props;
  const mine = order?.column === column.name ? order : null;
  return (
    <div
      role="columnheader"
      className="wb-Table-cell"
      data-numeric={column.numeric}
      aria-sort={mine ? (mine.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        title={column.about ?? column.title}
        onClick={() => props.press(last => pressed(last, column.name))}
      >
        <span>{column.title}</span>
        <svg viewBox="0 0 8 8" aria-hidden="true" data-sorted={mine ? (mine.descending ? 'down' : 'up') : undefined}>
          <path d="M1 6 4 2 7 6Z" />
        </svg>
      </button>
      {column.head}
    </div>
  );
}

function Cell<R>(props: { column: Column<R>; row: R }): JSX.Element {
  const { column, row } = props;
  const value = column.value(row);
  return (
    <div
      role="cell"
      className="wb-Table-cell"
      data-numeric={column.numeric}
      title={value === null ? undefined : String(value)}
    >
      {column.draw ? column.draw(row) : <Shown value={value} />}
    </div>
  );
}

/** A value as it is, with what is missing and what is empty told apart from text. */
export function Shown(props: { value: Value }): JSX.Element {
  if (props.value === null) {
    return <span className="wb-Soft">null</span>;
  }
  return props.value === '' ? <span className="wb-Soft">""</span> : <>{props.value}</>;
}
