import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Client } from './api/client';
import { PAGES } from './pages';
import { pagesPlugin } from './pages/plugin';
import { Pages } from './pages/registry';
import { catalogPlugin } from './panel/plugin';
import { IPages, IWorkbench } from './tokens';

/** The client and the registry of pages, which everything else asks for. */
const workbench: JupyterFrontEndPlugin<IWorkbench> = {
  id: 'dataops-workbench-lab:plugin',
  description: 'The client of the Workbench server and the registry of pages.',
  autoStart: true,
  provides: IWorkbench,
  activate: (app: JupyterFrontEnd): IWorkbench => {
    const pages = new Pages(app.commands);
    PAGES.forEach(page => pages.add(page));
    return { client: new Client(app.serviceManager.serverSettings), pages };
  }
};

/** The registry of pages for other extensions, which need nothing else of ours. */
const registry: JupyterFrontEndPlugin<IPages> = {
  id: 'dataops-workbench-lab:registry',
  description: 'The registry of pages, for other extensions.',
  autoStart: true,
  requires: [IWorkbench],
  provides: IPages,
  activate: (_: JupyterFrontEnd, shared: IWorkbench): IPages => shared.pages
};

const plugins: JupyterFrontEndPlugin<unknown>[] = [workbench, registry, catalogPlugin, pagesPlugin];
export default plugins;
export { IPages, IWorkbench };
