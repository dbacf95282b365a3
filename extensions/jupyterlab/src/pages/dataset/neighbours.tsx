import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Dataset, Use } from '../../api/types';
import { Time } from '../../components/time';

/** One step of lineage each way: what it was made from, who writes it, who reads it. */
export function Neighbours(props: {
  of: Dataset;
  trans: TranslationBundle;
  open: (dataset: string) => void;
  openRun: ((run: string) => void) | null;
}): JSX.Element {
  const { of, trans } = props;
  return (
    <div className="wb-Neighbours">
      <div>
        <h3>{trans.__('Made from')}</h3>
        {of.inputs.length === 0 && <p className="wb-Soft">{trans.__('no other dataset')}</p>}
        <ul>
          {of.inputs.map(input => (
            <li key={`${input.dataset}-${input.snapshot}`}>
              <button type="button" className="wb-Link" onClick={() => props.open(input.dataset)}>
                {input.dataset}
              </button>{' '}
              <span className="wb-Soft">{trans.__('version %1', input.version)}</span>
            </li>
          ))}
        </ul>
      </div>
      <Uses title={trans.__('Written by')} none={trans.__('no step yet')} uses={of.writers} openRun={props.openRun} />
      <Uses title={trans.__('Read by')} none={trans.__('no step yet')} uses={of.readers} openRun={props.openRun} />
    </div>
  );
}

function Uses(props: {
  title: string;
  none: string;
  uses: readonly Use[];
  openRun: ((run: string) => void) | null;
}): JSX.Element {
  const { openRun } = props;
  return (
    <div>
      <h3>{props.title}</h3>
      {props.uses.length === 0 && <p className="wb-Soft">{props.none}</p>}
      <ul>
        {props.uses.map(use => (
          <li key={`${use.pipeline}-${use.step}`} title={use.notebook}>
            {openRun ? (
              <button type="button" className="wb-Link" onClick={() => openRun(use.run)}>
                {use.pipeline} · {use.step}
              </button>
            ) : (
              <>
                {use.pipeline} · {use.step}
              </>
            )}{' '}
            <span className="wb-Soft">
              <Time iso={use.at} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
