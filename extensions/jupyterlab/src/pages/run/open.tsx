import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useCallback, useMemo, useState } from 'react';

import type { Opened, Run, StepRun } from '../../api/types';
import { Copy } from '../../components/copy';
import { short } from '../../components/duration';
import { Failure } from '../../components/states';
import type { PageProps } from '../../tokens';

/** How an opening of a notebook went, and what opens one. */
export interface Opening {
  error: unknown;
  /** The command that does what this server cannot. */
  instead: string;
  look: (run: Run, step: StepRun) => Promise<void>;
  edit: (step: StepRun) => Promise<void>;
  clear: () => void;
}

/**
 * Opens notebooks of steps in Lab: the executed one (a copy to work in, at the cell that failed, on its kernel where that
 * is kept), or the one that runs next.
 */
export function useOpening(page: PageProps): Opening {
  const { client, commands, services } = page;
  const [error, setError] = useState<unknown>();
  const [instead, setInstead] = useState('');
  const clear = useCallback(() => {
    setError(undefined);
    setInstead('');
  }, []);
  const show = useCallback(
    async (path: string, cell: string, kernel: string | null): Promise<void> => {
      await services.contents.get(path, { content: false });
      if (kernel) {
        await services.kernels.refreshRunning();
        await services.sessions.refreshRunning(); // the server has made one of the notebook and its kernel
      }
      await commands.execute('docmanager:open', {
        path,
        factory: 'Notebook',
        ...(kernel ? { kernel: { id: kernel } } : {})
      });
      if (cell) {
        reveal(cell);
      }
    },
    [commands, services]
  );
  const look = useCallback(
    async (run: Run, step: StepRun): Promise<void> => {
      clear();
      try {
        const address = `runs/${encodeURIComponent(run.id)}/steps/${encodeURIComponent(step.step)}/open`;
        const opened = await client.post<Opened>(address, {});
        try {
          await show(opened.path, opened.cell, opened.kernel);
        } catch {
          setInstead(opened.command || `wb runs show ${short(run.id)} ${step.step}`); // hidden files are not served
        }
      } catch (reason) {
        setError(reason);
      }
    },
    [client, show, clear]
  );
  const edit = useCallback(
    async (step: StepRun): Promise<void> => {
      clear();
      try {
        await show(step.notebook, '', null);
      } catch (reason) {
        setError(reason);
      }
    },
    [show, clear]
  );
  return useMemo(() => ({ error, instead, look, edit, clear }), [error, instead, look, edit, clear]);
}

/** What came of the last opening, where that is worth a word. */
export function Said(props: { opening: Opening; trans: TranslationBundle }): JSX.Element | null {
  const { opening, trans } = props;
  if (opening.error !== undefined) {
    return <Failure error={opening.error} trans={trans} retry={opening.clear} />;
  }
  return opening.instead ? (
    <p role="alert">
      {trans.__('This server does not serve hidden folders, in which the notebook lies. Run')}{' '}
      <code>{opening.instead}</code> <Copy text={opening.instead} trans={trans} />
    </p>
  ) : null;
}

/** Leads Lab to a cell of the notebook that it opens, as an address with that cell does. */
function reveal(cell: string): void {
  window.location.hash = `cell-id=${encodeURIComponent(cell)}`;
}
