/** Where a key leads from one row of `rows` rows. */
export function walked(pressed: string, from: number, rows: number): number {
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
  const step = steps[pressed];
  return step === undefined || rows === 0 ? from : Math.max(0, Math.min(rows - 1, from + step));
}
