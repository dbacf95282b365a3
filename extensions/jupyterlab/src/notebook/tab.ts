import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

/** What extends Lab's notebooks, and the open document that it is handed. */
export type Extension = Parameters<JupyterFrontEnd['docRegistry']['addWidgetExtension']>[1];
export type Context = Parameters<Extension['createNew']>[1];

/** As much of an editor as is needed here. */
export interface Editor {
  getLine(line: number): string | undefined;
  getPositionForCoordinate(place: { left: number; right: number; top: number; bottom: number }): {
    line: number;
    column: number;
  } | null;
}

/** As much of a cell as is needed here; its editor is null until it comes into view. */
export interface CellTab extends Widget {
  readonly model: { readonly id: string; readonly type: string };
  readonly editor: Editor | null;
}

/** As much of a notebook as is needed here: the package of notebooks would bring all that draws them along. */
export interface NotebookContent extends Widget {
  readonly widgets: readonly CellTab[];
  readonly modelContentChanged: ISignal<unknown, unknown>;
}

/** A notebook in a tab, as an extension of its kind of widget is handed it. */
export interface NotebookTab extends Widget {
  readonly content: NotebookContent;
  readonly toolbar: { insertItem(index: number, name: string, widget: Widget): boolean };
}

/** Whether a widget has what is needed here; a Lab that builds its notebooks otherwise goes without. */
export function isNotebookTab(widget: unknown): widget is NotebookTab {
  const tab = widget as Partial<NotebookTab> | null;
  return Array.isArray(tab?.content?.widgets) && typeof tab.toolbar?.insertItem === 'function';
}

/** The cells by their ids. */
export function cellsOf(tab: NotebookTab): Map<string, CellTab> {
  return new Map(tab.content.widgets.map(cell => [cell.model.id, cell]));
}

/** The path below the root of the server, without the drive that a collaborator's document is on. */
export function pathOf(path: string): string {
  return path.replace(/^[^:/]*:/, '');
}
