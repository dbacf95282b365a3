import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { WidgetTracker, showErrorMessage } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import { pipelineIcon } from '../../icons';
import { IWorkbench } from '../../tokens';
import type { PipelineDocument } from './editor';
import { PipelineFileFactory } from './editor';
import { pipelineOf } from './paths';

/** What the view is called in saved layouts and in "Open With". */
const FACTORY = 'Workbench Pipeline';

/** Opens the files of pipelines as text and graph side by side; other YAML files stay with Lab's own editor. */
export const pipelineFilePlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:pipeline-files',
  description: 'Opens pipelines/*.yaml as text and graph side by side.',
  autoStart: true,
  requires: [IWorkbench, IEditorServices],
  optional: [ILayoutRestorer, IMainMenu, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    shared: IWorkbench,
    services: IEditorServices,
    restorer: ILayoutRestorer | null,
    menu: IMainMenu | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const tracker = new WidgetTracker<PipelineDocument>({ namespace: 'workbench-pipeline-files' });
    const reach = {
      open: (path: string): void => void app.commands.execute('docmanager:open', { path }),
      dataset: (name: string): void => shared.pages.open('dataset', name),
      page: (pipeline: string): void => shared.pages.open('pipeline', pipeline)
    };
    const factory = new PipelineFileFactory(
      { name: FACTORY, label: trans.__('Pipeline'), fileTypes: ['yaml'], modelName: 'text' },
      services,
      async file => {
        try {
          const { putBeside } = await import('./beside');
          if (!file.isDisposed) {
            putBeside(file, shared.client, reach, trans);
          }
        } catch (reason) {
          void showErrorMessage(trans.__('The graph of this file cannot be shown'), String(reason));
        }
      }
    );
    app.docRegistry.addWidgetFactory(factory);
    preferFor(app.docRegistry, FACTORY, path => pipelineOf(path) !== undefined);
    factory.widgetCreated.connect((_, widget) => {
      widget.title.icon = pipelineIcon;
      widget.context.pathChanged.connect(() => void tracker.save(widget));
      void tracker.add(widget);
    });
    if (menu) {
      letMenuUndo(app, menu, tracker);
    }
    void restorer?.restore(tracker, {
      command: 'docmanager:open',
      args: widget => ({ path: widget.context.path, factory: FACTORY }),
      name: widget => widget.context.path
    });
  }
};

/** Lets the edit menu undo what was done to the text or to the graph; the keys of it are Lab's, and ask the menu. */
function letMenuUndo(app: JupyterFrontEnd, menu: IMainMenu, tracker: WidgetTracker<PipelineDocument>): void {
  const isEnabled = (widget: Widget): boolean => tracker.has(widget);
  const commands = {
    undo: () => tracker.currentWidget?.content.editor.undo(),
    redo: () => tracker.currentWidget?.content.editor.redo()
  };
  for (const [name, act] of Object.entries(commands)) {
    const id = `workbench:pipeline-file-${name}`;
    app.commands.addCommand(id, {
      execute: act,
      isEnabled: () => tracker.currentWidget !== null && tracker.currentWidget === app.shell.currentWidget
    });
    menu.editMenu.undoers[name as 'undo' | 'redo'].add({ id, isEnabled });
  }
}

/**
 * Lets a factory come first for the paths that are `meant`, and not at all for others.
 *
 * Lab tells kinds of files by their names alone, never by their folders, so that no file type could say this.
 */
export function preferFor(registry: DocumentRegistry, name: string, meant: (path: string) => boolean): void {
  const preferred = registry.preferredWidgetFactories.bind(registry);
  registry.preferredWidgetFactories = path => {
    const found = preferred(path);
    const others = found.filter(each => each.name !== name);
    return meant(path) ? [...found.filter(each => each.name === name), ...others] : others;
  };
}
