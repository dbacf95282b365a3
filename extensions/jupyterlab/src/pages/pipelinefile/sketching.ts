import { Signal } from '@lumino/signaling';

import type { Client } from '../../api/client';
import { Problem } from '../../api/client';
import type { Edited, EditRequest, Sketched } from '../../api/types';

/** Milliseconds of quiet after which a text is looked at. */
const QUIET = 250;
/** Milliseconds after which a server that could not be reached is asked again. */
const AGAIN = 5000;
/** How often an edit is tried again when the text has changed under it. */
const TRIES = 3;

/** An edit of the graph. */
export type Edit = Omit<EditRequest, 'text'>;

/** A text as this needs it: what it is now, and how a part of it is replaced. */
export interface Source {
  get(): string;
  replace(after: string): void;
}

/** Follows a text and knows what it says: its steps, its faults, its picture. The last picture stays where there is none. */
export class Sketching {
  constructor(
    private readonly _client: Client,
    private readonly _pipeline: () => string,
    private readonly _source: Source
  ) {}

  /** What the text said when it was last looked at. */
  sketch: Sketched | null = null;
  /** The text that `sketch` is about. */
  text = '';
  /** Why it could not be looked at, such as a server that is away. */
  error: unknown = null;
  /** The groups that are open in the picture. */
  opened: string[] = [];
  readonly changed = new Signal<this, void>(this);

  /** Looks at the text once it has been quiet for a while. */
  touch(delay = QUIET): void {
    clearTimeout(this._timer);
    this._timer = window.setTimeout(() => void this.look(), delay);
  }

  /** Looks at the text now. */
  async look(): Promise<void> {
    clearTimeout(this._timer);
    this._asked?.abort();
    const control = new AbortController();
    this._asked = control;
    const text = this._source.get();
    const body = { text, opened: this.opened.join(',') };
    try {
      const found = await this._client.post<Sketched>(this._address('sketch'), body, control.signal);
      if (control.signal.aborted) {
        return;
      }
      this.sketch = found;
      this.text = text;
      this.error = null;
    } catch (reason) {
      if (control.signal.aborted) {
        return;
      }
      this.error = reason;
      if (!(reason instanceof Problem && reason.code)) {
        this.touch(AGAIN);
      }
    }
    this.changed.emit();
  }

  /** Edits the text; gives the name of the step it was about. Rejects with a Problem, and the text is as it was. */
  async edit(edit: Edit): Promise<string> {
    for (let tried = 0; tried < TRIES; tried += 1) {
      const text = this._source.get();
      const made = await this._client.post<Edited>(this._address('edit'), { ...edit, text });
      if (this._source.get() === text) {
        this._source.replace(made.text);
        await this.look();
        return made.step;
      }
    }
    throw new Error('The text is being changed at the same time.');
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._asked?.abort();
    Signal.clearData(this);
  }

  private _address(what: string): string {
    return `pipelines/${encodeURIComponent(this._pipeline())}/${what}`;
  }

  private _timer = 0;
  private _asked: AbortController | null = null;
}
