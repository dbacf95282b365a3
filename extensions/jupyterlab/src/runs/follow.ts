import { useCallback, useEffect, useRef, useState } from 'react';

import type { Client } from '../api/client';
import { Problem } from '../api/client';
import { isOpen } from '../api/ledger';
import type { Live } from '../api/live';
import type { Run, RunEvent } from '../api/types';
import { applied } from './state';

/** Milliseconds between two readings of a run that goes on, and of one that does not begin. */
const PAUSE = 1000;
/** Milliseconds after which a run that goes on is read though nothing is told of it. */
const SILENCE = 10_000;
/** Milliseconds that a run gets to begin. */
const PATIENCE = 90_000;

/** A run as it stands. */
export interface Followed {
  run: Run | undefined;
  error: unknown;
  /** The code for which it could not begin. */
  refused: string;
  /** The last event of it, from which whoever shows a part sees that there is more. */
  event: RunEvent | undefined;
  again: () => void;
}

/**
 * A run, read once and then followed by events.
 *
 * States are drawn as soon as they are told of; the rest (times, attempts, what was made) is read again, at most once a
 * second, and at once when events were missed. A run that has not begun yet is waited for.
 */
export function useRun(client: Client, live: Live, id: string): Followed {
  const [run, setRun] = useState<Run>();
  const [error, setError] = useState<unknown>();
  const [refused, setRefused] = useState('');
  const [event, setEvent] = useState<RunEvent>();
  const wake = useRef<() => void>(() => undefined);
  useEffect(() => {
    const control = new AbortController();
    const since = Date.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let due = Infinity;
    let read = 0;
    let going = true;
    let reading = false;
    const plan = (at: number): void => {
      if (at < due && !control.signal.aborted) {
        clearTimeout(timer);
        due = at;
        timer = setTimeout(() => void look(), Math.max(0, at - Date.now()));
      }
    };
    const look = async (): Promise<void> => {
      due = Infinity;
      if (reading) {
        return plan(Date.now() + PAUSE);
      }
      reading = true;
      try {
        const found = await client.get<Run>(`runs/${encodeURIComponent(id)}`, {}, control.signal);
        if (control.signal.aborted) {
          return;
        }
        setRun(found);
        setError(undefined);
        setRefused('');
        going = isOpen(found.state);
      } catch (reason) {
        if (control.signal.aborted) {
          return;
        }
        const early = reason instanceof Problem && reason.status === 404 && Date.now() - since < PATIENCE;
        if (early) {
          plan(Date.now() + PAUSE);
        } else {
          setError(reason);
        }
      } finally {
        reading = false;
        read = Date.now();
        if (going) {
          plan(Date.now() + SILENCE);
        }
      }
    };
    const hear = (_: Live, told: RunEvent): void => {
      if (told.run !== id) {
        return;
      }
      if (told.state === 'refused') {
        setRefused(told.code || 'WB-INT-999');
        return;
      }
      setRefused('');
      setEvent(told);
      setRun(last => last && applied(last, told));
      going = isOpen(told.state);
      plan(going ? Math.max(Date.now(), read + PAUSE) : Date.now());
    };
    const renew = (): void => plan(Date.now());
    wake.current = renew;
    live.told.connect(hear);
    live.renewed.connect(renew);
    plan(Date.now());
    return () => {
      control.abort();
      clearTimeout(timer);
      live.told.disconnect(hear);
      live.renewed.disconnect(renew);
    };
  }, [client, live, id]);
  return { run, error, refused, event, again: useCallback(() => wake.current(), []) };
}
