/** The sign of each look of a state, as in the pictures that Python draws. */
export const SIGNS: Record<string, string> = {
  succeeded: 'M2 6.4L4.8 9.2L10 3.2',
  running: 'M10.4 6A4.4 4.4 0 1 1 6 1.6',
  queued: 'M6 1.8A4.2 4.2 0 1 1 6 10.2A4.2 4.2 0 1 1 6 1.8Z',
  unchanged: 'M2 6H10',
  warn: 'M6 1.8L10.8 10.2H1.2ZM6 4.8V7.2M6 8.7V8.8',
  withheld: 'M4 1.5H8L10.5 4V8L8 10.5H4L1.5 8V4ZM3.8 6H8.2',
  failed: 'M2.6 2.6L9.4 9.4M9.4 2.6L2.6 9.4',
  cancelled: 'M6 1.8A4.2 4.2 0 0 1 10.2 6M9 9A4.2 4.2 0 0 1 4.4 9.9M2.2 7.6A4.2 4.2 0 0 1 3.4 2.7'
};
