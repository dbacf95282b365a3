import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

/** What is needed of the widget of a document. */
interface Opened {
  context: { ready: Promise<void> };
  /** `widgets` are the cells of a notebook. */
  content: { activeCellIndex: number; widgets?: readonly { model: { id: string } }[]; activate: () => void };
  revealed: Promise<void>;
  setFragment: (fragment: string) => void;
}

/** The command that opens a notebook at a cell; its arguments are `path` and `cell`, the id of a cell. */
export const OPEN_NOTEBOOK = 'workbench:open-notebook';

/** What pages of runs need of Lab itself. */
export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:runs',
  description: 'Opens the notebooks of runs, at a cell.',
  autoStart: true,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    app.commands.addCommand(OPEN_NOTEBOOK, {
      label: trans.__('Open a Notebook at a Cell'),
      describedBy: {
        args: {
          type: 'object',
          required: ['path'],
          properties: { path: { type: 'string' }, cell: { type: 'string' } }
        }
      },
      isVisible: () => false,
      execute: async args => {
        const cell = String(args['cell'] ?? '');
        const opened: unknown = await app.commands.execute('docmanager:open', {
          path: String(args['path']),
          factory: 'Notebook'
        });
        if (cell && isDocument(opened)) {
          await choose(opened, cell);
          opened.setFragment(`#cell-id=${encodeURIComponent(cell)}`);
        }
        return opened;
      }
    });
    const wanted = new URLSearchParams(window.location.hash.slice(1)).get('cell-id');
    if (wanted) {
      const arrive = (): void => {
        const tab: unknown = app.shell.currentWidget;
        if (isDocument(tab)) {
          void choose(tab, wanted).then(found => {
            if (found) {
              app.shell.currentChanged?.disconnect(arrive);
            }
          });
        }
      };
      app.shell.currentChanged?.connect(arrive);
    }
  }
};

/** Makes a cell the active one, as a fragment does not with one that is in view already; says whether it is there. */
async function choose(opened: Opened, cell: string): Promise<boolean> {
  await opened.context.ready;
  await opened.revealed;
  const index = opened.content.widgets?.findIndex(each => each.model.id === cell) ?? -1;
  if (index >= 0) {
    opened.content.activeCellIndex = index;
    opened.content.activate(); // keys go to it
  }
  return index >= 0;
}

/** Lab gives nothing where a file could not be opened; it has told of that by then. */
function isDocument(opened: unknown): opened is Opened {
  return (
    typeof opened === 'object' &&
    opened !== null &&
    'setFragment' in opened &&
    'context' in opened &&
    'content' in opened
  );
}
