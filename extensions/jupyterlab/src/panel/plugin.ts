import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { workbenchIcon } from '../icons';
import { IWorkbench } from '../tokens';
import { CatalogPanel } from './panel';

const SEARCH = 'workbench:search';

/** Puts the catalog into the left sidebar. */
export const catalogPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:catalog',
  description: 'The catalog in the left sidebar, with search as you type.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    shared: IWorkbench,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const panel = new CatalogPanel(shared.client, trans, dataset => shared.pages.open('dataset', dataset));
    panel.title.icon = workbenchIcon;
    panel.title.caption = trans.__('Workbench catalog');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Workbench catalog'));
    app.shell.add(panel, 'left', { rank: 650, type: 'Workbench' });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(SEARCH, {
      label: trans.__('Search the Catalog'),
      icon: workbenchIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        app.shell.activateById(panel.id);
        panel.focusSearch();
      }
    });
    palette?.addItem({ command: SEARCH, category: 'Workbench' });
    if (new URLSearchParams(window.location.search).get('workbench') === 'catalog') {
      void app.restored.then(() => app.commands.execute(SEARCH)); // `wb lab` opens this address
    }
  }
};
