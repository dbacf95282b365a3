import '../../../style/graph.css';

import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef } from 'react';

import type { Drawn } from '../../api/types';
import { GraphView } from '../../components/graph/view';

interface Props {
  drawn: Drawn;
  /** The box that is looked at, as chosen outside the picture. */
  wanted: string;
  onSelect: (id: string) => void;
  onArrow: (source: string, target: string) => void;
  onClear: () => void;
  onOpen: (id: string) => void;
  onGroups: (opened: string[]) => void;
  trans: TranslationBundle;
}

/** The graph itself; the view keeps what is looked at while the page around it is drawn again. */
export function Picture(props: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<GraphView>();
  const last = useRef(props);
  last.current = props;
  useEffect(() => {
    const made = new GraphView(host.current!, {
      onSelect: id => last.current.onSelect(id),
      onArrow: (source, target) => last.current.onArrow(source, target),
      onClear: () => last.current.onClear(),
      onOpen: id => last.current.onOpen(id),
      onGroups: opened => last.current.onGroups(opened),
      translate: text => last.current.trans.__(text)
    });
    view.current = made;
    return () => made.dispose();
  }, []);
  useEffect(() => view.current?.show(props.drawn), [props.drawn]);
  useEffect(() => {
    if (props.wanted) {
      view.current?.select(props.wanted, false);
    }
  }, [props.drawn, props.wanted]);
  return <div ref={host} className="wb-Lineage-picture" />;
}
