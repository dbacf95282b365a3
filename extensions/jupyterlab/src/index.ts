import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { Client } from './api/client';
import { Live } from './api/live';
import { PAGES } from './pages';
import { pipelineFilePlugin } from './pages/pipelinefile/plugin';
import { pagesPlugin } from './pages/plugin';
import { menuPlugin } from './menu';
import { notebookPlugin } from './notebook/plugin';
import { Pages } from './pages/registry';
import { catalogPlugin } from './panel/plugin';
import { runsPlugin } from './runs/plugin';
import { SETTINGS, Wishes } from './settings';
import { statusPlugin } from './status/plugin';
import { arrivalPlugin } from './arrival';
import { tourPlugin } from './tour/plugin';
import { IPages, IWorkbench } from './tokens';

/** The client, what it hears of runs, the settings and the registry of pages, which everything else asks for. */
const workbench: JupyterFrontEndPlugin<IWorkbench> = {
  id: SETTINGS,
  description: 'The client of the Workbench server, the settings and the registry of pages.',
  autoStart: true,
  optional: [ISettingRegistry],
  provides: IWorkbench,
  activate: (app: JupyterFrontEnd, registry: ISettingRegistry | null): IWorkbench => {
    const client = new Client(app.serviceManager.serverSettings);
    const live = new Live(app.serviceManager.serverSettings, client);
    const wishes = new Wishes();
    const pages = new Pages(app.commands);
    PAGES.forEach(page => pages.add(page));
    if (registry) {
      wishes.follow(registry);
    }
    void app.restored.then(() => live.start()); // nothing of it is needed for Lab to show itself
    return { client, live, pages, wishes };
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

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  workbench,
  registry,
  catalogPlugin,
  pagesPlugin,
  pipelineFilePlugin,
  statusPlugin,
  runsPlugin,
  notebookPlugin,
  tourPlugin,
  menuPlugin,
  arrivalPlugin
];
export default plugins;
export { IPages, IWorkbench };
