import { ISignal, Signal } from '@lumino/signaling';

import { Problem } from '../api/client';
import type { Client } from '../api/client';
import type { Live } from '../api/live';
import type { CellTimes, ColumnNotes, NotebookStanding, RunEvent } from '../api/types';
import { pathOf } from './tab';

/** Milliseconds that changes are gathered for before anything is asked again. */
const PAUSE = 400;

/** What the server knows of a notebook as it is saved. */
export interface Told {
  standing: NotebookStanding;
  times: CellTimes;
  notes: ColumnNotes;
}

/** Asks about one open notebook: at first, after each save, and after each run of one of its steps. */
export class Standing {
  private readonly _changed = new Signal<this, void>(this);
  private _told: Told | null = null;
  private _control: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;

  constructor(
    private readonly _client: Client,
    private readonly _live: Live,
    private readonly _path: () => string
  ) {
    _live.told.connect(this._hear, this);
    _live.renewed.connect(this.soon, this);
    this.soon();
  }

  /** What is known; null before that, and of a notebook that lies in no project. */
  get told(): Told | null {
    return this._told;
  }

  get path(): string {
    return pathOf(this._path());
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Asks again in a moment. */
  soon(): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => void this._ask(), PAUSE);
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._control?.abort();
    this._live.told.disconnect(this._hear, this);
    this._live.renewed.disconnect(this.soon, this);
    Signal.clearData(this);
  }

  private _hear(_: Live, event: RunEvent): void {
    const known = this._told?.standing.steps.some(step => step.pipeline === event.pipeline) ?? false;
    if (known || this._told?.standing.alone?.run.pipeline === event.pipeline) {
      this.soon();
    }
  }

  private async _ask(): Promise<void> {
    this._control?.abort();
    const control = (this._control = new AbortController());
    const query = { path: this.path };
    try {
      const [standing, times, notes] = await Promise.all([
        this._client.get<NotebookStanding>('notebook', query, control.signal),
        this._client
          .get<CellTimes>('notebook/cells', query, control.signal)
          .catch(none({ run: '', step: '', cells: [] })),
        this._client.get<ColumnNotes>('notebook/notes', query, control.signal).catch(none({ notes: [] }))
      ]);
      this._told = { standing, times, notes };
    } catch (error) {
      if (control.signal.aborted) {
        return;
      }
      if (error instanceof Problem && error.status >= 400 && error.status < 500) {
        this._told = null; // not a notebook of the project, or not saved yet
      }
    }
    if (!this._isDisposed && !control.signal.aborted) {
      this._changed.emit();
    }
  }
}

/** Nothing, where the server has nothing to say; what is not wanted any more stays an error. */
function none<T>(nothing: T): (error: unknown) => T {
  return error => {
    if (error instanceof Problem) {
      return nothing;
    }
    throw error;
  };
}
