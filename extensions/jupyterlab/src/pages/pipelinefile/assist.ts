import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { autocompletion } from '@codemirror/autocomplete';
import type { Diagnostic } from '@codemirror/lint';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import { EditorView, ViewPlugin } from '@codemirror/view';

import { endOf, offsetAt, withoutPlace } from './change';
import { offersFor } from './offers';
import type { Schema } from './schema';
import type { Sketching } from './sketching';
import { spotAt } from './spot';

/** What an editor shows of a pipeline file beside its text: completions, and faults at their places. */
export class Assist {
  constructor(
    private readonly _sketching: Sketching,
    private readonly _schema: () => Promise<Schema>
  ) {
    _sketching.changed.connect(this._renew, this);
  }

  /** What an editor is given, once. */
  readonly extension: Extension = [
    ViewPlugin.define(view => {
      this._view = view;
      return {};
    }),
    autocompletion({ override: [context => this._complete(context)], icons: false }),
    lintGutter()
  ];

  /** Brings a place of the text, as the server counts it, into view and puts the cursor there. */
  reveal(line: number, column: number): void {
    const view = this._view;
    if (view) {
      const at = offsetAt(view.state.doc.toString(), line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      view.focus();
    }
  }

  dispose(): void {
    this._sketching.changed.disconnect(this._renew, this);
    this._view = null;
  }

  /** Marks the faults of the text as it is; those of an older one have no place in it, and a newer sketch is near. */
  private _renew(): void {
    const view = this._view;
    const { sketch } = this._sketching;
    const text = this._sketching.text.replace(/\r\n?/g, '\n'); // as the editor keeps it
    if (!view || !sketch || view.state.doc.toString() !== text) {
      return;
    }
    const found = sketch.faults.map(({ error, line, column }): Diagnostic => {
      const from = offsetAt(text, line, column);
      const message = [`${error.code}: ${withoutPlace(error.what)}`, error.cause, error.next]
        .filter(Boolean)
        .join('\n');
      return { from, to: endOf(text, from), severity: 'error', source: 'Workbench', message };
    });
    view.dispatch(setDiagnostics(view.state, found));
  }

  private async _complete(context: CompletionContext): Promise<CompletionResult | null> {
    const text = context.state.doc.toString();
    const spot = spotAt(text, context.pos);
    if (!spot || (!spot.typed && !context.explicit)) {
      return null;
    }
    const offers = offersFor(spot, await this._schema(), this._sketching.sketch);
    const behind = text.slice(context.pos, context.pos + 1);
    const end = spot.kind === 'key' && behind !== ':' ? ': ' : '';
    const options = offers.map(({ text: label, about }): Completion => ({
      label,
      apply: label + end,
      ...(about && { info: about })
    }));
    return options.length > 0 ? { from: spot.from, options, validFor: /^[\w.]*$/ } : null;
  }

  private _view: EditorView | null = null;
}
