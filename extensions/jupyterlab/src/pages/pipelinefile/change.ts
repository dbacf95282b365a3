/** One place in which a text becomes another: `text` stands for what was from `start` to `end`. */
export interface Change {
  start: number;
  end: number;
  text: string;
}

/** The smallest single change that makes `after` of `before`, so that cursors and other people's edits stay; or none. */
export function changeOf(before: string, after: string): Change | null {
  if (before === after) {
    return null;
  }
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) {
    start += 1;
  }
  if (start > 0 && isHigh(before.charCodeAt(start - 1))) {
    start -= 1; // a letter of two halves is never taken apart
  }
  let same = 0;
  while (same < most - start && before[before.length - 1 - same] === after[after.length - 1 - same]) {
    same += 1;
  }
  if (same > 0 && isLow(before.charCodeAt(before.length - same))) {
    same -= 1;
  }
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

/** The offset of a line and a column, both counted from 1, columns in whole letters as the server counts them. */
export function offsetAt(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const next = text.indexOf('\n', start);
    if (next < 0) {
      return text.length;
    }
    start = next + 1;
  }
  let at = start;
  for (let passed = 1; passed < column && at < text.length && text[at] !== '\n'; passed += 1) {
    at += isHigh(text.charCodeAt(at)) ? 2 : 1;
  }
  return Math.min(at, text.length);
}

/** The end of what stands at an offset: of a word, or of a text in quotes; at least one letter where there is one. */
export function endOf(text: string, offset: number): number {
  const rest = text.slice(offset, offset + 500);
  const found = /^(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,{}[\]:#]+(?::(?=\S)[^\s,{}[\]#]+)*)/.exec(rest);
  return offset + (found ? found[0].length : /^[^\n]/.test(rest) ? 1 : 0);
}

/** What is wrong, without the place that a message begins with: the text shows it. */
export function withoutPlace(message: string): string {
  return message.replace(/^[^\s:]+:\d+:\d+: /, '');
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
