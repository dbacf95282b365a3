import { isOpen } from '../api/ledger';
import type { Run, RunEvent, State } from '../api/types';

const GOOD = new Set<string>(['succeeded', 'skipped']);

/** Whether nothing more comes of it, unless it is repaired. */
export function ended(state: string): boolean {
  return !isOpen(state);
}

/** Whether it ended as it should. */
export function well(state: string): boolean {
  return GOOD.has(state);
}

/** The run after an event: its state and those of its steps and cells. What the event does not tell stays. */
export function applied(run: Run, event: RunEvent): Run {
  const states = new Map(event.steps.map(step => [step.step, step.state as State]));
  const cells = new Map(event.cells.map(cell => [`${cell.step}\n${cell.attempt}\n${cell.id}`, cell]));
  const touched = new Set([...states.keys(), ...event.cells.map(cell => cell.step)]);
  return {
    ...run,
    state: event.state as State,
    steps: run.steps.map(step => {
      if (!touched.has(step.step)) {
        return step;
      }
      const attempts = step.attempts.map(attempt => ({
        ...attempt,
        cells: attempt.cells.map(cell => {
          const news = cells.get(`${step.step}\n${attempt.number}\n${cell.id}`);
          return news ? { ...cell, state: news.state as typeof cell.state, seconds: news.seconds } : cell;
        })
      }));
      return { ...step, state: states.get(step.step) ?? step.state, attempts };
    })
  };
}

/** Which look of the pictures a state has. */
export function lookOf(state: string): string {
  const looks: Record<string, string> = {
    queued: 'queued',
    running: 'running',
    staged: 'running',
    succeeded: 'succeeded',
    skipped: 'unchanged',
    withheld: 'withheld',
    failed: 'failed',
    cancelled: 'cancelled',
    upstream_failed: 'cancelled',
    lost: 'cancelled'
  };
  return looks[state] ?? 'queued';
}
