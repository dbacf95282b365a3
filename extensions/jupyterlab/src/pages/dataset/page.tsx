import '../../../style/dataset.css';
import '../../../style/parts.css';

import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { mayWrite } from '../../api/ledger';
import type { Dataset } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Badge, Tag } from '../../components/badge';
import { count, size } from '../../components/format';
import { useNews } from '../../components/news';
import { Empty, Failure, Loading } from '../../components/states';
import { Time } from '../../components/time';
import type { PageProps } from '../../tokens';
import { Checks } from './checks';
import { Neighbours } from './neighbours';
import { Reads } from './reads';
import { Sample } from './sample';
import { Schema } from './schema';
import { Snapshots } from './snapshots';

/** The command that puts a cell which reads a dataset into the notebook in view. */
const INSERT = 'workbench:insert-read';

/** What a dataset is, and whether one can trust it. */
export default function DatasetPage(props: PageProps): JSX.Element {
  const { client, subject, trans } = props;
  const answer = useAnswer(signal => client.dataset(subject, signal), [client, subject]);
  useNews(props.live, mayWrite, answer.again);
  const version = answer.value?.snapshot?.version;
  const distribution = useAnswer(
    signal => (version === undefined ? Promise.resolve(undefined) : client.distribution(subject, signal)),
    [client, subject, version]
  ).value; // without it the page tells less, and says what the sample says of what went wrong
  if (answer.error) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  if (!answer.value) {
    return <Loading what={trans.__('Reading %1', subject)} />;
  }
  const of = answer.value;
  const open = (dataset: string): void => props.open('dataset', dataset);
  const openRun = props.has('run') ? (run: string): void => props.open('run', run) : null;
  return (
    <article className="wb-Dataset" aria-label={of.name}>
      <Heading of={of} again={answer.again} {...props} />
      <Section title={trans.__('Columns')}>
        <Schema of={of} trans={trans} distribution={distribution} />
      </Section>
      {of.snapshot && (
        <Section title={trans.__('Sample')}>
          <Sample of={of} client={client} trans={trans} distribution={distribution} />
        </Section>
      )}
      <Section title={trans.__('Checks')}>
        <Checks of={of} trans={trans} />
      </Section>
      <Section title={trans.__('Snapshots')}>
        <Snapshots of={of} client={client} trans={trans} openRun={openRun} />
      </Section>
      <Section title={trans.__('Where from, where to')}>
        <Neighbours of={of} trans={trans} open={open} openRun={openRun} />
      </Section>
    </article>
  );
}

function Section(props: { title: string; children: React.ReactNode }): JSX.Element {
  return (
    <section aria-label={props.title}>
      <h2>{props.title}</h2>
      {props.children}
    </section>
  );
}

/** The answer above the fold: what it is, how it stands, and how to read it. */
function Heading(props: PageProps & { of: Dataset; again: () => void }): JSX.Element {
  const { of, trans } = props;
  return (
    <header className="wb-Dataset-head">
      <div className="wb-Dataset-title">
        <h1 title={of.name}>{of.name}</h1>
        <Standing of={of} trans={trans} />
        <span className="wb-Dataset-actions">
          {props.has('lineage') && (
            <button type="button" className="wb-Button" onClick={() => props.open('lineage', of.name)}>
              {trans.__('Lineage')}
            </button>
          )}
          <button type="button" className="wb-Button" onClick={props.again}>
            {trans.__('Refresh')}
          </button>
        </span>
      </div>
      <div
        className="wb-Dataset-meaning"
        role="group"
        aria-label={trans.__('Meaning')}
        tabIndex={of.description ? 0 : -1}
      >
        {of.description || <span className="wb-Soft">{trans.__('Nobody has described this dataset yet.')}</span>}
      </div>
      <dl className="wb-Facts">
        {of.snapshot && (
          <>
            <Fact name={trans.__('Rows')}>{count(of.snapshot.rows)}</Fact>
            <Fact name={trans.__('Size')}>{size(of.snapshot.bytes)}</Fact>
            <Fact name={trans.__('Version')}>{of.snapshot.version}</Fact>
            <Fact name={trans.__('Written')}>
              <Time iso={of.snapshot.created_at} />
            </Fact>
          </>
        )}
        <Fact name={trans.__('Environment')}>{of.environment}</Fact>
        <Fact name={trans.__('Owner')}>{of.owner || <span className="wb-Soft">{trans.__('nobody')}</span>}</Fact>
        {of.contract && (
          <Fact name={trans.__('Contract')}>
            <code>{of.contract.path}</code>
          </Fact>
        )}
      </dl>
      {of.tags.length > 0 && (
        <p>
          {of.tags.map(tag => (
            <Tag key={tag} text={tag} />
          ))}
        </p>
      )}
      <Reads
        dataset={of.name}
        first={props.wishes.language}
        trans={trans}
        insert={language => props.run(INSERT, { dataset: of.name, as: language })}
      />
      {!of.snapshot && <Empty text={trans.__('Every write of it was withheld: there is no data to show.')} />}
    </header>
  );
}

/** How the dataset stands, by the worst of what is known. */
function Standing(props: { of: Dataset; trans: TranslationBundle }): JSX.Element {
  const { of, trans } = props;
  const [state, word] = standing(of);
  return (
    <>
      <Badge state={state} word={word ? trans.__(word) : undefined} />
      {of.history[0]?.withheld && <Badge state="withheld" word={trans.__('newest version withheld')} />}
    </>
  );
}

/** The state of the snapshot that is current, and a word for it where the state's own does not do. */
export function standing(of: Dataset): [state: string, word?: string] {
  const outcomes = new Set(of.results.map(result => result.outcome));
  if (outcomes.size === 0) {
    return ['empty'];
  }
  return outcomes.has('error') || outcomes.has('fail') ? ['warn', 'some checks failed'] : ['pass', 'checks passed'];
}

function Fact(props: { name: string; children: React.ReactNode }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
