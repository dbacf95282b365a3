import type { Client } from '../api/client';
import type { Begun, RunRequest } from '../api/types';

/** Begins a run. Rejects as the client does. */
export function begin(client: Client, request: RunRequest): Promise<Begun> {
  return client.post<Begun>('runs', request);
}

/** Takes up a run again: what did not succeed, and what follows it. */
export function repair(client: Client, run: string): Promise<Begun> {
  return client.post<Begun>(`runs/${encodeURIComponent(run)}/repair`, {});
}
