import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { cellCode, readCode } from '../api/reads';
import { workbenchIcon } from '../icons';
import { CATEGORY } from '../pages/plugin';
import { IWorkbench } from '../tokens';
import { addDatasetCommands } from './commands';
import { dragOf, notebookInView, sources } from './notebook';
import { CatalogPanel } from './panel';

export const SEARCH = 'workbench:search';
export const REFRESH = 'workbench:refresh';

/** Puts the catalog into the left sidebar. */
export const catalogPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:catalog',
  description: 'The catalog in the left sidebar, with search as you type.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ILayoutRestorer, ICommandPalette, ITranslator, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    shared: IWorkbench,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    launcher: ILauncher | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const panel = new CatalogPanel({
      client: shared.client,
      live: shared.live,
      trans,
      open: dataset => shared.pages.open('dataset', dataset),
      begin: () => shared.pages.open('start', ''),
      drag: (dataset, x, y) => {
        const { language } = shared.wishes;
        const cell = cellCode(dataset, language, sources(notebookInView(app)));
        void dragOf(readCode(dataset, language), cell).start(x, y);
      }
    });
    panel.title.icon = workbenchIcon;
    panel.title.caption = trans.__('Workbench catalog');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Workbench catalog'));
    app.shell.add(panel, 'left', { rank: 650, type: 'Workbench' });
    restorer?.add(panel, panel.id);
    addDatasetCommands(app, shared, trans);
    app.commands.addCommand(SEARCH, {
      label: trans.__('Search the Catalog'),
      caption: trans.__('Find a dataset, see whether it is good, and read it in a notebook'),
      icon: workbenchIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(panel.id);
        panel.focusSearch();
      }
    });
    app.commands.addCommand(REFRESH, {
      label: trans.__('Refresh the Catalog'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => panel.refresh()
    });
    for (const command of [SEARCH, REFRESH]) {
      palette?.addItem({ command, category: CATEGORY });
    }
    launcher?.add({ command: SEARCH, category: CATEGORY, rank: 0 });
  }
};
