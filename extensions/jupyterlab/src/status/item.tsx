import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Going } from '../api/ledger';
import type { Live } from '../api/live';
import { Badge } from '../components/badge';
import { useGoing } from '../components/news';

/** How many runs go on. */
export class RunningRuns extends ReactWidget {
  constructor(
    private readonly _live: Live,
    private readonly _trans: TranslationBundle,
    private readonly _press: () => void
  ) {
    super();
    this.addClass('wb-Status');
  }

  protected override render(): JSX.Element {
    return <Running live={this._live} trans={this._trans} press={this._press} />;
  }
}

function Running(props: { live: Live; trans: TranslationBundle; press: () => void }): JSX.Element {
  const { trans } = props;
  const { going, link } = useGoing(props.live);
  const [state, word] = told(going, link === 'open', trans);
  return (
    <button
      type="button"
      className="wb-Status-button"
      title={going.map(run => `${run.pipeline} · ${run.environment} · ${run.state}`).join('\n') || word}
      onClick={props.press}
    >
      <Badge state={state} word={word} />
    </button>
  );
}

/** The state to show and the word for it. */
export function told(going: readonly Going[], connected: boolean, trans: TranslationBundle): [string, string] {
  if (!connected) {
    return ['stale', trans.__('Workbench: not connected')];
  }
  return going.length > 0 ? ['running', trans._n('%1 run', '%1 runs', going.length)] : ['empty', trans.__('No runs')];
}
