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

/** The sign of each kind of box, likewise. */
export const KINDS: Record<string, string> = {
  dataset:
    'M1.5 3C1.5 1.3 10.5 1.3 10.5 3V9C10.5 10.7 1.5 10.7 1.5 9ZM1.5 3C1.5 4.7 10.5 4.7 10.5 3M1.5 6C1.5 7.7 10.5 7.7 10.5 6',
  step: 'M2 2.5H10V9.5H2ZM4.6 4.4V7.6L7.6 6Z',
  report: 'M2.5 1.5H7.2L9.5 3.8V10.5H2.5ZM4.2 9V6.8M6 9V5.2M7.8 9V7.4',
  column: 'M2 2H10V10H2ZM4.8 2V10M7.4 2V10',
  group: 'M3.6 3.6H10.4V10.4H3.6ZM1.6 8.4V1.6H8.4'
};
