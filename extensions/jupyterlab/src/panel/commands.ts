import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { cellCode, isLanguage, Language, readCode, WORDS } from '../api/reads';
import type { IWorkbench } from '../tokens';
import { insertCell, notebookInView, sources } from './notebook';

/** Milliseconds that a notification is to be seen. */
const BRIEF = 5000;

type Args = Readonly<Partial<Record<string, unknown>>>;

/** What can be done with a dataset, wherever an element bears its name as `data-wb-dataset`. */
export const DATASET_COMMANDS = {
  open: 'workbench:open-dataset',
  lineage: 'workbench:open-lineage-of',
  insert: 'workbench:insert-read',
  copyName: 'workbench:copy-name',
  copyRead: 'workbench:copy-read'
} as const;

const ARGS = {
  args: {
    type: 'object',
    properties: {
      dataset: { type: 'string', description: 'Its name; without it the one that the context menu is open on' },
      as: { type: 'string', enum: ['pandas', 'polars', 'arrow', 'duckdb', 'sql'] }
    }
  }
} as const;

/** Adds them; each takes `dataset`, or else the one that the context menu is open on. */
export function addDatasetCommands(app: JupyterFrontEnd, shared: IWorkbench, trans: TranslationBundle): void {
  const { commands } = app;
  const dataset = (args: Args): string | null => {
    const given = args['dataset'];
    if (typeof given === 'string') {
      return given;
    }
    const hit = app.contextMenuHitTest(node => node.dataset['wbDataset'] !== undefined);
    return hit?.dataset['wbDataset'] ?? null;
  };
  const language = (args: Args): Language => (isLanguage(args['as']) ? args['as'] : shared.wishes.language);
  const add = (
    id: string,
    label: (args: Args) => string,
    act: (name: string, args: Args) => void,
    more: { isEnabled?: () => boolean; isVisible?: () => boolean } = {}
  ): void => {
    commands.addCommand(id, {
      label: args => label(args),
      describedBy: ARGS,
      execute: args => {
        const name = dataset(args);
        if (name !== null) {
          act(name, args);
        }
      },
      ...more
    });
  };
  add(
    DATASET_COMMANDS.open,
    () => trans.__('Open Dataset'),
    name => shared.pages.open('dataset', name)
  );
  add(
    DATASET_COMMANDS.lineage,
    () => trans.__('Show Lineage'),
    name => shared.pages.open('lineage', name),
    { isVisible: () => shared.pages.get('lineage') !== undefined }
  );
  add(
    DATASET_COMMANDS.insert,
    args => trans.__('Insert into Notebook as %1', WORDS[language(args)]),
    (name, args) => {
      const tab = notebookInView(app);
      if (!tab) {
        const text = trans.__('Open a notebook first: the cell that reads %1 goes there.', name);
        Notification.info(text, { autoClose: BRIEF });
        return;
      }
      insertCell(tab, cellCode(name, language(args), sources(tab)));
      app.shell.activateById(tab.id);
    },
    { isEnabled: () => notebookInView(app) !== null }
  );
  add(
    DATASET_COMMANDS.copyName,
    () => trans.__('Copy Name'),
    name => Clipboard.copyToSystem(name)
  );
  add(
    DATASET_COMMANDS.copyRead,
    () => trans.__('Copy Code That Reads It'),
    (name, args) => Clipboard.copyToSystem(readCode(name, language(args)))
  );
}
