import type { RunEvent } from '../api/types';

/** What is told of a run that is over. */
export interface Notice {
  type: 'success' | 'warning' | 'error';
  word: 'succeeded' | 'failed' | 'withheld' | 'refused' | 'lost';
}

const NOTICES: Readonly<Record<string, Notice>> = {
  succeeded: { type: 'success', word: 'succeeded' },
  withheld: { type: 'warning', word: 'withheld' },
  failed: { type: 'error', word: 'failed' },
  refused: { type: 'error', word: 'refused' },
  lost: { type: 'error', word: 'lost' }
};

/** What to tell of an event, by what people wish to hear of; `null` for nothing. A cancelled run is no surprise. */
export function noticeOf(event: RunEvent, wish: 'all' | 'failed' | 'none'): Notice | null {
  const notice = NOTICES[event.state] ?? null;
  return wish === 'all' || (wish === 'failed' && notice?.word !== 'succeeded') ? notice : null;
}
