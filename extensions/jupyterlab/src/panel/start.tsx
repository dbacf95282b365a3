import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Problem } from '../api/client';
import { Copy } from '../components/copy';

/** What the server says where there is no project. */
const NO_PROJECT = 'WB-CFG-601';
/** Both leave alone what is in the folder; a terminal of JupyterLab begins in it. */
const EMPTY = 'wb init --force';
const EXAMPLE = 'wb init --force --example flights';

export function isNoProject(error: unknown): boolean {
  return error instanceof Problem && error.code === NO_PROJECT;
}

export interface StartProps {
  trans: TranslationBundle;
  /** Opens a terminal; `null` where this server has none. */
  terminal: (() => void) | null;
  again: () => void;
}

/** What to do in a folder without a project. */
export function Start(props: StartProps): JSX.Element {
  const { trans } = props;
  return (
    <div className="wb-State wb-Start" role="status">
      <p className="wb-State-what">{trans.__('There is no project here yet')}</p>
      <p>
        {trans.__('A project is this folder with one more file, workbench.toml. No file that is here will be changed.')}
      </p>
      <Way text={trans.__('Begin a project:')} command={EMPTY} trans={trans} />
      <Way text={trans.__('Or look around in an example, with data on flights:')} command={EXAMPLE} trans={trans} />
      <div className="wb-Start-actions">
        {props.terminal && (
          <button type="button" className="wb-Button" onClick={props.terminal}>
            {trans.__('Open a terminal')}
          </button>
        )}
        <button type="button" className="wb-Button" onClick={props.again}>
          {trans.__('Look again')}
        </button>
      </div>
    </div>
  );
}

function Way(props: { text: string; command: string; trans: TranslationBundle }): JSX.Element {
  return (
    <>
      <p>{props.text}</p>
      <p className="wb-Start-way">
        <code>{props.command}</code> <Copy text={props.command} trans={props.trans} />
      </p>
    </>
  );
}
