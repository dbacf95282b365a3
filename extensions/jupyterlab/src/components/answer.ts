import { useCallback, useEffect, useState } from 'react';

/** What was asked for: the value once it is there, the error if it failed; a value stays while a newer one is fetched. */
export interface Answer<T> {
  value: T | undefined;
  error: unknown;
  again: () => void;
}

/** Asks whenever one of `keys` changes, and gives up on what is not wanted any more. */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>, keys: readonly unknown[], delay = 0): Answer<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const control = new AbortController();
    const timer = setTimeout(() => {
      ask(control.signal).then(
        found => {
          if (!control.signal.aborted) {
            setValue(found);
            setError(undefined);
          }
        },
        reason => {
          if (!control.signal.aborted) {
            setError(reason);
          }
        }
      );
    }, delay);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [...keys, turn]);
  return { value, error, again: useCallback(() => setTurn(last => last + 1), []) };
}
