/** `40 ms`, `1.2 s`, `3 min 10 s`, `2 h 5 min`; empty when it is not known. The same words as on the command line. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) {
    return '';
  }
  if (seconds < 0.0995) {
    return `${(Math.max(seconds, 0) * 1000).toFixed(0)} ms`;
  }
  if (seconds < 59.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A mark of a time axis: `0`, `0.5 s`, `1 min 30 s`, `2 h`. */
export function moment(seconds: number): string {
  if (seconds < 60) {
    return seconds ? `${Number(seconds.toPrecision(6))} s` : '0';
  }
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's']
  ];
  return parts.flatMap(([value, unit]) => (value ? [`${value} ${unit}`] : [])).join(' ');
}

/** The last six characters of an id, which people know it by. */
export function short(id: string): string {
  return id.slice(-6);
}
