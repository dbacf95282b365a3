import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { PageTab, key } from './host';
import { OPEN } from './registry';
import { IWorkbench } from '../tokens';

/** Opens pages as tabs, each once, and brings them back after a reload. */
export const pagesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:pages',
  description: 'Opens the pages of Workbench as tabs of the main area.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    shared: IWorkbench,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const tracker = new WidgetTracker<PageTab>({ namespace: 'workbench-pages' });
    app.commands.addCommand(OPEN, {
      label: trans.__('Open a Workbench Page'),
      describedBy: {
        args: {
          type: 'object',
          required: ['kind', 'subject'],
          properties: { kind: { type: 'string' }, subject: { type: 'string' } }
        }
      },
      execute: async args => {
        const kind = String(args['kind']);
        const subject = String(args['subject']);
        let tab = tracker.find(open => open.kind === kind && open.subject === subject);
        if (!tab) {
          tab = new PageTab(kind, subject, { ...shared, trans });
          await tracker.add(tab);
        }
        if (!tab.isAttached) {
          app.shell.add(tab, 'main', { type: 'Workbench' });
        }
        app.shell.activateById(tab.id);
        return tab;
      }
    });
    void restorer?.restore(tracker, {
      command: OPEN,
      args: tab => ({ kind: tab.kind, subject: tab.subject }),
      name: tab => key(tab.kind, tab.subject)
    });
  }
};
