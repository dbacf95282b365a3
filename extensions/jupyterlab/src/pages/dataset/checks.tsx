import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { CheckResult, Dataset } from '../../api/types';
import { Badge } from '../../components/badge';
import { count } from '../../components/format';

/** What the checks said of the snapshot that is shown, and of the newest one where that was withheld. */
export function Checks(props: { of: Dataset; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  if (of.results.length === 0 && of.withheld.length === 0) {
    return <p className="wb-Soft">{trans.__('No checks are written for this dataset.')}</p>;
  }
  const passed = of.results.filter(result => result.outcome === 'pass');
  return (
    <>
      {of.withheld.length > 0 && (
        <>
          <p>{trans.__('The newest version was withheld by these:')}</p>
          <Outcomes results={of.withheld.filter(result => result.outcome !== 'pass')} trans={trans} />
          <p>{trans.__('Of the version that is shown:')}</p>
        </>
      )}
      <Outcomes results={of.results.filter(result => result.outcome !== 'pass')} trans={trans} />
      {passed.length > 0 && (
        <details>
          <summary>
            <Badge state="pass" word={trans._n('%1 check passed', '%1 checks passed', passed.length)} />
          </summary>
          <Outcomes results={passed} trans={trans} />
        </details>
      )}
    </>
  );
}

function Outcomes(props: { results: readonly CheckResult[]; trans: TranslationBundle }): JSX.Element {
  return (
    <ul className="wb-Checks">
      {props.results.map((result, index) => (
        <li key={index}>
          <Badge state={shown(result)} />
          <span className="wb-Checks-name">{result.name}</span>
          <span className="wb-Soft">{told(result, props.trans)}</span>
        </li>
      ))}
    </ul>
  );
}

/** A failure that only warns looks like a warning. */
function shown(result: CheckResult): string {
  return result.outcome === 'fail' && result.severity !== 'error' ? 'warn' : result.outcome;
}

function told(result: CheckResult, trans: TranslationBundle): string {
  if (result.error) {
    return result.error;
  }
  const measured = result.expected ? trans.__('%1, expected %2', result.observed, result.expected) : result.observed;
  return result.failing ? `${measured} · ${trans.__('%1 rows fail', count(result.failing))}` : measured;
}
