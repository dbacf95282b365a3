import type { TranslationBundle } from '@jupyterlab/translation';

import type { ColumnNote } from '../api/types';
import { cellsOf, NotebookTab } from './tab';

const CLASS = 'wb-CellNotes';

/** Writes below a cell that makes a column who reads that further on; a click opens the dataset. */
export function showNotes(
  tab: NotebookTab,
  notes: readonly ColumnNote[],
  trans: TranslationBundle,
  open: (dataset: string) => void
): void {
  for (const [id, cell] of cellsOf(tab)) {
    const own = notes.filter(note => note.cell === id);
    const old = cell.node.querySelector<HTMLElement>(`:scope .${CLASS}`);
    const place = cell.node.querySelector<HTMLElement>('.jp-Cell-inputArea, .jp-InputArea');
    if (own.length === 0 || !place) {
      old?.remove();
      continue;
    }
    const list = old ?? document.createElement('div');
    list.className = `${CLASS} wb-Themed`;
    list.replaceChildren(
      ...own.map(note => {
        const line = document.createElement('button');
        line.type = 'button';
        line.className = 'wb-Link';
        line.textContent = `${note.column}: ${said(note, trans)}`;
        line.title = [...note.steps, ...note.reports].join('\n');
        line.onclick = () => open(note.dataset);
        return line;
      })
    );
    if (!old) {
      place.after(list);
    }
  }
}

/** `3 steps, 1 report read this column` */
export function said(note: ColumnNote, trans: TranslationBundle): string {
  const steps = note.steps.length ? trans._n('%1 step', '%1 steps', note.steps.length) : '';
  const reports = note.reports.length ? trans._n('%1 report', '%1 reports', note.reports.length) : '';
  const both = [steps, reports].filter(part => part !== '').join(', ');
  return note.steps.length + note.reports.length === 1
    ? trans.__('%1 reads this column', both)
    : trans.__('%1 read this column', both);
}
