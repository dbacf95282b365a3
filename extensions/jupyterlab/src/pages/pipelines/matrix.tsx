import React, { useState } from 'react';

import type { Matrix, Square } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge, look } from '../../components/badge';
import { Copy } from '../../components/copy';
import { short } from '../../components/duration';
import { absolute } from '../../components/format';
import { Failure } from '../../components/states';
import type { PageProps } from '../../tokens';

const PAGE = 100;

/** What became of each step in each part of the data, for a pipeline that has such parts. */
export function MatrixOf(props: { pipeline: string; page: PageProps; turn: number }): JSX.Element | null {
  const { pipeline, page } = props;
  const { client, trans } = page;
  const [offset, setOffset] = useState(0);
  const answer = useAnswer(
    signal =>
      client.get<Matrix>(
        `pipelines/${encodeURIComponent(pipeline)}/matrix`,
        { limit: String(PAGE), offset: String(offset) },
        signal
      ),
    [client, pipeline, offset, props.turn]
  );
  if (answer.error) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  const of = answer.value;
  if (!of || of.names.length === 0) {
    return null;
  }
  const bad = of.rows.some(row => row.squares.some(square => square.state !== null && square.good < square.count));
  const reach = of.names.map((name, index) => `--over ${name}=${ends(of, index)}`).join(' ');
  const fill = `wb backfill ${pipeline} ${reach} --only ${bad ? 'failed' : 'missing'}`;
  return (
    <section aria-label={trans.__('Partitions')}>
      <h2>{trans.__('Partitions')}</h2>
      {of.total === 0 ? (
        <p className="wb-Soft">{trans.__('No partition has begun yet.')}</p>
      ) : (
        <>
          <div className="wb-Diff-scrolled" tabIndex={0} role="group" aria-label={trans.__('Partitions and steps')}>
            <table className="wb-Matrix">
              <thead>
                <tr>
                  {[...of.names, ...of.steps].map((name, index) => (
                    <th key={index} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {of.rows.map(row => (
                  <tr key={row.values.join('\n')}>
                    {row.values.map((value, index) => (
                      <th key={index} scope="row">
                        {value}
                      </th>
                    ))}
                    {row.squares.map((square, index) => (
                      <td key={index}>
                        <One of={square} page={page} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {of.total > PAGE && (
            <p className="wb-Actions-line">
              {trans.__('%1 to %2 of %3', offset + 1, offset + of.rows.length, of.total)}{' '}
              <button
                type="button"
                className="wb-Button wb-mod-small"
                disabled={offset === 0}
                onClick={() => setOffset(Math.max(0, offset - PAGE))}
              >
                {trans.__('Before')}
              </button>{' '}
              <button
                type="button"
                className="wb-Button wb-mod-small"
                disabled={offset + of.rows.length >= of.total}
                onClick={() => setOffset(offset + PAGE)}
              >
                {trans.__('After')}
              </button>
            </p>
          )}
          <p>
            {trans.__('Fill in these:')} <code>{fill}</code> <Copy text={fill} trans={trans} />
          </p>
        </>
      )}
    </section>
  );
}

function One(props: { of: Square; page: PageProps }): JSX.Element {
  const { of, page } = props;
  const { trans } = page;
  if (of.state === null || of.run === null) {
    return <Badge state="empty" word={trans.__('never ran')} />;
  }
  const title = `${of.step ?? ''}: ${look(of.state).word}, ${short(of.run)}${of.at ? `, ${absolute(of.at)}` : ''}`;
  const word = of.count > 1 ? trans.__('%1 of %2', of.good, of.count) : undefined;
  return (
    <button type="button" className="wb-Link" onClick={() => of.run && page.open('run', of.run)}>
      <Badge state={of.state} word={word} title={title} />
    </button>
  );
}

/** The first and the last value in view, as `--over` takes them. */
function ends(of: Matrix, index: number): string {
  const values = [...new Set(of.rows.map(row => row.values[index] ?? ''))];
  return values.length > 1 ? `${values[0]}..${values[values.length - 1]}` : (values[0] ?? '');
}
