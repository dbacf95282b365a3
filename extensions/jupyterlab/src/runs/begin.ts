import type { Client } from '../api/client';
import type { Begun, RunRequest } from '../api/types';

const KEPT = 'workbench-begun-runs';
/** Runs whose end is waited for; older ones are forgotten. */
const MOST = 50;

/** The runs that were begun in this tab and whose end was not told yet; a reload forgets none. */
export const mine = {
  all(): string[] {
    try {
      const kept: unknown = JSON.parse(window.sessionStorage.getItem(KEPT) ?? '[]');
      return Array.isArray(kept) ? kept.map(String) : [];
    } catch {
      return [];
    }
  },

  add(run: string): void {
    keep([...mine.all().filter(each => each !== run), run].slice(-MOST));
  },

  /** Forgets a run; whether it was one of these. */
  take(run: string): boolean {
    const all = mine.all();
    if (!all.includes(run)) {
      return false;
    }
    keep(all.filter(each => each !== run));
    return true;
  }
};

/** Begins a run, whose end will be told in Lab. Rejects as the client does. */
export async function begin(client: Client, request: RunRequest): Promise<Begun> {
  const begun = await client.post<Begun>('runs', request);
  mine.add(begun.run);
  return begun;
}

/** Takes up a run again, whose end will be told in Lab. */
export async function repair(client: Client, run: string): Promise<Begun> {
  const begun = await client.post<Begun>(`runs/${encodeURIComponent(run)}/repair`, {});
  mine.add(begun.run);
  return begun;
}

function keep(runs: readonly string[]): void {
  try {
    window.sessionStorage.setItem(KEPT, JSON.stringify(runs));
  } catch {
    // a browser that keeps nothing tells of no run after a reload
  }
}
