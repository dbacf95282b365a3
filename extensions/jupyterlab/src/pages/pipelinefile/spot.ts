/** Where in a YAML file something is typed. */
export interface Spot {
  /** The keys that lead there, from the outermost on; `*` is an item of a list. */
  path: string[];
  kind: 'key' | 'value';
  /** What is typed of it already, and the offset at which that begins. */
  typed: string;
  from: number;
}

const KEY = /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:{}[\],&*!|>'"%@`][^:#]*?)\s*:(?:\s|$)/;

/** What is typed at an offset; nothing in a comment or behind a value. Braces have to begin on the same line. */
export function spotAt(text: string, offset: number): Spot | null {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const head = text.slice(start, offset);
  const { column, dashes, rest } = parts(head);
  const path = parents(text.slice(0, start), column, dashes);
  const key = KEY.exec(rest);
  if (!key) {
    return /(^|\s)#/.test(rest) ? null : { path, kind: 'key', typed: rest, from: offset - rest.length };
  }
  return inValue(rest.slice(key[0].length), [...path, bare(key[1]!)], offset);
}

/** A line: the columns of its hyphens, the column behind them, and what stands there. */
function parts(line: string): { column: number; dashes: number[]; rest: string } {
  const lead = /^ *(?:- +)*/.exec(line)![0];
  const dashes = [...lead].flatMap((letter, index) => (letter === '-' ? [index] : []));
  return { column: lead.length, dashes, rest: line.slice(lead.length) };
}

/** The keys above a column, found by going up. */
function parents(above: string, column: number, dashes: readonly number[]): string[] {
  const path: string[] = dashes.map(() => '*');
  let limit = dashes.length > 0 ? dashes[0]! + 1 : column;
  const lines = above.split('\n');
  for (let number = lines.length - 1; number >= 0 && limit > 0; number -= 1) {
    const line = parts(lines[number]!.trimEnd());
    if (!line.rest || line.rest.startsWith('#')) {
      continue;
    }
    const key = KEY.exec(line.rest);
    const encloses = key !== null && line.column < limit;
    const begins = line.column === limit && line.dashes.length > 0; // the first line of the item that we are in
    if (encloses) {
      path.unshift(bare(key[1]!));
      limit = line.column;
    }
    if ((encloses || begins) && line.dashes.length > 0) {
      path.unshift(...line.dashes.map(() => '*'));
      limit = line.dashes[0]! + 1;
    }
  }
  return path;
}

/** What is typed behind a key, of which `rest` is there. */
function inValue(rest: string, path: string[], offset: number): Spot | null {
  const frames: ('{' | '[')[] = [];
  let kind: Spot['kind'] | 'done' = 'value';
  let at = 0;
  for (let index = 0; index < rest.length; index += 1) {
    const letter = rest[index]!;
    const inside = frames[frames.length - 1];
    if (letter === '#' && (index === 0 || /\s/.test(rest[index - 1]!))) {
      return null;
    } else if (letter === '"' || letter === "'") {
      const close = rest.indexOf(letter, index + 1);
      if (close < 0) {
        return null;
      }
      index = close;
    } else if (letter === '$' && rest[index + 1] === '{') {
      const close = rest.indexOf('}', index);
      if (close < 0) {
        break;
      }
      index = close;
    } else if ((letter === '{' || letter === '[') && !rest.slice(at, index).trim()) {
      frames.push(letter);
      if (letter === '[') {
        path.push('*');
      }
      kind = letter === '{' ? 'key' : 'value';
      at = index + 1;
    } else if (letter === ':' && inside === '{' && kind === 'key' && /^(\s|$)/.test(rest.slice(index + 1))) {
      path.push(bare(rest.slice(at, index).trim()));
      kind = 'value';
      at = index + 1;
    } else if (letter === ',' && inside) {
      if (inside === '{' && kind !== 'key') {
        path.pop();
      }
      kind = inside === '{' ? 'key' : 'value';
      at = index + 1;
    } else if ((letter === '}' && inside === '{') || (letter === ']' && inside === '[')) {
      if (inside === '[' || kind !== 'key') {
        path.pop();
      }
      frames.pop();
      kind = 'done';
      at = index + 1;
    }
  }
  if (kind === 'done') {
    return null;
  }
  const typed = rest.slice(at).trimStart();
  return { path, kind, typed, from: offset - typed.length };
}

function bare(key: string): string {
  return /^(["']).*\1$/.test(key) ? key.slice(1, -1) : key;
}
