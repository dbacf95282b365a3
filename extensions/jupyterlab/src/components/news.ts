import { useEffect, useRef, useState } from 'react';

import type { Going } from '../api/ledger';
import type { Link, Live } from '../api/live';
import type { RunEvent } from '../api/types';

/** Milliseconds that news are gathered for, so that a run of many steps asks a few times only. */
const PAUSE = 250;

/**
 * Calls `renew` when an event that `concerns` it came, and when events may have been missed.
 *
 * Several within a moment are one call; a page that is not shown is called when the browser shows it again.
 */
export function useNews(live: Live, concerns: (event: RunEvent) => boolean, renew: () => void): void {
  const latest = useRef({ concerns, renew });
  latest.current = { concerns, renew };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let due = false;
    const soon = (): void => {
      due = true;
      if (!document.hidden) {
        timer ??= setTimeout(() => {
          timer = undefined;
          due = false;
          latest.current.renew();
        }, PAUSE);
      }
    };
    const hear = (_: Live, event: RunEvent): void => {
      if (latest.current.concerns(event)) {
        soon();
      }
    };
    const look = (): void => {
      if (due) {
        soon();
      }
    };
    live.told.connect(hear);
    live.renewed.connect(soon);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      live.told.disconnect(hear);
      live.renewed.disconnect(soon);
      document.removeEventListener('visibilitychange', look);
    };
  }, [live]);
}

/** The runs that go on, and whether that is known as it happens. */
export function useGoing(live: Live): { going: readonly Going[]; link: Link } {
  const [now, setNow] = useState({ going: live.going, link: live.link });
  useEffect(() => {
    const look = (): void => setNow({ going: live.going, link: live.link });
    look();
    live.changed.connect(look);
    return () => {
      live.changed.disconnect(look);
    };
  }, [live]);
  return now;
}
