import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';
import type { Widget } from '@lumino/widgets';

/** What notebooks take cells by, and what cells look like in it. */
const CELLS = 'application/vnd.jupyter.cells';

/** As much of a notebook's tab as is needed: its package would bring all that draws notebooks along. */
export interface NotebookTab extends Widget {
  readonly content: {
    activeCellIndex: number;
    readonly model: {
      readonly sharedModel: {
        readonly cells: readonly { getSource(): string }[];
        insertCell(index: number, cell: { cell_type: 'code'; source: string }): unknown;
      };
    } | null;
  };
}

function isNotebook(widget: Widget | null): widget is NotebookTab {
  const content = (widget as NotebookTab | null)?.content;
  return typeof content?.activeCellIndex === 'number' && typeof content.model?.sharedModel?.insertCell === 'function';
}

/** The notebook that is in front, or else one in view. */
export function notebookInView(app: JupyterFrontEnd): NotebookTab | null {
  const current = app.shell.currentWidget;
  if (isNotebook(current)) {
    return current;
  }
  for (const widget of app.shell.widgets('main')) {
    if (widget.isVisible && isNotebook(widget)) {
      return widget;
    }
  }
  return null;
}

/** The sources of its cells. */
export function sources(tab: NotebookTab | null): readonly string[] {
  return tab?.content.model?.sharedModel.cells.map(cell => cell.getSource()) ?? [];
}

/** Puts a code cell below the one that is active, and makes it the active one. */
export function insertCell(tab: NotebookTab, source: string): void {
  const { content } = tab;
  const model = content.model?.sharedModel;
  if (model) {
    const index = model.cells.length === 0 ? 0 : content.activeCellIndex + 1;
    model.insertCell(index, { cell_type: 'code', source });
    content.activeCellIndex = index;
  }
}

/** Something to drag: `text` for where text goes, such as into a cell, and `cell` for between the cells. */
export function dragOf(text: string, cell: string): Drag {
  const mimeData = new MimeData();
  mimeData.setData('text/plain', text);
  mimeData.setData(CELLS, [{ cell_type: 'code', source: cell, metadata: {}, outputs: [], execution_count: null }]);
  const dragImage = document.createElement('div');
  dragImage.className = 'wb-Themed wb-Drag';
  dragImage.textContent = text;
  return new Drag({ mimeData, dragImage, proposedAction: 'copy', supportedActions: 'copy' });
}
