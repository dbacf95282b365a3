import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { CellPair } from '../../api/types';
import { Sign, TextDiff } from '../../components/diff/diff';

/** The cells whose outputs differ, each with what it said before and now. */
export function Outputs(props: { cells: readonly CellPair[]; trans: TranslationBundle }): JSX.Element {
  const { trans } = props;
  const changed = props.cells.filter(cell => cell.outputs.some(output => output.change !== 'same'));
  return (
    <>
      {changed.map(cell => (
        <section key={cell.id}>
          <h3>
            <Sign change={cell.change} /> {trans.__('Cell %1', cell.number_after ?? cell.number_before ?? '')}
          </h3>
          {cell.outputs
            .filter(output => output.change !== 'same')
            .map((output, index) => (
              <div key={index}>
                <p>
                  {output.kind}: {output.said || output.change}
                </p>
                {output.lines.length > 0 && <TextDiff lines={output.lines} trans={trans} />}
              </div>
            ))}
        </section>
      ))}
    </>
  );
}
