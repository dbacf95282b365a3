import '../../../style/lineage.css';

import React, { useState } from 'react';

import { mayWrite } from '../../api/ledger';
import type { Drawn } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { Graph } from '../../components/graph/canvas';
import { EVERY } from '../../components/graph/view';
import { useNews } from '../../components/news';
import { Empty, Failure, Loading } from '../../components/states';
import { Opening, Said, useOpening } from '../../runs/opening';
import type { PageProps } from '../../tokens';
import { asked, Choice, WHOLE } from './choice';
import { Controls } from './controls';
import { Details, Focus } from './details';
import { fetched } from './evidence';
import { Impact } from './impact';
import { Picker } from './picker';
import { around, isGroup } from './walk';

/** Where a dataset comes from, and what breaks with it. */
export default function LineagePage(props: PageProps): JSX.Element {
  if (props.subject) {
    return <Whole {...props} />;
  }
  const { trans } = props;
  return (
    <Empty text={trans.__('The lineage of a dataset: where it comes from, and what is made of it.')}>
      <Picker
        client={props.client}
        trans={trans}
        label={trans.__('Show the lineage of')}
        value=""
        pick={dataset => props.open('lineage', dataset)}
      />
    </Empty>
  );
}

function Whole(props: PageProps): JSX.Element {
  const { client, subject, trans } = props;
  const [choice, setChoice] = useState<Choice>(WHOLE);
  const [focus, setFocus] = useState<Focus>();
  const [wanted, setWanted] = useState('');
  const [turn, setTurn] = useState(0);
  const [path, query] = asked(subject, choice);
  const answer = useAnswer(
    signal => client.get<Drawn>(path, query, signal),
    [client, path, JSON.stringify(query), turn]
  );
  useNews(props.live, mayWrite, () => setTurn(last => last + 1));
  const opening = useOpening(props);
  const drawn = answer.value;
  const choose = (next: Choice): void => {
    setFocus(undefined);
    setWanted('');
    setChoice(next);
  };
  const select = (id: string): void => {
    setFocus({ box: id });
    setWanted(id);
    if (drawn && !drawn.boxes.some(box => box.id === id)) {
      setChoice({ ...WHOLE, opened: [EVERY] }); // it is folded, or not of this choice
    }
  };
  const open = (id: string): void => {
    const box = drawn?.boxes.find(each => each.id === id);
    if (box?.kind === 'dataset') {
      props.open('dataset', id);
    } else if (drawn && box) {
      void leadTo(props, opening, drawn, id);
    }
  };
  return (
    <article className="wb-Lineage" aria-label={trans.__('Lineage of %1', subject)}>
      <Controls
        {...{ client, subject, trans, choice, choose }}
        again={() => {
          setTurn(turn + 1);
        }}
      />
      {answer.error ? (
        <Failure error={answer.error} trans={trans} retry={answer.again} />
      ) : !drawn ? (
        <Loading what={trans.__('Following %1', subject)} />
      ) : (
        <>
          <Notes {...props} drawn={drawn} choice={choice} />
          <Said opening={opening} trans={trans} />
          <div className="wb-Lineage-body">
            <Graph
              drawn={drawn}
              wanted={wanted}
              label={trans.__('Graph of lineage')}
              translate={text => trans.__(text)}
              onSelect={box => {
                setFocus({ box });
                setWanted('');
              }}
              onArrow={(source, target) => setFocus({ source, target })}
              onClear={() => {
                setFocus(undefined);
                setWanted('');
              }}
              onOpen={open}
              onGroups={opened => setChoice({ ...choice, opened })}
            />
            <aside className="wb-Lineage-side" aria-label={trans.__('Details')}>
              {focus && <Details {...props} drawn={drawn} focus={focus} select={select} show={setFocus} />}
              {!focus && !choice.other && <Impact {...props} turn={turn} select={select} />}
            </aside>
          </div>
        </>
      )}
    </article>
  );
}

/** What has to be said of a picture: that it is not all, or that there is nothing to see, and why. */
function Notes(props: PageProps & { drawn: Drawn; choice: Choice }): JSX.Element | null {
  const { choice, drawn, trans } = props;
  if (drawn.ends.length === 0) {
    return (
      <Empty
        text={
          choice.other
            ? trans.__('Neither of %1 and %2 was made from the other.', props.subject, choice.other)
            : choice.way === 'upstream'
              ? trans.__('Nothing was read for it.')
              : choice.way === 'downstream'
                ? trans.__('Nothing reads it yet.')
                : trans.__('Nothing was read for it, and nothing reads it yet.')
        }
      >
        <button type="button" className="wb-Button" onClick={() => props.open('dataset', props.subject)}>
          {trans.__('Open dataset')}
        </button>
      </Empty>
    );
  }
  return drawn.truncated ? (
    <p className="wb-Lineage-note" role="status">
      {choice.depth
        ? trans.__('There is more than is shown: it lies farther away than the depth that is chosen.')
        : trans.__('There is more than is shown: choose one direction, or begin at a dataset that is farther on.')}
    </p>
  ) : null;
}

/** Opens the executed notebook of a step at the cell that wrote, where one arrow of it was proven. */
async function leadTo(props: PageProps, opening: Opening, drawn: Drawn, id: string): Promise<void> {
  const { before, after } = around(drawn, id);
  const arrows = [...after.map(box => [id, box.id] as const), ...before.map(box => [box.id, id] as const)];
  const arrow = arrows.find(ends => !ends.some(isGroup));
  if (arrow) {
    const found = await fetched(props.client, ...arrow).catch(() => null); // the panel beside the picture tells why
    const entry = found?.evidence.find(each => each.run && each.notebook);
    if (entry) {
      await opening.look(entry.run, entry.step, entry.cell);
    }
  }
}
