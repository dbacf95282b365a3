import type { Drawn, DrawnBox } from '../../api/types';
import { GROUP } from '../../components/graph/scene';

/** The boxes that arrows join to one, each once, in the order of the picture. */
export function around(drawn: Drawn, id: string): { before: DrawnBox[]; after: DrawnBox[] } {
  const before = new Set<number>();
  const after = new Set<number>();
  for (let index = 0; index + 1 < drawn.ends.length; index += 2) {
    const [source, target] = [drawn.ends[index]!, drawn.ends[index + 1]!];
    if (drawn.boxes[target]?.id === id) {
      before.add(source);
    }
    if (drawn.boxes[source]?.id === id) {
      after.add(target);
    }
  }
  const boxes = (numbers: Set<number>): DrawnBox[] =>
    [...numbers].sort((one, two) => one - two).flatMap(number => drawn.boxes[number] ?? []);
  return { before: boxes(before), after: boxes(after) };
}

/** Whether a box stands for many. */
export function isGroup(id: string): boolean {
  return id.startsWith(GROUP);
}
