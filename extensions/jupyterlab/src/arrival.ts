import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { OPEN } from './pages/registry';
import { CATALOG } from './panel/panel';
import { SEARCH } from './panel/plugin';
import { IWorkbench } from './tokens';

/** The parameter by which `wb lab` says what to begin with: `start`, or `catalog`. */
const PARAMETER = 'workbench';

/** Shows what the address asks for, and takes that out of it: a reload brings back what was open, and nothing else. */
export const arrivalPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:arrival',
  description: 'What wb lab begins with.',
  autoStart: true,
  requires: [IWorkbench],
  activate: (app: JupyterFrontEnd, shared: IWorkbench) => {
    const address = new URL(window.location.href);
    const asked = address.searchParams.get(PARAMETER);
    if (asked === null) {
      return;
    }
    address.searchParams.delete(PARAMETER);
    window.history.replaceState(window.history.state, '', address);
    const arrive = async (): Promise<void> => {
      await Promise.all([app.restored, shared.wishes.ready]);
      if (asked === 'start' && shared.wishes.startPage) {
        await app.commands.execute(OPEN, { kind: 'start', subject: '' }); // first: Lab fills an empty main area itself
        app.shell.activateById(CATALOG);
      } else {
        await app.commands.execute(SEARCH);
      }
    };
    arrive().catch((reason: unknown) => console.warn('Workbench could not show what was asked for:', reason));
  }
};
