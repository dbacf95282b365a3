import React from 'react';

import type { Drawn, DrawnBox } from '../../api/types';
import { Badge } from '../../components/badge';
import type { PageProps } from '../../tokens';
import { Evidence } from './evidence';
import { around, isGroup } from './walk';

/** Neighbours that are listed; the picture shows the others. */
const MOST = 50;

/** What is looked at: a box, or an arrow between two. */
export type Focus = { box: string } | { source: string; target: string };

interface Props extends PageProps {
  drawn: Drawn;
  focus: Focus;
  select: (id: string) => void;
  show: (focus: Focus) => void;
}

/** What is known of what is looked at, and where it leads. */
export function Details(props: Props): JSX.Element | null {
  const { drawn, focus } = props;
  const named = (id: string): DrawnBox | undefined => drawn.boxes.find(box => box.id === id);
  if ('source' in focus) {
    const [one, two] = [named(focus.source), named(focus.target)];
    return one && two ? <OfArrow {...props} source={one} target={two} /> : null;
  }
  const box = named(focus.box);
  return box ? <OfBox {...props} box={box} /> : null;
}

function OfArrow(props: Props & { source: DrawnBox; target: DrawnBox }): JSX.Element {
  const { source, target, trans } = props;
  const folded = [source, target].filter(box => isGroup(box.id));
  return (
    <section aria-label={trans.__('Arrow')}>
      <h2>
        {source.name} → {target.name}
      </h2>
      {folded.length ? (
        <p className="wb-Soft">
          {trans.__('%1 is folded: open it, by two clicks or Enter, to see single arrows.', folded[0]!.name)}
        </p>
      ) : (
        <Evidence {...props} source={source.id} target={target.id} />
      )}
    </section>
  );
}

function OfBox(props: Props & { box: DrawnBox }): JSX.Element {
  const { box, drawn, trans } = props;
  const { before, after } = around(drawn, box.id);
  const first = after[0] ? { source: box.id, target: after[0].id } : undefined;
  const arrow = first ?? (before[0] ? { source: before[0].id, target: box.id } : undefined);
  const proven = box.kind === 'step' && arrow && !isGroup(box.id) && !isGroup(arrow.source) && !isGroup(arrow.target);
  return (
    <section aria-label={box.name}>
      <h2>{box.name}</h2>
      <p className="wb-Soft">
        {box.kind}
        {box.detail && `, ${box.detail}`} {box.state && <Badge state={box.state} />}
      </p>
      {box.kind === 'dataset' && (
        <p className="wb-Lineage-actions">
          <button type="button" className="wb-Button" onClick={() => props.open('dataset', box.id)}>
            {trans.__('Open dataset')}
          </button>
          {box.id !== props.subject && (
            <button type="button" className="wb-Button" onClick={() => props.open('lineage', box.id)}>
              {trans.__('Its lineage')}
            </button>
          )}
        </p>
      )}
      {box.kind === 'report' && props.has('reports') && (
        <button type="button" className="wb-Button" onClick={() => props.open('reports', '')}>
          {trans.__('Open the reports')}
        </button>
      )}
      {proven && <Evidence {...props} source={arrow.source} target={arrow.target} />}
      <Side {...props} title={trans.__('Made from')} boxes={before} ends={id => ({ source: id, target: box.id })} />
      <Side {...props} title={trans.__('Leads to')} boxes={after} ends={id => ({ source: box.id, target: id })} />
    </section>
  );
}

function Side(
  props: Props & { title: string; boxes: readonly DrawnBox[]; ends: (id: string) => Focus }
): JSX.Element | null {
  const { boxes, trans } = props;
  if (boxes.length === 0) {
    return null;
  }
  return (
    <>
      <h3>{props.title}</h3>
      <ul className="wb-Lineage-list">
        {boxes.slice(0, MOST).map(box => (
          <li key={box.id}>
            <button type="button" className="wb-Link" onClick={() => props.select(box.id)}>
              {box.name}
            </button>
            <button
              type="button"
              className="wb-Button wb-mod-small"
              aria-label={trans.__('Which cell: %1', box.name)}
              onClick={() => props.show(props.ends(box.id))}
            >
              {trans.__('Which cell')}
            </button>
          </li>
        ))}
      </ul>
      {boxes.length > MOST && <p className="wb-Soft">{trans.__('and %1 more', boxes.length - MOST)}</p>}
    </>
  );
}
