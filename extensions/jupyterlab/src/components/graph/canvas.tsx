import '../../../style/graph.css';

import React, { useEffect, useRef } from 'react';

import type { Drawn } from './scene';
import { GraphView } from './view';

/** How a box looks now: what it is called in the picture's sheet, and in words. */
export interface Standing {
  look: string;
  word: string;
  fact?: string;
}

interface Props {
  drawn: Drawn;
  /** The boxes that stand otherwise than in the picture, by id; only those that changed are drawn anew. */
  standings?: ReadonlyMap<string, Standing>;
  /** The box that is looked at, as chosen outside the picture. */
  wanted?: string;
  onSelect?: (id: string) => void;
  onArrow?: (source: string, target: string) => void;
  onClear?: () => void;
  onOpen?: (id: string) => void;
  onGroups?: (opened: string[]) => void;
  translate: (text: string) => string;
  label: string;
}

/** How much of its own size a picture should be shown at: names can still be read. */
const READABLE = 0.75;
/** Pixels for the tools above a picture and the room around it. */
const AROUND = 76;
const [LEAST, MOST] = [180, 480];

/** The height that a picture deserves, in pixels: small ones leave the page to what follows, large ones scroll. */
export function heightOf(drawn: Drawn): number {
  return Math.round(Math.min(MOST, Math.max(LEAST, drawn.height * READABLE + AROUND)));
}

/** A picture of a graph in a page: the view itself keeps what is looked at while the page goes on. */
export function Graph(props: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<GraphView>();
  const shown = useRef(new Map<string, Standing>());
  const last = useRef('');
  const told = useRef(props);
  told.current = props;
  useEffect(() => {
    const made = new GraphView(host.current!, {
      onSelect: id => told.current.onSelect?.(id),
      onArrow: (source, target) => told.current.onArrow?.(source, target),
      onClear: () => told.current.onClear?.(),
      onOpen: id => told.current.onOpen?.(id),
      onGroups: opened => told.current.onGroups?.(opened),
      translate: text => told.current.translate(text)
    });
    view.current = made;
    return () => made.dispose();
  }, []);
  useEffect(() => {
    const text = JSON.stringify(props.drawn);
    if (text !== last.current) {
      last.current = text;
      view.current?.show(props.drawn);
      shown.current.clear();
    }
  }, [props.drawn]);
  useEffect(() => {
    for (const [id, standing] of props.standings ?? []) {
      const last = shown.current.get(id);
      if (last?.look !== standing.look || last.word !== standing.word || last.fact !== standing.fact) {
        view.current?.setState(id, standing.look, standing.word, standing.fact);
        shown.current.set(id, standing);
      }
    }
  }, [props.drawn, props.standings]);
  useEffect(() => {
    if (props.wanted) {
      view.current?.select(props.wanted, false);
    }
  }, [props.drawn, props.wanted]);
  return <div ref={host} className="wb-Graph-frame" role="group" aria-label={props.label} />;
}
