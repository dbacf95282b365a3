import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import { OPEN } from '../pages/registry';
import { CATALOG } from '../panel/panel';

/** One place that the tour shows. */
export interface Stop {
  title: string;
  text: string;
  /** Brings it into view. */
  prepare?: () => unknown;
  /** What it tells of, once it is in view; `null` where that is not there. */
  target: () => Element | null;
}

/** What the tour shows, one after another: what is there in this JupyterLab. */
export function stopsOf(app: JupyterFrontEnd, trans: TranslationBundle): Stop[] {
  const page = (kind: string) => (): Promise<unknown> => app.commands.execute(OPEN, { kind, subject: '' });
  const front = (): Element | null => app.shell.currentWidget?.node ?? null;
  const menu = (): Element | null =>
    [...document.querySelectorAll('.lm-MenuBar-item')].find(each => each.textContent === trans.__('Workbench')) ?? null;
  const status = (): Element | null => document.querySelector('.wb-Status');
  const stops: Stop[] = [
    {
      title: trans.__('The catalog'),
      text: trans.__(
        'Every dataset of the project, found as you type. Drag one into a notebook, and it becomes the code that reads it.'
      ),
      prepare: () => app.shell.activateById(CATALOG),
      target: () => document.getElementById(CATALOG)
    },
    {
      title: trans.__('Pipelines'),
      text: trans.__(
        'Open one to fill in its form: beside it stands what would run and why. The run opens in a tab that moves while it goes on.'
      ),
      prepare: page('pipelines'),
      target: front
    }
  ];
  if (menu()) {
    stops.push({
      title: trans.__('The menu'),
      text: trans.__(
        'Lineage, quality, reports and all other pages. With a notebook in front, it runs that as a step or promotes it to a pipeline.'
      ),
      target: menu
    });
  }
  if (status()) {
    stops.push({
      title: trans.__('The status bar'),
      text: trans.__('How many runs go on, whoever began them. A click leads to the newest one.'),
      target: status
    });
  }
  stops.push({
    title: trans.__('Back at the start'),
    text: trans.__('This page tells what to do next. It is in the menu, and so is this tour.'),
    prepare: page('start'),
    target: front
  });
  return stops;
}
