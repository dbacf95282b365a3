import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ProofInput, ReportWithProof } from '../../api/types';
import { Badge } from '../../components/badge';
import { Copy } from '../../components/copy';
import { Drawn } from '../../components/drawn';
import { absolute, count } from '../../components/format';
import { cell } from '../../components/outcomes';
import { Time } from '../../components/time';
import type { PageProps } from '../../tokens';

interface Props {
  of: ReportWithProof;
  trans: TranslationBundle;
  open: PageProps['open'];
}

/** What a report was made from: the run, the code, the parameters, the snapshots and how their checks stood. */
export function ProofOf(props: Props): JSX.Element {
  const { of, trans } = props;
  const { proof } = of;
  const failed = proof.inputs.filter(input => input.failed > 0).length;
  return (
    <details className="wb-Proof" open={!of.genuine}>
      <summary>
        {trans._n('Made from %1 snapshot', 'Made from %1 snapshots', proof.inputs.length)} ·{' '}
        {failed > 0
          ? trans._n('checks failed for %1 of them', 'checks failed for %1 of them', failed)
          : trans.__('no failing checks')}
      </summary>
      <dl className="wb-Facts">
        <Fact name={trans.__('Run')}>
          <button type="button" className="wb-Link" title={proof.run} onClick={() => props.open('run', proof.run)}>
            {proof.run.slice(-6)}
          </button>
        </Fact>
        <Fact name={trans.__('Step')}>
          <bdi>{proof.pipeline}</bdi> · <bdi>{proof.step}</bdi>
        </Fact>
        <Fact name={trans.__('Environment')}>{proof.environment}</Fact>
        <Fact name={trans.__('Finished')}>
          <span title={proof.finished_at}>{absolute(proof.finished_at)}</span>
        </Fact>
        <Fact name={trans.__('By')}>
          <bdi>{proof.actor}</bdi>
        </Fact>
        <Fact name={trans.__('Notebook')}>
          <bdi>{proof.notebook}</bdi>
        </Fact>
        {proof.commit && <Long name={trans.__('Commit')} text={proof.commit} trans={trans} />}
        <Long name={trans.__('Executed notebook, SHA-256')} text={proof.notebook_digest} trans={trans} />
        <Long name={trans.__('Published file, SHA-256')} text={of.digest} trans={trans} />
      </dl>
      <Parameters of={proof.parameters} trans={trans} />
      <Inputs {...props} inputs={proof.inputs} />
    </details>
  );
}

function Fact(props: { name: string; children: React.ReactNode }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** A digest: its beginning is enough to tell two apart, the whole can be copied. */
function Long(props: { name: string; text: string; trans: TranslationBundle }): JSX.Element {
  return (
    <Fact name={props.name}>
      <code title={props.text}>{props.text.slice(0, 10)}</code> <Copy text={props.text} trans={props.trans} />
    </Fact>
  );
}

function Parameters(props: { of: Record<string, unknown>; trans: TranslationBundle }): JSX.Element | null {
  const names = Object.keys(props.of);
  if (names.length === 0) {
    return null;
  }
  return (
    <table className="wb-Rows">
      <caption>{props.trans.__('Parameters')}</caption>
      <tbody>
        {names.map(name => (
          <tr key={name}>
            <th scope="row">
              <bdi>{name}</bdi>
            </th>
            <Drawn of={cell(props.of[name])} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Inputs(props: Props & { inputs: readonly ProofInput[] }): JSX.Element {
  const { inputs, trans } = props;
  if (inputs.length === 0) {
    return <p className="wb-Soft">{trans.__('It read no dataset of this project.')}</p>;
  }
  return (
    <div className="wb-Scrolled" tabIndex={0} role="group" aria-label={trans.__('Snapshots it was made from')}>
      <table className="wb-Rows">
        <caption>{trans.__('Snapshots it was made from')}</caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Dataset')}</th>
            <th scope="col">{trans.__('Version')}</th>
            <th scope="col">{trans.__('Rows')}</th>
            <th scope="col">{trans.__('Written')}</th>
            <th scope="col">{trans.__('Checks then')}</th>
          </tr>
        </thead>
        <tbody>
          {inputs.map(input => (
            <tr key={input.snapshot}>
              <td>
                <button type="button" className="wb-Link" onClick={() => props.open('dataset', input.dataset)}>
                  <bdi>{input.dataset}</bdi>
                </button>
              </td>
              <td data-numeric="true">{input.version}</td>
              <td data-numeric="true">{count(input.rows)}</td>
              <td>
                <Time iso={input.published_at} />
              </td>
              <td>
                <Stood of={input} trans={trans} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How the checks of an input stood when it was read. */
function Stood(props: { of: ProofInput; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  const total = of.passed + of.failed;
  if (total === 0) {
    return <Badge state="empty" />;
  }
  return of.failed > 0 ? (
    <Badge state="warn" word={trans.__('%1 of %2 did not pass', of.failed, total)} />
  ) : (
    <Badge state="pass" word={trans._n('%1 passed', '%1 passed', total)} />
  );
}
