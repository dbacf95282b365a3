const NUMBER = new Intl.NumberFormat('en-US');
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `336,776` */
export function count(of: number): string {
  return NUMBER.format(of);
}

/** `441 MB`: three digits are enough to know a size by. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `2.3 %`, and never `0 %` or `100 %` of what is not none or all. */
export function share(part: number, whole: number): string {
  if (whole === 0 || part === 0) {
    return '0 %';
  }
  if (part === whole) {
    return '100 %';
  }
  const percent = (100 * part) / whole;
  return percent < 0.1 ? '< 0.1 %' : percent > 99.9 ? '> 99.9 %' : `${percent.toFixed(1)} %`;
}

/** Milliseconds since 1970 of an ISO time; NaN for what is none, though browsers read a time into a text like `x=1`. */
function parsed(iso: string): number {
  return /^\d{4}-\d\d-\d\d/.test(iso) ? Date.parse(iso) : Number.NaN;
}

/** `2 days ago`; the absolute time belongs into the title. */
export function ago(iso: string, now: number = Date.now()): string {
  const seconds = Math.round((now - parsed(iso)) / 1000);
  if (Number.isNaN(seconds)) {
    return iso;
  }
  if (Math.abs(seconds) < MINUTE) {
    return 'just now';
  }
  const [value, unit] =
    Math.abs(seconds) < HOUR
      ? [seconds / MINUTE, 'minute']
      : Math.abs(seconds) < DAY
        ? [seconds / HOUR, 'hour']
        : Math.abs(seconds) < 60 * DAY
          ? [seconds / DAY, 'day']
          : [seconds / (30.44 * DAY), 'month'];
  const whole = Math.trunc(Math.abs(value));
  const words = `${count(whole)} ${unit}${whole === 1 ? '' : 's'}`;
  return seconds < 0 ? `in ${words}` : `${words} ago`;
}

/** A time in full, with its zone. */
export function absolute(iso: string): string {
  const time = new Date(parsed(iso));
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
}
