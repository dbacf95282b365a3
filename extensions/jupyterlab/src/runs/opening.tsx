import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useCallback, useMemo, useState } from 'react';

import type { Opened } from '../api/types';
import { Copy } from '../components/copy';
import { Failure } from '../components/states';
import type { PageProps } from '../tokens';
import { OPEN_NOTEBOOK } from './plugin';

/** How an opening of a notebook went, and what opens one. */
export interface Opening {
  error: unknown;
  /** The command that does what this server cannot. */
  instead: string;
  /** Opens the executed notebook of a step: a copy to work in, at a cell, on its kernel where that is kept. */
  look: (run: string, step: string, cell?: string | null) => Promise<void>;
  /** Opens the notebook as it is now, at the cell that failed. */
  edit: (run: string, step: string) => Promise<void>;
  clear: () => void;
}

/** Opens notebooks of steps in Lab; without a cell at the one that failed. */
export function useOpening(page: Pick<PageProps, 'client' | 'run'>): Opening {
  const { client, run: command } = page;
  const [error, setError] = useState<unknown>();
  const [instead, setInstead] = useState('');
  const clear = useCallback(() => {
    setError(undefined);
    setInstead('');
  }, []);
  const open = useCallback(
    async (run: string, step: string, which: 'executed' | 'source', cell?: string | null): Promise<void> => {
      clear();
      try {
        const address = `runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}/open`;
        const opened = await client.post<Opened>(address, { which });
        if (opened.path === null) {
          setInstead(opened.command);
        } else {
          command(OPEN_NOTEBOOK, { path: opened.path, cell: cell ?? opened.cell });
        }
      } catch (reason) {
        setError(reason);
      }
    },
    [client, command, clear]
  );
  return useMemo(
    () => ({
      error,
      instead,
      look: (run, step, cell) => open(run, step, 'executed', cell),
      edit: (run, step) => open(run, step, 'source'),
      clear
    }),
    [error, instead, open, clear]
  );
}

/** What came of the last opening, where that is worth a word. */
export function Said(props: { opening: Opening; trans: TranslationBundle }): JSX.Element | null {
  const { opening, trans } = props;
  if (opening.error !== undefined) {
    return <Failure error={opening.error} trans={trans} retry={opening.clear} />;
  }
  return opening.instead ? (
    <p role="alert">
      {trans.__('This server does not serve the folder that the notebook lies in. In a terminal:')}{' '}
      <code>{opening.instead}</code> <Copy text={opening.instead} trans={trans} />
    </p>
  ) : null;
}
