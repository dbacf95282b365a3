import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import { CATEGORY } from '../pages/plugin';
import { IWorkbench } from '../tokens';
import { Chip } from './chip';
import { Hover } from './hover';
import { showNotes } from './notes';
import { Standing } from './standing';
import { Context, isNotebookTab, pathOf } from './tab';
import { showTimes } from './times';

export const RUN = 'workbench:run-as-step';
export const PROMOTE = 'workbench:promote-notebook';
const RELOAD = 'workbench:reload-notebook';
/** Where Lab keeps what extends its notebooks. */
const FACTORY = 'Notebook';
/** Before the name of the kernel, which is at the right. */
const PLACE = 10;

const ARGS = { args: { type: 'object', properties: { path: { type: 'string' } } } } as const;

/** Gives open notebooks their chip, durations, notes and cards, and the commands that make steps of them. */
export const notebookPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:notebook',
  description: 'What Workbench knows of an open notebook: its step, its durations, who reads what it makes.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    shared: IWorkbench,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const contexts = new Map<Context, Standing>();
    const openDataset = (name: string): void => shared.pages.open('dataset', name);
    addCommands(app, contexts, trans.__('Run Notebook as Step…'), trans.__('Promote Notebook to Pipeline…'), shared);
    palette?.addItem({ command: RUN, category: CATEGORY });
    palette?.addItem({ command: PROMOTE, category: CATEGORY });
    app.docRegistry.addWidgetExtension(FACTORY, {
      createNew: (widget: Widget, context: Context) => {
        if (!isNotebookTab(widget)) {
          return undefined;
        }
        const standing = new Standing(shared.client, shared.live, () => context.path);
        const chip = new Chip(standing, trans, path => shared.pages.open('notebook', path));
        const hover = new Hover(widget, shared.client, trans, openDataset);
        const show = (): void => {
          showTimes(widget, standing.told?.times.cells ?? [], trans);
          showNotes(widget, standing.told?.notes.notes ?? [], trans, openDataset);
        };
        const saved = (_: unknown, state: string): void => {
          if (state === 'completed') {
            standing.soon();
          }
        };
        contexts.set(context, standing);
        widget.toolbar.insertItem(PLACE, 'workbench-chip', chip);
        standing.changed.connect(show);
        widget.content.modelContentChanged.connect(show);
        context.saveState.connect(saved);
        let isDisposed = false;
        return {
          get isDisposed() {
            return isDisposed;
          },
          dispose: () => {
            isDisposed = true;
            context.saveState.disconnect(saved);
            widget.content.modelContentChanged.disconnect(show);
            standing.dispose();
            hover.dispose();
            chip.dispose();
            contexts.delete(context);
          }
        };
      }
    });
  }
};

function addCommands(
  app: JupyterFrontEnd,
  contexts: ReadonlyMap<Context, Standing>,
  run: string,
  promote: string,
  shared: IWorkbench
): void {
  const context = (path: unknown): Context | undefined => {
    const current = app.shell.currentWidget as { context?: Context } | null;
    const wanted = typeof path === 'string' ? path : current?.context && pathOf(current.context.path);
    return [...contexts.keys()].find(each => pathOf(each.path) === wanted);
  };
  const open =
    (kind: string) =>
    async (args: Readonly<Partial<Record<string, unknown>>>): Promise<void> => {
      const found = context(args['path']);
      if (found) {
        if (found.model.dirty) {
          await found.save(); // what is planned and proposed is the file
        }
        shared.pages.open(kind, pathOf(found.path));
      }
    };
  const isEnabled = (): boolean => context(undefined) !== undefined;
  app.commands.addCommand(RUN, { label: run, describedBy: ARGS, isEnabled, execute: open('notebook') });
  app.commands.addCommand(PROMOTE, { label: promote, describedBy: ARGS, isEnabled, execute: open('promotion') });
  app.commands.addCommand(RELOAD, {
    describedBy: ARGS,
    execute: async args => {
      const found = context(args['path']);
      await found?.revert();
      if (found) {
        contexts.get(found)?.soon(); // its pipeline may be all that is new
      }
    }
  });
  app.shell.currentChanged?.connect(() => {
    app.commands.notifyCommandChanged(RUN);
    app.commands.notifyCommandChanged(PROMOTE);
  });
}
