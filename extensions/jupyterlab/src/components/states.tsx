import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

import { Problem } from '../api/client';
import { Copy } from './copy';

/** Milliseconds for which waiting shows nothing: what comes at once must not flicker. */
export const PATIENCE = 300;

/** What waiting looks like: nothing at first, then a word. */
export function Loading(props: { what: string }): JSX.Element {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="wb-State" role="status" aria-busy="true">
      {slow && <p>{props.what}</p>}
    </div>
  );
}

/** What would be here, and what brings it. */
export function Empty(props: { text: string; children?: React.ReactNode }): JSX.Element {
  return (
    <div className="wb-State">
      <p>{props.text}</p>
      {props.children}
    </div>
  );
}

/** An error: its code, what failed, what is kept and the next step; the rest is folded. */
export function Failure(props: { error: unknown; trans: TranslationBundle; retry: () => void }): JSX.Element {
  const { trans } = props;
  const problem = props.error instanceof Problem ? props.error : new Problem(0, {}, String(props.error));
  const gone = problem.status === 0 && !problem.code;
  return (
    <div className="wb-State" role="alert">
      <p className="wb-State-what">
        {problem.code && <code className="wb-State-code">{problem.code}</code>}
        {gone ? trans.__('The server cannot be reached') : problem.message}
      </p>
      {problem.cause && <p>{problem.cause}</p>}
      {problem.kept && <p>{problem.kept}</p>}
      {problem.next && (
        <p className="wb-State-next">
          {trans.__('Next: %1', problem.next)} <Copy text={problem.next} trans={trans} />
        </p>
      )}
      <button type="button" className="wb-Button" onClick={props.retry}>
        {trans.__('Try again')}
      </button>
      {(problem.detail.length > 0 || gone) && (
        <details>
          <summary>{trans.__('Details')}</summary>
          <pre>{gone ? problem.message : problem.detail.join('\n')}</pre>
        </details>
      )}
    </div>
  );
}
