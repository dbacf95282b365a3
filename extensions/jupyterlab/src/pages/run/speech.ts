import { useEffect, useRef, useState } from 'react';

import type { Client } from '../../api/client';
import { Spaced } from '../../api/spaced';
import type { CellNow, Cells, Log } from '../../api/types';
import { said, Said, SILENT } from './journal';

/** What a step shows: its cells, and what they said. */
export interface Speech {
  cells: readonly CellNow[];
  said: Said;
  more: boolean;
  error: unknown;
}

const NOTHING: Speech = { cells: [], said: SILENT, more: false, error: undefined };
const PAGE = '200';
/** Pages of a journal that are read at once; the rest comes with the next event. */
const MOST_PAGES = 25;
/** Milliseconds between two readings: cells that go by fast are read together, not each. */
const PAUSE = 300;

/**
 * The cells of a step's attempt and its journal; `seq` is how far the journal is known to have come.
 *
 * What was read stays, so that each event is read once, and a reading is never given up for the next one: where events
 * come faster than answers nothing would ever be shown. Another attempt begins anew.
 */
export function useSpeech(client: Client, run: string, step: string, attempt: number, seq: number | string): Speech {
  const [speech, setSpeech] = useState<Speech>(NOTHING);
  const reading = useRef<Spaced | null>(null);
  const key = `${run}\n${step}\n${attempt}`;
  useEffect(() => {
    const control = new AbortController();
    const path = `runs/${encodeURIComponent(run)}/steps/${encodeURIComponent(step)}`;
    let kept = SILENT;
    const read = async (): Promise<void> => {
      const cells = await client.get<Cells>(`${path}/cells`, { limit: PAGE }, control.signal);
      let more = attempt > 0;
      for (let page = 0; more && page < MOST_PAGES; page += 1) {
        const query = { attempt: String(attempt), after: String(kept.seq), limit: PAGE };
        const log = await client.get<Log>(`${path}/logs`, query, control.signal);
        kept = said(kept, log.events);
        more = log.more && log.events.length > 0;
      }
      if (!control.signal.aborted) {
        setSpeech({ cells: cells.cells, said: kept, more: more || cells.more, error: undefined });
      }
    };
    const told = (error: unknown): void => {
      if (!control.signal.aborted) {
        setSpeech(last => ({ ...last, error }));
      }
    };
    const spaced = new Spaced(() => read().catch(told), PAUSE);
    reading.current = spaced;
    setSpeech(NOTHING);
    return () => {
      spaced.stop();
      control.abort();
    };
  }, [client, key]);
  useEffect(() => reading.current?.want(), [client, key, seq]);
  return speech;
}
