import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { PageProps } from '../../tokens';
import { Next, nextThings, Seen } from './seen';

/** One thing to do: what it is called, what it brings, and how it is begun. */
interface Thing {
  title: string;
  text: string;
  act: () => void;
}

/** Three things that lead on from here. */
export function NextThings(props: { seen: Seen; page: PageProps }): JSX.Element | null {
  const { seen, page } = props;
  const { trans } = page;
  const things = nextThings(seen);
  return things.length > 0 ? (
    <section aria-label={trans.__('Next')}>
      <h2>{trans.__('Next')}</h2>
      <ul className="wb-StartPage-cards">
        {things.map(next => {
          const { title, text, act } = thing(next, seen, page, trans);
          return (
            <li key={next} className="wb-StartPage-card" data-next={next}>
              <button type="button" className="wb-Link" onClick={act}>
                {title}
              </button>
              <p>{text}</p>
            </li>
          );
        })}
      </ul>
    </section>
  ) : null;
}

function thing(next: Next, seen: Seen, page: PageProps, trans: TranslationBundle): Thing {
  const { open, run } = page;
  const name = seen.row?.name ?? '';
  const path = seen.row?.path ?? '';
  const specs = seen.pipeline?.specs ?? [];
  const edit = (file: string) => (): void => run('docmanager:open', { path: file });
  switch (next) {
    case 'mend':
      return {
        title: trans.__('See what failed in %1', name),
        text: trans.__('The cell, what it said, and Repair, which runs again what did not succeed and no more.'),
        act: () => open('run', seen.row?.last?.id ?? '')
      };
    case 'notebook':
      return {
        title: trans.__('Read its first notebook'),
        text: trans.__('A step is a plain notebook. The cell tagged “parameters” is its form.'),
        act: edit(specs[0]?.notebook ?? '')
      };
    case 'values':
      return {
        title: trans.__('Run it with values of your own'),
        text: trans.__('Beside the form stands what would run, and why.'),
        act: () => open('pipeline', name)
      };
    case 'read':
      return {
        title: trans.__('Look at %1', seen.dataset ?? ''),
        text: trans.__('Its columns, rows and checks. Drag it from the catalog into a notebook to read it there.'),
        act: () => open('dataset', seen.dataset ?? '')
      };
    case 'change':
      return {
        title: trans.__('Change a notebook and run again'),
        text: trans.__('Only what the change reaches runs: the plan on the page of the pipeline says why.'),
        act: edit(specs[specs.length - 1]?.notebook ?? '')
      };
    case 'trust':
      return {
        title: trans.__('See how far the data can be trusted'),
        text: trans.__('Every dataset by how its checks stand, the worst first, with the rows that fail.'),
        act: () => open('quality', '')
      };
    case 'schedule':
      return {
        title: trans.__('Let it run by itself'),
        text: trans.__('The line schedule: {cron: "0 6 * * *"} in its file does, while wb up is at work.'),
        act: edit(path)
      };
    case 'edit':
      return {
        title: trans.__('Edit %1 as text and graph', path),
        text: trans.__('Both sides show the same file. Drag a notebook onto the graph, and it becomes a step.'),
        act: edit(path)
      };
  }
}
