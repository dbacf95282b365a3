import '../../../style/parts.css';
import '../../../style/reports.css';

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { Problem } from '../../api/client';
import type { ReportWithProof } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Drawn } from '../../components/drawn';
import { Empty, Failure, Loading } from '../../components/states';
import { Time } from '../../components/time';
import type { PageProps } from '../../tokens';
import { genuineBadge } from '../reports/genuine';
import { ProofOf } from './proof';

/** There is no such report: neither its proof nor its page. */
const UNKNOWN = 'WB-REP-215';
/** What a report may do: draw its figures, and open a link beside. It reaches neither this page nor the server. */
const SANDBOX = 'allow-scripts allow-popups';

/** What a report says, and whether it is genuine. */
export default function ReportPage(props: PageProps): JSX.Element {
  const { client, subject, trans } = props;
  const { value, error, again } = useAnswer(
    signal => client.get<ReportWithProof>(`reports/${encodeURIComponent(subject)}`, {}, signal),
    [client, subject]
  );
  const address = client.address(`reports/${encodeURIComponent(subject)}/page`);
  if (error && !value) {
    return (
      <article className="wb-Report" aria-label={trans.__('Report')}>
        <Failure error={error} trans={trans} retry={again} />
        {unproved(error) && <Asked address={address} title={trans.__('Report')} trans={trans} />}
      </article>
    );
  }
  if (!value) {
    return <Loading what={trans.__('Reading the report')} />;
  }
  return (
    <article className="wb-Report" aria-label={value.title}>
      <header className="wb-Report-head">
        <h1 title={value.title}>
          <bdi>{value.title}</bdi>
        </h1>
        <Drawn of={genuineBadge(value, trans)} />
        <span className="wb-Soft">
          <Time iso={value.created_at} />
        </span>
        <button type="button" className="wb-Button" onClick={again}>
          {trans.__('Refresh')}
        </button>
      </header>
      <ProofOf of={value} trans={trans} open={props.open} />
      <Body of={value} address={address} trans={trans} />
    </article>
  );
}

/** Whether it is the history that is missing, and not the report. */
function unproved(error: unknown): boolean {
  return error instanceof Problem && error.status === 404 && error.code !== UNKNOWN;
}

/** The report, where it is what was published; else what became of it. */
function Body(props: { of: ReportWithProof; address: string; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  if (of.gone) {
    return (
      <Empty text={trans.__('The file of this report is gone. Its proof still says what it was made from.')}>
        <p>
          <code>{`wb report build ${of.run}`}</code>
        </p>
      </Empty>
    );
  }
  if (of.genuine) {
    return <Frame address={props.address} title={of.title} />;
  }
  return (
    <Asked
      address={props.address}
      title={of.title}
      trans={trans}
      why={trans.__('The file is not what was published: somebody or something changed it since.')}
    />
  );
}

/** A report that is shown only when somebody asks for it. */
function Asked(props: { address: string; title: string; trans: TranslationBundle; why?: string }): JSX.Element {
  const [asked, setAsked] = useState(false);
  if (asked) {
    return <Frame {...props} />;
  }
  return (
    <div className="wb-State">
      {props.why && <p>{props.why}</p>}
      <button type="button" className="wb-Button" onClick={() => setAsked(true)}>
        {props.trans.__('Show it nevertheless')}
      </button>
    </div>
  );
}

function Frame(props: { address: string; title: string }): JSX.Element {
  return (
    <iframe
      className="wb-Report-frame"
      title={props.title}
      src={props.address}
      sandbox={SANDBOX}
      referrerPolicy="no-referrer"
    />
  );
}
