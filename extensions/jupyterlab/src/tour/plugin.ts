import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { CATEGORY } from '../pages/plugin';
import { IWorkbench } from '../tokens';

/** The command that shows where things are. */
export const TOUR = 'workbench:tour';

/** A short tour of what there is. Its code is loaded when it is taken. */
export const tourPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:tour',
  description: 'A short tour of the panel, the pages and the menu.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    shared: IWorkbench,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    let open: Widget | null = null;
    app.commands.addCommand(TOUR, {
      label: trans.__('Take the Tour'),
      caption: trans.__('Where things are, in a minute'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const [{ TourCard }, { stopsOf }] = await Promise.all([import('./card'), import('./stops')]);
        open?.dispose();
        const before = document.activeElement;
        const card = new TourCard({
          stops: stopsOf(app, trans),
          trans,
          over: () => {
            card.dispose();
            open = null;
            shared.wishes.keep('offerTour', false);
            if (before instanceof HTMLElement && before.isConnected) {
              before.focus();
            }
          }
        });
        open = card;
        Widget.attach(card, document.body);
      }
    });
    palette?.addItem({ command: TOUR, category: CATEGORY });
  }
};
