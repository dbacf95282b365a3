import { useCallback, useEffect, useRef, useState } from 'react';

import type { Client } from '../api/client';
import type { Found, Hit } from '../api/types';

/** Milliseconds between the last key and the question, so that fast typing asks once. */
const PAUSE = 40;

/** What a search found so far. */
export interface Search {
  /** What it was that was searched for; `null` before the first answer. */
  query: string | null;
  hits: readonly Hit[];
  total: number;
  error: unknown;
  /** Fetches the next page, if there is one and none is on its way. */
  more: () => void;
  again: () => void;
}

const NOTHING = { query: null, hits: [], total: 0 } as const;

interface Known {
  query: string | null;
  hits: readonly Hit[];
  total: number;
}

/** Searches whenever the query changes. The last answer stays until the next is there: nothing flickers. */
export function useFound(client: Client, query: string): Search {
  const [known, setKnown] = useState<Known>(NOTHING);
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const asking = useRef<AbortController | null>(null);
  const fetching = useRef(false);

  useEffect(() => {
    const control = new AbortController();
    asking.current = control;
    fetching.current = false;
    const timer = setTimeout(() => {
      client.search(query, 0, control.signal).then(
        page => {
          if (!control.signal.aborted) {
            setKnown(first(query, page));
            setError(undefined);
          }
        },
        reason => {
          if (!control.signal.aborted) {
            setError(reason);
          }
        }
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [client, query, turn]);

  const more = useCallback(() => {
    const control = asking.current;
    if (known.hits.length >= known.total || known.query !== query || fetching.current || !control) {
      return;
    }
    fetching.current = true;
    client.search(query, known.hits.length, control.signal).then(
      page => {
        if (!control.signal.aborted) {
          fetching.current = false;
          setKnown(last => ({ ...last, hits: [...last.hits, ...page.hits], total: page.total }));
        }
      },
      reason => {
        if (!control.signal.aborted) {
          fetching.current = false;
          setError(reason);
        }
      }
    );
  }, [client, query, known]);

  return { ...known, error, more, again: useCallback(() => setTurn(last => last + 1), []) };
}

function first(query: string, page: Found): Known {
  return { query, hits: page.hits, total: page.total };
}
