import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { OPEN } from './pages/registry';
import { CATALOG } from './panel/panel';
import { SEARCH } from './panel/plugin';
import { IWorkbench } from './tokens';

/** The parameter that says what to begin with: `catalog`, or the kind of a page; `wb lab` says `start`. */
const PARAMETER = 'workbench';
/** The one that says what the page is about. */
const SUBJECT = 'subject';

/** Shows what the address asks for, and takes that out of it: a reload brings back what was open, and nothing else. */
export const arrivalPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:arrival',
  description: 'What the address of JupyterLab begins with.',
  autoStart: true,
  requires: [IWorkbench],
  activate: (app: JupyterFrontEnd, shared: IWorkbench) => {
    const address = new URL(window.location.href);
    const asked = address.searchParams.get(PARAMETER);
    if (asked === null) {
      return;
    }
    const subject = address.searchParams.get(SUBJECT) ?? '';
    address.searchParams.delete(PARAMETER);
    address.searchParams.delete(SUBJECT);
    window.history.replaceState(window.history.state, '', address);
    const arrive = async (): Promise<void> => {
      await Promise.all([app.restored, shared.wishes.ready]);
      if (asked === 'catalog' || !shared.pages.get(asked) || (asked === 'start' && !shared.wishes.startPage)) {
        await app.commands.execute(SEARCH);
        return;
      }
      await app.commands.execute(OPEN, { kind: asked, subject }); // first: Lab fills an empty main area itself
      if (asked === 'start') {
        app.shell.activateById(CATALOG);
      }
    };
    arrive().catch((reason: unknown) => console.warn('Workbench could not show what was asked for:', reason));
  }
};
