import React from 'react';

import type { Impact as Found, Node } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { count } from '../../components/format';
import { Failure, Loading } from '../../components/states';
import type { PageProps } from '../../tokens';

/** Names of one kind that are listed at first. */
const MOST = 100;

/** All that is made from the dataset: what breaks with it. `turn` asks again when it changes. */
export function Impact(props: PageProps & { turn: number; select: (id: string) => void }): JSX.Element {
  const { client, subject, trans } = props;
  const answer = useAnswer(
    signal => client.get<Found>(`lineage/${encodeURIComponent(subject)}/impact`, {}, signal),
    [client, subject, props.turn]
  );
  if (answer.error) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  if (!answer.value) {
    return <Loading what={trans.__('Looking for what is made from it')} />;
  }
  const { datasets, steps, reports, truncated } = answer.value;
  const none = datasets.length + steps.length + reports.length === 0;
  return (
    <section aria-label={trans.__('Impact')}>
      <h2>{trans.__('What breaks with it')}</h2>
      {none && <p className="wb-Soft">{trans.__('Nothing was made from it yet.')}</p>}
      <Kind {...props} title={trans.__('Datasets')} nodes={datasets} />
      <Kind {...props} title={trans.__('Steps')} nodes={steps} />
      <Kind {...props} title={trans.__('Reports')} nodes={reports} />
      {truncated && <p role="status">{trans.__('There is more than is listed.')}</p>}
    </section>
  );
}

function Kind(
  props: PageProps & { title: string; nodes: readonly Node[]; select: (id: string) => void }
): JSX.Element | null {
  const { nodes, trans } = props;
  if (nodes.length === 0) {
    return null;
  }
  return (
    <>
      <h3>
        {props.title} <span className="wb-Soft">{count(nodes.length)}</span>
      </h3>
      <ul className="wb-Lineage-list">
        {nodes.slice(0, MOST).map(node => (
          <li key={node.id}>
            <button type="button" className="wb-Link" title={node.detail} onClick={() => props.select(node.id)}>
              {node.name}
            </button>
          </li>
        ))}
      </ul>
      {nodes.length > MOST && <p className="wb-Soft">{trans.__('and %1 more', count(nodes.length - MOST))}</p>}
    </>
  );
}
