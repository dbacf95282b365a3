import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ISignal, Signal } from '@lumino/signaling';

import type { IPages, PageKind } from '../tokens';

/** The command that opens a page; its arguments are `kind` and `subject`. */
export const OPEN = 'workbench:open';

/** Kinds of pages by name. */
export class Pages implements IPages {
  private readonly _kinds = new Map<string, PageKind>();
  private readonly _added = new Signal<IPages, PageKind>(this);

  constructor(private readonly _commands: JupyterFrontEnd['commands']) {}

  get added(): ISignal<IPages, PageKind> {
    return this._added;
  }

  add(page: PageKind): void {
    if (this._kinds.has(page.kind)) {
      throw new Error(`there is a kind of page called ${page.kind} already`);
    }
    this._kinds.set(page.kind, page);
    this._added.emit(page);
  }

  get(kind: string): PageKind | undefined {
    return this._kinds.get(kind);
  }

  all(): readonly PageKind[] {
    return [...this._kinds.values()];
  }

  open(kind: string, subject: string): void {
    void this._commands.execute(OPEN, { kind, subject });
  }
}
