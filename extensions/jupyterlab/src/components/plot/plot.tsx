import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';

import type { Client } from '../../api/client';
import { Failure } from '../states';
import { Colours, CONFIG, Figure, height, prepared } from './figure';
import { Plotly, plotly } from './load';

interface Props {
  figure: Figure;
  /** What is to be seen, for whoever does not see it. */
  label: string;
  client: Client;
  trans: TranslationBundle;
}

/** A figure that can be looked into. Its room is kept while the script that draws it is on its way. */
export default function Plot(props: Props): JSX.Element {
  const { figure, client, trans } = props;
  const host = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const content = JSON.stringify(figure);
  useEffect(() => {
    const element = host.current;
    if (!element) {
      return undefined;
    }
    let wanted = true;
    let drawn: Plotly | null = null;
    const resized = new ResizeObserver(() => drawn?.Plots.resize(element));
    plotly(client)
      .then(async library => {
        if (wanted) {
          const { data, layout } = prepared(figure, colours(element));
          await library.react(element, data, layout, CONFIG);
          drawn = library;
          resized.observe(element);
        }
      })
      .catch(reason => wanted && setError(reason));
    return () => {
      wanted = false;
      resized.disconnect();
      drawn?.purge(element);
    };
  }, [content, client, turn]);
  const again = (): void => {
    setError(undefined);
    setTurn(last => last + 1);
  };
  return error ? (
    <Failure error={error} trans={trans} retry={again} />
  ) : (
    <div className="wb-Plot" role="img" aria-label={props.label} ref={host} style={{ height: height(figure) }} />
  );
}

/** The colours that hold where an element stands. */
function colours(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const of = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  return {
    ink: of('--wb-ink-soft', '#57606a'),
    line: of('--wb-line', '#d0d7de'),
    tones: { good: of('--wb-wait', '#607d8b'), bad: of('--wb-bad', '#c62828'), plain: of('--wb-accent', '#0b63b8') }
  };
}
