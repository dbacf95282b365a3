import { Part, part } from './part';

/** How a state looks: colour, form and word, so that none of them is needed to tell it. */
export interface Look {
  tone: 'ok' | 'run' | 'wait' | 'warn' | 'hold' | 'bad' | 'gone' | 'none';
  /** The path of a 12 by 12 icon. */
  icon: string;
  word: string;
}

const TICK = 'M2 6.5 5 9.5 10 3';
const CROSS = 'M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5';
const RING = 'M6 2a4 4 0 1 0 .01 0';
const ARC = 'M6 2a4 4 0 1 1-4 4';
const TRIANGLE = 'M6 2 10.5 10h-9ZM6 5v2.5';
const BROKEN = 'M4 2.4a4 4 0 0 0 0 7.2M8 9.6a4 4 0 0 0 0-7.2';
const HAND = 'M3 10V5m2 3V2.5m2 5V2.5m2 6V4M3 10h4l2-2';
const DASH = 'M2.5 6h7';
const SKIP = 'M3 3v6M5.5 6h4';

const LOOKS: Record<string, Look> = {
  succeeded: { tone: 'ok', icon: TICK, word: 'succeeded' },
  pass: { tone: 'ok', icon: TICK, word: 'passed' },
  fresh: { tone: 'ok', icon: TICK, word: 'fresh' },
  running: { tone: 'run', icon: ARC, word: 'running' },
  queued: { tone: 'wait', icon: RING, word: 'queued' },
  staged: { tone: 'run', icon: ARC, word: 'publishing' },
  claimed: { tone: 'run', icon: ARC, word: 'starting' },
  committed: { tone: 'ok', icon: TICK, word: 'succeeded' },
  not_run: { tone: 'wait', icon: RING, word: 'not run' },
  restored: { tone: 'wait', icon: SKIP, word: 'restored' },
  upstream_failed: { tone: 'gone', icon: BROKEN, word: 'upstream failed' },
  waiting: { tone: 'wait', icon: RING, word: 'waiting' },
  skipped: { tone: 'wait', icon: SKIP, word: 'unchanged' },
  warn: { tone: 'warn', icon: TRIANGLE, word: 'warning' },
  stale: { tone: 'warn', icon: TRIANGLE, word: 'stale' },
  withheld: { tone: 'hold', icon: HAND, word: 'withheld' },
  fail: { tone: 'bad', icon: CROSS, word: 'failed' },
  failed: { tone: 'bad', icon: CROSS, word: 'failed' },
  error: { tone: 'bad', icon: CROSS, word: 'error' },
  lost: { tone: 'gone', icon: BROKEN, word: 'lost' },
  cancelled: { tone: 'gone', icon: BROKEN, word: 'cancelled' },
  empty: { tone: 'none', icon: DASH, word: 'not checked' }
};

/** How the state of that name looks; one that is not known is shown by its name alone. */
export function look(state: string): Look {
  const known = Object.hasOwn(LOOKS, state) ? LOOKS[state] : undefined; // a state may be called as Object's own things are
  return known ?? { tone: 'none', icon: DASH, word: state };
}

/** A state as icon and word, where there is no React. */
export function badge(state: string, word?: string): Part {
  const { tone, icon, word: own } = look(state);
  return part(
    'span',
    { class: 'wb-Badge', 'data-tone': tone },
    part('svg', { class: 'wb-Badge-icon', viewBox: '0 0 12 12', 'aria-hidden': 'true' }, part('path', { d: icon })),
    word ?? own
  );
}
