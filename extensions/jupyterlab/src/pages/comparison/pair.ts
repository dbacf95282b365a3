/** Two runs as the subject of a page; no id of a run holds two dots. */
export function pairOf(before: string, after: string): string {
  return `${before}..${after}`;
}

/** The runs of a pair; nothing where it is none. */
export function runsOf(pair: string): [before: string, after: string] | null {
  const [before, after, rest] = pair.split('..');
  return before && after && rest === undefined ? [before, after] : null;
}
