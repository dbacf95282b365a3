import { useCallback, useEffect, useRef, useState } from 'react';

import type { Client } from '../api/client';
import type { Facets, Found, Hit } from '../api/types';
import { Asked, keyOf } from './asked';

/** Milliseconds between the last key and the question, so that fast typing asks once. */
const PAUSE = 40;
/** The same for facets, which take the server longer and nobody waits for while typing. */
const FACETS_PAUSE = 300;

/** What a search found so far. */
export interface Search {
  /** What it was that was searched for; `null` before the first answer. */
  asked: Asked | null;
  hits: readonly Hit[];
  total: number;
  error: unknown;
  /** Fetches the next page, if there is one and none is on its way. */
  more: () => void;
  /** Asks again for all that is shown. */
  again: () => void;
}

interface Known {
  asked: Asked | null;
  hits: readonly Hit[];
  total: number;
}

const NOTHING: Known = { asked: null, hits: [], total: 0 };

/** Searches whenever what is asked changes. The last answer stays until the next is there: nothing flickers. */
export function useFound(client: Client, asked: Asked): Search {
  const [known, setKnown] = useState<Known>(NOTHING);
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const asking = useRef<AbortController | null>(null);
  const fetching = useRef(false);
  const shown = useRef<Known>(NOTHING);
  shown.current = known;
  const key = keyOf(asked);

  useEffect(() => {
    const control = new AbortController();
    asking.current = control;
    fetching.current = false;
    const last = shown.current;
    const least = last.asked && keyOf(last.asked) === key ? last.hits.length : 0;
    const timer = setTimeout(() => {
      gathered(client, asked, least, control.signal).then(
        page => {
          if (!control.signal.aborted) {
            setKnown({ asked, hits: page.hits, total: page.total });
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
  }, [client, key, turn]);

  const more = useCallback(() => {
    const control = asking.current;
    const whole = known.hits.length >= known.total;
    if (whole || !known.asked || keyOf(known.asked) !== key || fetching.current || !control) {
      return;
    }
    fetching.current = true;
    client.search(known.asked, known.hits.length, control.signal).then(
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
  }, [client, key, known]);

  return { ...known, error, more, again: useCallback(() => setTurn(last => last + 1), []) };
}

/** At least so many hits, if there are: what was scrolled to stays there when it is asked for again. */
async function gathered(client: Client, asked: Asked, least: number, signal: AbortSignal): Promise<Found> {
  let found = await client.search(asked, 0, signal);
  while (found.hits.length < Math.min(least, found.total)) {
    const page = await client.search(asked, found.hits.length, signal);
    if (page.hits.length === 0) {
      break;
    }
    found = { ...page, hits: [...found.hits, ...page.hits] };
  }
  return found;
}

/** The facets of a search while they are wanted; the last ones stay until the next are there. */
export function useFacets(client: Client, asked: Asked, wanted: boolean, hits: readonly Hit[]): Facets | null {
  const [facets, setFacets] = useState<Facets | null>(null);
  const key = keyOf(asked);
  useEffect(() => {
    if (!wanted) {
      return undefined;
    }
    const control = new AbortController();
    const timer = setTimeout(() => {
      client.facets(asked, control.signal).then(
        found => {
          if (!control.signal.aborted) {
            setFacets(found);
          }
        },
        () => undefined // the search itself tells of what went wrong
      );
    }, FACETS_PAUSE);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [client, key, wanted, hits]);
  return facets;
}
