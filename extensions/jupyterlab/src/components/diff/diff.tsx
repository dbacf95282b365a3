import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { CellPair, Comparison, Difference, Item, Line, OutputPair, Piece, StepPair } from '../../api/types';
import { Badge } from '../badge';
import { duration } from '../duration';
import { absolute, size } from '../format';

const SIGNS: Record<Difference, string> = { same: ' ', changed: '~', added: '+', removed: '−' };
/** Lines of one text, or rows of one table, that are shown. */
const MOST = 400;

/** How something changed, as a sign that a reader of screens hears as a word. */
export function Sign(props: { change: Difference }): JSX.Element {
  return (
    <span className="wb-Diff-sign" data-change={props.change} role="img" aria-label={props.change} title={props.change}>
      {SIGNS[props.change]}
    </span>
  );
}

/** Two texts side by side, line by line, with the words that differ marked. */
export function TextDiff(props: { lines: readonly Line[]; trans: TranslationBundle }): JSX.Element {
  const { lines, trans } = props;
  return (
    <div className="wb-Diff-scrolled" tabIndex={0} role="group" aria-label={trans.__('Lines')}>
      <table className="wb-Diff-text">
        <tbody>
          {lines.slice(0, MOST).map((line, index) =>
            line.skipped ? (
              <tr key={index} className="wb-Soft">
                <td colSpan={2}>… {trans._n('%1 equal line', '%1 equal lines', line.skipped)}</td>
              </tr>
            ) : (
              <tr key={index} data-change={line.change}>
                <Side pieces={line.change === 'added' ? null : line.before} old />
                <Side pieces={line.change === 'removed' ? null : line.after} />
              </tr>
            )
          )}
        </tbody>
      </table>
      {lines.length > MOST && (
        <p className="wb-Soft">{trans.__('%1 more lines are not shown.', lines.length - MOST)}</p>
      )}
    </div>
  );
}

function Side(props: { pieces: readonly Piece[] | null; old?: boolean }): JSX.Element {
  const side = props.old ? 'before' : 'after';
  return (
    <td data-side={side} data-none={props.pieces === null}>
      <code>
        {props.pieces?.map((piece, index) =>
          piece.marked ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>
        )}
      </code>
    </td>
  );
}

interface GridItem {
  name: string;
  change: Difference;
  before: unknown;
  after: unknown;
}

interface GridOf {
  columns: GridItem[];
  rows: { change: Difference; cells: GridItem[]; skipped: number }[];
}

/** Two tables in one: what is gone struck through, what is new underlined. */
export function GridDiff(props: { of: GridOf; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  return (
    <div className="wb-Diff-scrolled" tabIndex={0} role="group" aria-label={trans.__('Rows')}>
      <table className="wb-Diff-grid">
        <thead>
          <tr>
            <th>
              <span className="wb-Hidden">{trans.__('change')}</span>
            </th>
            {of.columns.map((column, index) => (
              <th key={index} scope="col">
                {column.change !== 'same' && <Sign change={column.change} />} {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {of.rows.slice(0, MOST).map((row, index) =>
            row.skipped ? (
              <tr key={index} className="wb-Soft">
                <td colSpan={of.columns.length + 1}>… {trans._n('%1 equal row', '%1 equal rows', row.skipped)}</td>
              </tr>
            ) : (
              <tr key={index} data-change={row.change}>
                <td>
                  <Sign change={row.change} />
                </td>
                {row.cells.map((cell, number) => (
                  <td key={number}>
                    {row.change === 'changed' && cell.change === 'changed' ? (
                      <>
                        <del>{written(cell.before)}</del> <ins>{written(cell.after)}</ins>
                      </>
                    ) : (
                      written(cell.after ?? cell.before)
                    )}
                  </td>
                ))}
              </tr>
            )
          )}
        </tbody>
      </table>
    </div>
  );
}

/** Facts that have a value on both sides, or on one. */
export function Facts(props: {
  items: readonly (Item & { section?: string })[];
  trans: TranslationBundle;
}): JSX.Element {
  const { trans } = props;
  return (
    <div className="wb-Diff-scrolled" tabIndex={0} role="group" aria-label={trans.__('Facts')}>
      <table className="wb-Diff-facts">
        <thead>
          <tr>
            <th>
              <span className="wb-Hidden">{trans.__('change')}</span>
            </th>
            <th scope="col">{trans.__('What')}</th>
            <th scope="col">{trans.__('Before')}</th>
            <th scope="col">{trans.__('After')}</th>
          </tr>
        </thead>
        <tbody>
          {props.items.map((item, index) => (
            <tr key={index} data-change={item.change}>
              <td>
                <Sign change={item.change} />
              </td>
              <th scope="row">
                {item.section ? `${item.section} ` : ''}
                {item.name.replace(/_/g, ' ')}
              </th>
              <td data-side="before">{measured(item.name, item.before)}</td>
              <td data-side="after">{measured(item.name, item.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What differs between two runs: facts of the runs, then of each step that differs, down to its cells. */
export function Differences(props: { of: Comparison; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  const items = of.items.filter(item => item.change !== 'same');
  const changed = of.steps.filter(step => step.change !== 'same');
  const same = of.steps.filter(step => step.change === 'same');
  return (
    <>
      {items.length > 0 && <Facts items={items} trans={trans} />}
      {changed.map(step => (
        <StepDiff key={step.step} of={step} trans={trans} />
      ))}
      {same.length > 0 && (
        <details>
          <summary>{trans._n('%1 step is the same in both', '%1 steps are the same in both', same.length)}</summary>
          <p className="wb-Soft">{same.map(step => step.step).join(', ')}</p>
        </details>
      )}
    </>
  );
}

function StepDiff(props: { of: StepPair; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  const facts = of.sections.flatMap(section =>
    section.items.filter(item => item.change !== 'same').map(item => ({ ...item, section: section.name }))
  );
  const cells = of.cells.filter(cell => cell.change !== 'same');
  return (
    <section aria-label={of.step}>
      <h2>
        <Sign change={of.change} /> {of.step} {of.before && <Badge state={of.before} />}
        {of.after && of.after !== of.before && <Badge state={of.after} />}
      </h2>
      {facts.length > 0 && <Facts items={facts} trans={trans} />}
      {of.note && <p className="wb-Soft">{of.note}.</p>}
      {cells.map((cell, index) => (
        <CellDiff key={`${cell.id}-${index}`} of={cell} trans={trans} />
      ))}
    </section>
  );
}

function CellDiff(props: { of: CellPair; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  const numbers = [of.number_before, of.number_after].filter(each => each !== null);
  const number = new Set(numbers).size > 1 ? numbers.join(' → ') : String(numbers[0] ?? '');
  const times = [of.seconds_before, of.seconds_after].filter(each => each !== null).map(duration);
  return (
    <div className="wb-Diff-cell">
      <h3>
        <Sign change={of.change} /> {trans.__('Cell %1', number)}{' '}
        <span className="wb-Soft">
          {of.source_change === 'same' && of.change === 'changed' && trans.__('the same code, another output')}
          {times.length > 0 && ` ${times.join(' → ')}`}
        </span>
      </h3>
      {of.source.length > 0 && <TextDiff lines={of.source} trans={trans} />}
      {of.outputs
        .filter(output => output.change !== 'same')
        .map((output, index) => (
          <OutputDiff key={index} of={output} trans={trans} />
        ))}
    </div>
  );
}

function OutputDiff(props: { of: OutputPair; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  const grid = of.grid as unknown as GridOf | null;
  const share = of.picture && typeof of.picture['share'] === 'number' ? of.picture['share'] : null;
  return (
    <>
      <p>
        <Sign change={of.change} /> {of.kind}: {of.said || of.change}
        {share !== null && ` · ${trans.__('%1 % of its pixels differ', (100 * share).toFixed(1))}`}
      </p>
      {of.lines.length > 0 && <TextDiff lines={of.lines} trans={trans} />}
      {grid && <GridDiff of={grid} trans={trans} />}
    </>
  );
}

/** A fact as people read it: times, durations and sizes by the name under which they come. */
function measured(name: string, value: unknown): string {
  if (typeof value === 'number' && /(^|_)seconds$/.test(name)) {
    return duration(value);
  }
  if (typeof value === 'number' && /(^|_)bytes$/.test(name)) {
    return size(value);
  }
  return typeof value === 'string' && name.endsWith('_at') ? absolute(value) : written(value);
}

/** A value as a text: what is none as nothing, the rest as it was written. */
function written(value: unknown): string {
  return value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
