import '../../../style/graph.css';

import type { TranslationBundle } from '@jupyterlab/translation';
import type { Drag } from '@lumino/dragdrop';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { Problem } from '../../api/client';
import type { Sketched, SketchStep } from '../../api/types';
import { GraphView } from '../../components/graph/view';
import type { Actions } from './actions';
import { withoutPlace } from './change';
import { notebooksOf } from './paths';
import type { Sketching } from './sketching';

/** What the file browser calls that which is dragged out of it. */
const CONTENTS = 'application/x-jupyter-icontents';
const DROP = 'wb-mod-drop';
const DRAGS = ['lm-dragenter', 'lm-dragover', 'lm-dragleave', 'lm-drop'];
/** Faults that are listed; the text shows them all. */
const MOST = 20;

/** A button that acts on the step that is looked at, or on none. */
interface Tool {
  node: HTMLButtonElement;
  needsStep: boolean;
}

/** The graph of a pipeline file: it is what the text says, and what is done to it is done to the text. */
export class GraphPane extends Widget {
  constructor(
    private readonly _sketching: Sketching,
    private readonly _actions: Actions,
    private readonly _reveal: (line: number, column: number) => void,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('wb-Themed');
    this.addClass('wb-PipelineGraph');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _trans.__('Graph of the pipeline'));
    const bar = this._child('div', 'wb-PipelineGraph-bar');
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', _trans.__('Edit the pipeline'));
    bar.dataset['jpUndoer'] = 'true'; // what a button did is undone by the same keys as what was typed
    this._tool(bar, _trans.__('Add step'), false, () => _actions.add());
    this._tool(bar, _trans.__('Rename'), true, step => _actions.rename(step));
    this._tool(bar, _trans.__('Notebook'), true, step => _actions.notebook(step));
    this._tool(bar, _trans.__('Wait for'), true, step => _actions.wait(step));
    this._tool(bar, _trans.__('Parameter'), true, step => _actions.parameter(step));
    this._tool(bar, _trans.__('Remove'), true, step => _actions.remove(step));
    const page = button(_trans.__('Open page'), () => _actions.page());
    page.title = _trans.__('The plan of this pipeline, its runs, and the form to run it with');
    bar.appendChild(page);
    this._told = this._child('div', 'wb-PipelineGraph-told');
    this._told.setAttribute('role', 'status');
    this._faults = this._child('ul', 'wb-PipelineGraph-faults');
    this._faults.setAttribute('aria-label', _trans.__('Faults in the file'));
    const picture = this._child('div', 'wb-PipelineGraph-view');
    picture.dataset['jpUndoer'] = 'true';
    this._view = new GraphView(picture, {
      onSelect: id => this._select(id),
      onClear: () => this._select(''),
      onOpen: id => this._open(id),
      onGroups: opened => {
        _sketching.opened = opened;
        void _sketching.look();
      },
      translate: text => _trans.__(text)
    });
    _sketching.changed.connect(this._renew, this);
    this._renew();
  }

  /** Whether the text may be changed; what would change it cannot be pressed otherwise. */
  set writable(writable: boolean) {
    this._writable = writable;
    this._renew();
  }

  /** Lumino's drags come as events of the document. */
  handleEvent(event: Event): void {
    const drag = event as Drag.Event;
    const notebooks = this._writable ? notebooksOf(drag.mimeData.getData(CONTENTS)) : [];
    if (event.type === 'lm-dragleave') {
      this.removeClass(DROP);
    }
    if (notebooks.length === 0 || event.type === 'lm-dragleave') {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    drag.dropAction = drag.proposedAction;
    this.toggleClass(DROP, event.type !== 'lm-drop');
    if (event.type === 'lm-drop') {
      void this._do(async () => {
        let last = '';
        for (const notebook of notebooks) {
          last = await this._sketching.edit({ kind: 'add', to: notebook });
        }
        return last;
      });
    }
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._sketching.changed.disconnect(this._renew, this);
    this._view.dispose();
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    DRAGS.forEach(type => this.node.addEventListener(type, this));
  }

  protected override onBeforeDetach(message: Message): void {
    DRAGS.forEach(type => this.node.removeEventListener(type, this));
    super.onBeforeDetach(message);
  }

  private _child(tag: string, name: string): HTMLElement {
    const made = document.createElement(tag);
    made.className = name;
    this.node.appendChild(made);
    return made;
  }

  private _tool(
    bar: HTMLElement,
    text: string,
    needsStep: boolean,
    act: (step: SketchStep) => Promise<string | null>
  ): void {
    const node = button(text, () => {
      const step = this._step() ?? NONE;
      void this._do(() => act(step));
    });
    bar.appendChild(node);
    this._tools.push({ node, needsStep });
  }

  /** Does something to the text, looks at the step it was about, and says what went wrong. */
  private async _do(act: () => Promise<string | null>): Promise<void> {
    try {
      const step = await act();
      if (step !== null) {
        this._refusal = '';
        this._selected = `step:${step}`;
        this._view.select(this._selected, false);
      }
    } catch (reason) {
      this._refusal = saying(reason);
      this._refused = this._sketching.text;
    }
    this._renew();
  }

  private _renew(): void {
    const { sketch, error } = this._sketching;
    if (sketch?.drawing && sketch.drawing !== this._drawn) {
      this._drawn = sketch.drawing;
      this._view.show(sketch.drawing);
    }
    const faults = sketch?.faults ?? [];
    this.toggleClass('wb-mod-old', faults.length > 0 && !sketch?.drawing);
    this._list(faults);
    if (this._sketching.text !== this._refused) {
      this._refusal = '';
    }
    const problem = error instanceof Problem && error.code ? error : null;
    const known = error || !sketch ? null : sketch;
    this._told.textContent = problem
      ? saying(problem)
      : error
        ? this._trans.__('The server cannot be reached; the graph is that of the text before.')
        : this._refusal || (known ? this._hint(known) : '');
    this._mark();
  }

  /** What is worth knowing where nothing went wrong. */
  private _hint(sketch: Sketched): string {
    if (!this._writable) {
      return this._trans.__('This file is read-only.');
    }
    return sketch.drawing && sketch.steps.length === 0
      ? this._trans.__('Drag a notebook here from the file browser to make it a step.')
      : '';
  }

  /** Lists the faults; each leads to its place in the text. */
  private _list(faults: Sketched['faults']): void {
    const items = faults.slice(0, MOST).map(({ error: fault, line, column }) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'wb-Link';
      button.textContent = this._trans.__('Line %1: %2 (%3)', String(line), withoutPlace(fault.what), fault.code);
      item.append(button, ...[fault.cause, fault.next].filter(Boolean).map(text => paragraph(text)));
      button.addEventListener('click', () => this._reveal(line, column));
      return item;
    });
    if (faults.length > MOST) {
      const rest = document.createElement('li');
      rest.textContent = this._trans.__('and %1 more, marked in the text', String(faults.length - MOST));
      items.push(rest);
    }
    this._faults.replaceChildren(...items);
    this._faults.hidden = items.length === 0;
  }

  private _mark(): void {
    const step = this._step();
    for (const { node, needsStep } of this._tools) {
      node.disabled = !this._writable || (needsStep && !step);
    }
  }

  private _step(): SketchStep | undefined {
    return this._sketching.sketch?.steps.find(each => each.id === this._selected);
  }

  private _select(id: string): void {
    this._selected = id;
    this._mark();
  }

  /** A step leads to its notebook, a dataset to its page. */
  private _open(id: string): void {
    const step = this._sketching.sketch?.steps.find(each => each.id === id);
    if (step) {
      this._actions.open(step.notebook);
    } else if (!id.startsWith('group:')) {
      this._actions.dataset(id);
    }
  }

  private readonly _view: GraphView;
  private readonly _told: HTMLElement;
  private readonly _faults: HTMLElement;
  private readonly _tools: Tool[] = [];
  private _drawn: unknown = null;
  private _selected = '';
  private _writable = true;
  /** Why the last edit was refused, which is told until the text is another one. */
  private _refusal = '';
  private _refused = '';
}

function saying(reason: unknown): string {
  const problem = reason instanceof Problem ? reason : null;
  const what = problem?.message ?? String((reason as Error).message ?? reason);
  return [problem?.code, what, problem?.cause].filter(Boolean).join(' – ');
}

function button(text: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'wb-Button wb-mod-small';
  made.textContent = text;
  made.addEventListener('click', act);
  return made;
}

function paragraph(text: string): HTMLElement {
  const made = document.createElement('div');
  made.textContent = text;
  return made;
}

/** Stands for no step where none is needed. */
const NONE: SketchStep = {
  id: '',
  name: '',
  notebook: '',
  line: 1,
  column: 1,
  reads: [],
  writes: [],
  after: [],
  given: {},
  parameters: {}
};
