import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { RankedMenu } from '@jupyterlab/ui-components';

import { PROMOTE, RUN } from './notebook/plugin';
import { frontCommand } from './pages/plugin';
import { REFRESH, SEARCH } from './panel/plugin';
import { TOUR } from './tour/plugin';
import { IPages, IWorkbench, PageKind } from './tokens';

/** After Lab's own menus, before those of tabs, settings and help. */
const PLACE = 100;
/** Where pages stand that say nothing of their place. */
const LAST = 90;

/** Puts what the palette has of Workbench into a menu of its own, pages of other extensions included. */
export const menuPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:menu',
  description: 'The menu Workbench.',
  autoStart: true,
  requires: [IWorkbench, IMainMenu],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, shared: IWorkbench, bar: IMainMenu, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const menu = new RankedMenu({ commands: app.commands, rank: PLACE });
    menu.id = 'jp-mainmenu-workbench';
    menu.title.label = trans.__('Workbench');
    const offer = (page: PageKind): void => {
      if (page.front) {
        menu.addItem({ command: frontCommand(page), rank: page.front.rank ?? LAST });
      }
    };
    menu.addItem({ command: SEARCH, rank: 0 });
    menu.addItem({ type: 'separator', rank: 1 });
    shared.pages.all().forEach(offer);
    shared.pages.added.connect((_: IPages, page: PageKind) => offer(page));
    menu.addItem({ type: 'separator', rank: LAST + 1 });
    menu.addItem({ command: RUN, rank: LAST + 2 });
    menu.addItem({ command: PROMOTE, rank: LAST + 3 });
    menu.addItem({ type: 'separator', rank: LAST + 4 });
    menu.addItem({ command: REFRESH, rank: LAST + 5 });
    menu.addItem({ command: TOUR, rank: LAST + 6 });
    bar.addMenu(menu, true, { rank: PLACE });
  }
};
