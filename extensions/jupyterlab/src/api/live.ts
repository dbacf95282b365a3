import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';

import { Client, Problem } from './client';
import { Going, Ledger } from './ledger';
import type { Live as Snapshot, RunEvent } from './types';

/** The events of Jupyter's stream that are ours. */
const SCHEMA = 'urn:workbench:run';
/** Milliseconds before the first and, after many failures, between the later tries to reach the server again. */
const SOON = 500;
const LATE = 30_000;

/** How it stands: `open` when events come as they happen, `lost` while the server cannot be reached. */
export type Link = 'closed' | 'connecting' | 'open' | 'lost';

/**
 * What happens in runs, for every page: one socket, and after each connection the snapshot that events go on from.
 *
 * The stream does not repeat what was missed. Whoever shows anything that a run may change asks again on `renewed`.
 */
export class Live {
  private readonly _ledger = new Ledger();
  private readonly _told = new Signal<this, RunEvent>(this);
  private readonly _renewed = new Signal<this, void>(this);
  private readonly _changed = new Signal<this, void>(this);
  private _link: Link = 'closed';
  private _socket: WebSocket | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _failures = 0;
  /** Events that came while a snapshot is on its way; `null` while none is. */
  private _waiting: RunEvent[] | null = null;
  private _asking: AbortController | null = null;
  private _known = false;

  constructor(
    private readonly _settings: ServerConnection.ISettings,
    private readonly _client: Pick<Client, 'get'>
  ) {}

  /** Each event, once and in order. */
  get told(): ISignal<this, RunEvent> {
    return this._told;
  }

  /** Events may have been missed: what is shown may be old. */
  get renewed(): ISignal<this, void> {
    return this._renewed;
  }

  /** `link` or `going` is another one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get link(): Link {
    return this._link;
  }

  /** The runs that go on; when the link is not open, those that went on when it was. */
  get going(): readonly Going[] {
    return this._ledger.going;
  }

  /** Begins to listen, also anew where there was no project; does nothing while it goes on. */
  start(): void {
    if (this._link === 'closed') {
      this._become('connecting');
      window.addEventListener('online', this._hurry);
      this._connect();
    }
  }

  /** Listens no more. */
  stop(): void {
    window.removeEventListener('online', this._hurry);
    clearTimeout(this._timer);
    this._asking?.abort();
    const socket = this._socket;
    this._socket = null;
    socket?.close();
    this._become('closed');
  }

  private readonly _hurry = (): void => {
    if (this._link === 'lost') {
      this._failures = 0;
      clearTimeout(this._timer);
      this._connect();
    }
  };

  private _connect(): void {
    const { wsUrl, token, appendToken } = this._settings;
    const key = appendToken && token ? `?token=${encodeURIComponent(token)}` : '';
    this._socket?.close();
    const socket = new this._settings.WebSocket(URLExt.join(wsUrl, 'api/events/subscribe') + key);
    this._socket = socket;
    socket.onopen = () => this._mine(socket, () => void this._renew());
    socket.onmessage = message => this._mine(socket, () => this._hear(String(message.data)));
    socket.onclose = () => this._mine(socket, () => this._lose());
  }

  /** Does it unless a newer socket has taken the place of this one. */
  private _mine(socket: WebSocket, act: () => void): void {
    if (socket === this._socket) {
      act();
    }
  }

  /** Asks how things stand, then goes on from there. */
  private async _renew(): Promise<void> {
    this._asking?.abort();
    const asking = new AbortController();
    this._asking = asking;
    this._waiting = [];
    let told: Snapshot;
    try {
      told = await this._client.get<Snapshot>('live', {}, asking.signal);
    } catch (reason) {
      if (asking.signal.aborted) {
        return;
      }
      if (reason instanceof Problem && reason.status >= 400 && reason.status < 500) {
        this.stop(); // there is no project here, or it is not ours to see: asking again would not help
      } else {
        this._lose();
      }
      return;
    }
    if (asking.signal.aborted) {
      return;
    }
    const early = this._waiting ?? [];
    this._waiting = null;
    const changed = this._ledger.renew(told);
    this._failures = 0;
    this._link = 'open';
    if (this._known && changed) {
      this._renewed.emit();
    }
    this._known = true;
    this._changed.emit();
    early.forEach(event => this._take(event));
  }

  private _hear(text: string): void {
    let event: RunEvent & { schema_id?: string };
    try {
      event = JSON.parse(text) as RunEvent & { schema_id?: string };
    } catch {
      return;
    }
    if (event.schema_id !== SCHEMA) {
      return;
    }
    if (this._waiting) {
      this._waiting.push(event);
    } else {
      this._take(event);
    }
  }

  private _take(event: RunEvent): void {
    if (this._waiting) {
      this._waiting.push(event); // one of those before it was behind a gap
      return;
    }
    const became = this._ledger.take(event);
    if (became === 'gap') {
      void this._renew();
    } else if (became === 'news') {
      this._told.emit(event);
      this._changed.emit();
    }
  }

  /** The server is gone, or answers with an error: try again later, and later each time. */
  private _lose(): void {
    const socket = this._socket;
    this._socket = null;
    socket?.close();
    this._asking?.abort();
    this._waiting = null;
    this._become('lost');
    clearTimeout(this._timer);
    const pause = Math.min(LATE, SOON * 2 ** this._failures);
    this._failures += 1;
    this._timer = setTimeout(() => this._connect(), pause);
  }

  private _become(link: Link): void {
    if (this._link !== link) {
      this._link = link;
      this._changed.emit();
    }
  }
}
