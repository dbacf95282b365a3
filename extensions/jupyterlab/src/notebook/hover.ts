import type { TranslationBundle } from '@jupyterlab/translation';

import { Client, Problem } from '../api/client';
import type { Dataset } from '../api/types';
import { ago, count } from '../components/format';
import { CellTab, cellsOf, NotebookTab } from './tab';

/** Milliseconds that the pointer rests on a name before the card comes, and that it may be away before the card goes. */
const REST = 350;
/** Milliseconds for which what was heard of a dataset is still good. */
const FRESH = 30_000;
const COLUMNS = 12;
const NAME = /[a-z]\w*\.[a-z]\w*/g;

interface Known {
  at: number;
  dataset: Promise<Dataset | null>;
}

/** A card with what is known of a dataset, while the pointer rests on its name in a cell. */
export class Hover {
  private readonly _known = new Map<string, Known>();
  private _card: HTMLElement | null = null;
  private _shown = '';
  private _timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly _tab: NotebookTab,
    private readonly _client: Client,
    private readonly _trans: TranslationBundle,
    private readonly _open: (dataset: string) => void
  ) {
    const { node } = _tab.content;
    node.addEventListener('mousemove', this._move);
    node.addEventListener('mouseleave', this._leave);
    node.addEventListener('scroll', this._scroll, true);
    document.addEventListener('keydown', this._key, true);
  }

  dispose(): void {
    const { node } = this._tab.content;
    node.removeEventListener('mousemove', this._move);
    node.removeEventListener('mouseleave', this._leave);
    node.removeEventListener('scroll', this._scroll, true);
    document.removeEventListener('keydown', this._key, true);
    this._hide();
  }

  private readonly _move = (event: MouseEvent): void => {
    clearTimeout(this._timer);
    const { clientX, clientY } = event;
    this._timer = setTimeout(() => void this._rest(clientX, clientY), REST);
  };

  private readonly _leave = (event: MouseEvent): void => {
    clearTimeout(this._timer);
    if (!this._card?.contains(event.relatedTarget as Node | null)) {
      this._timer = setTimeout(this._hide, REST);
    }
  };

  private readonly _key = (event: KeyboardEvent): void => {
    clearTimeout(this._timer);
    if (this._card && (event.key === 'Escape' || !this._card.contains(event.target as Node))) {
      this._hide();
    }
  };

  /** What moves below the pointer is no longer what the card is about; a pointer that rests is still looked at. */
  private readonly _scroll = (): void => this._drop();

  private readonly _hide = (): void => {
    clearTimeout(this._timer);
    this._drop();
  };

  private _drop(): void {
    this._card?.remove();
    this._card = null;
    this._shown = '';
  }

  private async _rest(left: number, top: number): Promise<void> {
    const name = this._named(left, top);
    if (name === this._shown) {
      return;
    }
    this._hide();
    this._shown = name;
    const found = name ? await this._ask(name) : null;
    if (found && this._shown === name) {
      this._show(found, left, top);
    }
  }

  /** The name below the pointer, if that could be one of a dataset. */
  private _named(left: number, top: number): string {
    const below = document.elementFromPoint(left, top);
    const cell = [...cellsOf(this._tab).values()].find(each => each.node.contains(below));
    if (!below?.closest('.cm-line') || !cell?.editor) {
      return '';
    }
    const position = positionAt(cell, left, top);
    const line = position ? (cell.editor.getLine(position.line) ?? '') : '';
    return position ? nameAt(line, position.column) : '';
  }

  private _ask(name: string): Promise<Dataset | null> {
    const known = this._known.get(name);
    if (known && Date.now() - known.at < FRESH) {
      return known.dataset;
    }
    const dataset = this._client.dataset(name).catch((error: unknown) => {
      if (!(error instanceof Problem)) {
        throw error;
      }
      return null; // `np.mean` looks like a dataset too
    });
    this._known.set(name, { at: Date.now(), dataset });
    return dataset;
  }

  private _show(of: Dataset, left: number, top: number): void {
    const card = document.createElement('div');
    card.className = 'wb-HoverCard wb-Themed';
    card.setAttribute('role', 'tooltip');
    card.append(...pieces(of, this._trans, () => this._opened(of.name)));
    card.addEventListener('mouseenter', () => clearTimeout(this._timer));
    card.addEventListener('mouseleave', this._hide);
    document.body.append(card);
    const box = card.getBoundingClientRect();
    card.style.left = `${Math.max(4, Math.min(left, window.innerWidth - box.width - 4))}px`;
    card.style.top = `${top + 16 + box.height > window.innerHeight ? Math.max(4, top - box.height - 12) : top + 16}px`;
    this._card = card;
  }

  private _opened(name: string): void {
    this._hide();
    this._open(name);
  }
}

/** The name with a dot around a column of a line, empty when there is none. */
export function nameAt(line: string, column: number): string {
  for (const found of line.matchAll(NAME)) {
    if (found.index <= column && column <= found.index + found[0].length) {
      return found[0];
    }
  }
  return '';
}

function positionAt(cell: CellTab, left: number, top: number): { line: number; column: number } | null {
  try {
    return cell.editor?.getPositionForCoordinate({ left, top, right: left, bottom: top }) ?? null;
  } catch {
    return null; // the editor is being drawn
  }
}

/** What the card says: meaning, state, owner, columns. */
function pieces(of: Dataset, trans: TranslationBundle, open: () => void): HTMLElement[] {
  const head = document.createElement('button');
  head.type = 'button';
  head.className = 'wb-Link';
  head.textContent = of.name;
  head.onclick = open;
  const told = [head, paragraph(of.description)];
  if (of.snapshot) {
    const { version, rows, created_at } = of.snapshot;
    told.push(paragraph(trans.__('Version %1, %2 rows, %3', version, count(rows), ago(created_at))));
  } else {
    told.push(paragraph(trans.__('No data yet')));
  }
  const failing = of.results.filter(result => result.outcome !== 'pass').length;
  if (of.results.length) {
    const said = failing
      ? trans._n('%1 check does not hold', '%1 checks do not hold', failing)
      : trans._n('its check holds', 'all %1 checks hold', of.results.length);
    told.push(paragraph(said));
  }
  told.push(paragraph(of.owner && trans.__('Owner: %1', of.owner)));
  const names = of.columns.slice(0, COLUMNS).map(column => `${column.name} ${column.type}`);
  const more = of.columns.length - names.length;
  told.push(paragraph([...names, ...(more > 0 ? [trans.__('%1 more', more)] : [])].join(', '), 'wb-Soft'));
  return told.filter(piece => piece.textContent !== '');
}

function paragraph(text: string, name = ''): HTMLElement {
  const made = document.createElement('p');
  made.textContent = text;
  made.className = name;
  return made;
}
