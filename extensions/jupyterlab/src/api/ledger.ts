import type { Live as Snapshot, RunEvent } from './types';

/** A run that goes on, as far as events tell. */
export interface Going {
  id: string;
  pipeline: string;
  environment: string;
  state: string;
  /** Step → state. */
  steps: ReadonlyMap<string, string>;
}

/** The states of a run that goes on; every other one is final. */
const OPEN: ReadonlySet<string> = new Set(['queued', 'running', 'staged']);

/** Whether a run in this state goes on. */
export function isOpen(state: string): boolean {
  return OPEN.has(state);
}

/** Whether an event may have brought datasets: a run, or one of its steps, is over. */
export function mayWrite(event: RunEvent): boolean {
  return !isOpen(event.state) || event.steps.some(step => !isOpen(step.state));
}

/** What is known of the runs that go on: a snapshot, and the events since. It holds no run that is over. */
export class Ledger {
  private _stream = '';
  private _number = 0;
  private _going = new Map<string, Going>();

  get going(): readonly Going[] {
    return [...this._going.values()];
  }

  /** Begins anew at a snapshot; whether that tells more than was known already. */
  renew(told: Snapshot): boolean {
    const same = told.stream === this._stream && told.number === this._number;
    this._stream = told.stream;
    this._number = told.number;
    this._going = new Map(
      told.runs.map(({ run, steps }) => [
        run.id,
        {
          id: run.id,
          pipeline: run.pipeline,
          environment: run.environment,
          state: run.state,
          steps: new Map(Object.entries(steps))
        }
      ])
    );
    return !same;
  }

  /** Takes in an event: `news`, or what was `known` already, or one after a `gap`, which changes nothing. */
  take(event: RunEvent): 'news' | 'known' | 'gap' {
    if (event.stream !== this._stream || event.number > this._number + 1) {
      return 'gap';
    }
    if (event.number <= this._number) {
      return 'known';
    }
    this._number = event.number;
    if (!isOpen(event.state)) {
      this._going.delete(event.run);
      return 'news';
    }
    const steps = new Map(this._going.get(event.run)?.steps);
    event.steps.forEach(({ step, state }) => steps.set(step, state));
    const { run: id, pipeline, environment, state } = event;
    this._going.set(id, { id, pipeline, environment, state, steps });
    return 'news';
  }
}
