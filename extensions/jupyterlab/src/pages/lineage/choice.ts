/** Which way lineage is walked. */
export type Way = 'both' | 'upstream' | 'downstream';

/** What of the lineage of a dataset is seen; a `depth` of 0 goes to the end, `other` is the far end of a path. */
export interface Choice {
  way: Way;
  depth: number;
  other: string;
  opened: readonly string[];
}

export const WHOLE: Choice = { way: 'both', depth: 0, other: '', opened: [] };

/** Depths that are offered; 0 is all. */
export const DEPTHS = [0, 1, 2, 3, 5, 10] as const;

/** The path below `workbench/api/` that answers a choice, and its query. */
export function asked(subject: string, choice: Choice): [path: string, query: Record<string, string>] {
  const name = encodeURIComponent(subject);
  const opened = choice.opened.join(',');
  if (choice.other) {
    return [`lineage/${name}/path/${encodeURIComponent(choice.other)}/drawing`, { opened }];
  }
  const depth: Record<string, string> = choice.depth ? { depth: String(choice.depth) } : {};
  return [`lineage/${name}/drawing`, { direction: choice.way, opened, ...depth }];
}
