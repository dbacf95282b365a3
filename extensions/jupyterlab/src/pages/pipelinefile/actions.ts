import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { SketchStep } from '../../api/types';
import type { Sketching } from './sketching';

/** How far the actions reach beyond the file. */
export interface Reach {
  /** Opens a file of the project. */
  open: (path: string) => void;
  /** Opens the page of a dataset. */
  dataset: (name: string) => void;
  /** Opens the page of this pipeline: its plan, its runs, and the form to run it with. */
  page: () => void;
}

/** What people do to the graph: each asks what it needs, edits the text, and gives the step it was about, if any. */
export class Actions {
  constructor(
    private readonly _sketching: Sketching,
    private readonly _reach: Reach,
    private readonly _trans: TranslationBundle
  ) {}

  open(notebook: string): void {
    this._reach.open(notebook);
  }

  dataset(name: string): void {
    this._reach.dataset(name);
  }

  page(): void {
    this._reach.page();
  }

  async add(): Promise<string | null> {
    const trans = this._trans;
    const to = await this._text(trans.__('Add a step'), trans.__('Path of its notebook'), 'notebooks/');
    return to === null ? null : this._sketching.edit({ kind: 'add', to });
  }

  async rename(step: SketchStep): Promise<string | null> {
    const to = await this._text(this._trans.__('Rename %1', step.name), this._trans.__('New name'), step.name);
    return to === null ? null : this._sketching.edit({ kind: 'rename', step: step.name, to });
  }

  async notebook(step: SketchStep): Promise<string | null> {
    const label = this._trans.__('Path of its notebook');
    const to = await this._text(this._trans.__('Notebook of %1', step.name), label, step.notebook);
    return to === null ? null : this._sketching.edit({ kind: 'notebook', step: step.name, to });
  }

  /** Waits for a step, or no longer for one that is named already. */
  async wait(step: SketchStep): Promise<string | null> {
    const others = (this._sketching.sketch?.steps ?? []).map(each => each.name).filter(name => name !== step.name);
    if (others.length === 0) {
      throw new Error(this._trans.__('There is no other step to wait for.'));
    }
    const free = this._trans.__(' (waits already; choose it to wait no longer)');
    const items = others.map(name => (step.after.includes(name) ? name + free : name));
    const chosen = await InputDialog.getItem({
      title: this._trans.__('Let %1 wait for', step.name),
      label: this._trans.__('A step that no data leads from'),
      items
    });
    const to = others[items.indexOf(chosen.value ?? '')];
    if (!chosen.button.accept || to === undefined) {
      return null;
    }
    return this._sketching.edit({ kind: step.after.includes(to) ? 'free' : 'after', step: step.name, to });
  }

  /** Sets a parameter; an empty value leaves it to the notebook again. */
  async parameter(step: SketchStep): Promise<string | null> {
    const trans = this._trans;
    const known = Object.keys((step.parameters['properties'] as Record<string, unknown> | undefined) ?? {});
    const chosen = await InputDialog.getItem({
      title: trans.__('Parameter of %1', step.name),
      label: known.length > 0 ? trans.__('One that its notebook takes') : trans.__('Its notebook names none'),
      items: [...new Set([...known, ...Object.keys(step.given)])],
      editable: true
    });
    const to = (chosen.value ?? '').trim();
    if (!chosen.button.accept || !to) {
      return null;
    }
    const old = to in step.given ? step.given[to] : '';
    const label = trans.__('Value, as JSON or as text; ${name} is a parameter of the pipeline; empty for its default');
    const given = await this._text(to, label, typeof old === 'string' ? old : JSON.stringify(old), true);
    if (given === null || (!given && !(to in step.given))) {
      return null;
    }
    const edit = { step: step.name, to };
    return this._sketching.edit(given ? { ...edit, kind: 'set', value: valueOf(given) } : { ...edit, kind: 'unset' });
  }

  async remove(step: SketchStep): Promise<string | null> {
    const trans = this._trans;
    const asked = await showDialog({
      title: trans.__('Remove %1?', step.name),
      body: trans.__('The step goes out of the file; its notebook and its data stay. Undo brings it back.'),
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Remove') })]
    });
    return asked.button.accept ? this._sketching.edit({ kind: 'remove', step: step.name }) : null;
  }

  private async _text(title: string, label: string, text: string, empty = false): Promise<string | null> {
    const asked = await InputDialog.getText({ title, label, text });
    const value = (asked.value ?? '').trim();
    return asked.button.accept && (value || empty) ? value : null;
  }
}

/** What is typed as a value: JSON where it is such, else the text itself. */
export function valueOf(typed: string): unknown {
  try {
    return JSON.parse(typed) as unknown;
  } catch {
    return typed;
  }
}
