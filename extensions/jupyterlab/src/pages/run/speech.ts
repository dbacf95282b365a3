import { useEffect, useRef, useState } from 'react';

import type { Client } from '../../api/client';
import type { CellNow, Cells, Log } from '../../api/types';
import { said, Said, SILENT } from './journal';

/** What a step shows: its cells, and what they said. */
export interface Speech {
  cells: readonly CellNow[];
  said: Said;
  more: boolean;
  error: unknown;
}

const PAGE = '200';
/** Pages of a journal that are read at once; the rest comes with the next event. */
const MOST_PAGES = 25;

/**
 * The cells of a step's attempt and its journal; `seq` is how far the journal is known to have come.
 *
 * What was read stays, so that each event is read once. Another attempt begins anew.
 */
export function useSpeech(client: Client, run: string, step: string, attempt: number, seq: number | string): Speech {
  const [speech, setSpeech] = useState<Speech>({ cells: [], said: SILENT, more: false, error: undefined });
  const kept = useRef({ key: '', said: SILENT });
  const key = `${run}\n${step}\n${attempt}`;
  useEffect(() => {
    const control = new AbortController();
    const path = `runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}`;
    if (kept.current.key !== key) {
      kept.current = { key, said: SILENT };
      setSpeech({ cells: [], said: SILENT, more: false, error: undefined });
    }
    const read = async (): Promise<void> => {
      const cells = await client.get<Cells>(`${path}/cells`, { limit: PAGE }, control.signal);
      let more = attempt > 0;
      for (let page = 0; more && page < MOST_PAGES; page += 1) {
        const query = { attempt: String(attempt), after: String(kept.current.said.seq), limit: PAGE };
        const log = await client.get<Log>(`${path}/logs`, query, control.signal);
        if (control.signal.aborted) {
          return;
        }
        kept.current = { key, said: said(kept.current.said, log.events) };
        more = log.more && log.events.length > 0;
      }
      if (!control.signal.aborted) {
        setSpeech({ cells: cells.cells, said: kept.current.said, more: more || cells.more, error: undefined });
      }
    };
    read().catch((error: unknown) => {
      if (!control.signal.aborted) {
        setSpeech(last => ({ ...last, error }));
      }
    });
    return () => control.abort();
  }, [client, key, seq]);
  return speech;
}
