import type { Arrow, Box } from './scene';
import { KINDS, SIGNS } from './signs';

const NS = 'http://www.w3.org/2000/svg';
/** Room before the text of a box, and after it, as in the pictures that Python draws. */
const LEFT = 34;
const RIGHT = 14;
/** Pixels that the head of an arrow is long and half as wide as it is high. */
const HEAD = { long: 5, high: 3.5 };

const round = (value: number) => Math.round(value * 10) / 10;

/** An element of a picture. */
export function element<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Record<string, string | number> = {}
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(NS, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, String(value)));
  return made;
}

/** The number of the box that an element belongs to. */
export function numberOf(element: Element | null): number | undefined {
  const node = element?.closest<SVGGElement>('g.wb-Node[data-n]');
  return node ? Number(node.dataset['n']) : undefined;
}

/** A box as people see it; what people wrote comes into it as text only. */
export function drawBox(box: Box, number: number): SVGGElement {
  const look = box.look ? ` wb-is-${box.look}` : '';
  const node = element('g', {
    class: `wb-Node wb-kind-${box.kind}${look}`,
    'data-n': number,
    'data-id': box.id,
    transform: `translate(${box.x} ${box.y})`,
    role: 'treeitem',
    'aria-label': box.name,
    'aria-selected': 'false',
    tabindex: -1
  });
  node.append(...inside(box));
  return node;
}

function inside(box: Box): SVGElement[] {
  const { width, height } = box;
  const middle = box.fact ? 16 : height / 2;
  const title = element('title');
  title.textContent = box.name;
  const name = element('text', { class: 'wb-Node-name', x: LEFT, y: middle + 4.5 });
  name.textContent = box.shown;
  const parts: SVGElement[] = [title];
  if (box.kind === 'group') {
    parts.push(element('path', { class: 'wb-Node-under', d: `M5 -4H${width + 4}V${height - 5}` }));
  }
  parts.push(
    element('path', { class: 'wb-Node-card', d: card(box, 0, 0) }),
    element('path', { class: 'wb-Node-stripe', d: stripe(box, 0, 0) }),
    element('path', {
      class: 'wb-Node-kind',
      transform: `translate(14 ${middle - 6})`,
      d: KINDS[box.kind] ?? KINDS['step']!
    }),
    name
  );
  if (box.fact) {
    const fact = element('text', { class: 'wb-Node-fact', x: LEFT, y: height - 11.5 });
    fact.textContent = box.fact;
    parts.push(fact);
  }
  if (SIGNS[box.look]) {
    const at = `translate(${width - RIGHT - 10} ${middle - 6})`;
    parts.push(element('path', { class: 'wb-Node-sign', transform: at, d: SIGNS[box.look]! }));
  }
  return parts;
}

/** The outline of a box whose corner lies at `x`, `y`: round for data, square for steps, with a folded corner for pages. */
export function card(box: Box, x: number, y: number): string {
  const [wide, tall] = [box.width, box.height];
  if (box.kind === 'report') {
    const fold = `M${round(x + wide - 10)} ${y}v10h10`;
    return `M${x} ${y}h${wide - 10}l10 10v${tall - 10}h${-wide}z${fold}`;
  }
  const bend = { dataset: 10, column: 4 }[box.kind] ?? 2;
  const [across, down] = [wide - 2 * bend, tall - 2 * bend];
  return (
    `M${round(x + bend)} ${y}h${across}q${bend} 0 ${bend} ${bend}v${down}q0 ${bend} ${-bend} ${bend}` +
    `h${-across}q${-bend} 0 ${-bend} ${-bend}v${-down}q0 ${-bend} ${bend} ${-bend}z`
  );
}

/** The stripe of its state at the left of a box. */
export function stripe(box: Box, x: number, y: number): string {
  const tall = box.height;
  if (box.kind !== 'dataset') {
    return `M${x} ${y}h5v${tall}h-5z`;
  }
  return `M${round(x + 5)} ${round(y + 1.4)}v${round(tall - 2.8)}q-5 -1.6 -5 -8.6v${round(20 - tall)}q0 -7 5 -8.6z`;
}

/** The way of an arrow: straight where it stays level, else a curve that begins and ends level; with its head if near. */
export function wayOf(arrow: Arrow, head: boolean): string {
  const { points } = arrow;
  if (arrow.source === arrow.target) {
    return loop(points);
  }
  let [x, y] = [points[0]!, points[1]!];
  let way = `M${x} ${y}`;
  let before = x;
  for (let index = 2; index + 1 < points.length; index += 2) {
    const [toX, toY] = [points[index]!, points[index + 1]!];
    const middle = round((x + toX) / 2);
    way += Math.abs(toY - y) < 0.5 ? `H${toX}` : `C${middle} ${y} ${middle} ${toY} ${toX} ${toY}`;
    before = x;
    [x, y] = [toX, toY];
  }
  const lead = before < x ? -HEAD.long : HEAD.long;
  return head ? `${way}m${lead} ${-HEAD.high}L${x} ${y}l${lead} ${HEAD.high}` : way;
}

function loop(points: readonly number[]): string {
  const [x, y, far, high, end, top] = points as [number, number, number, number, number, number];
  const way = `M${x} ${y}C${far} ${y} ${far} ${high} ${x} ${high}S${end} ${high} ${end} ${top}`;
  return `${way}m${-HEAD.high} ${-HEAD.long}L${end} ${top}l${HEAD.high} ${-HEAD.long}`;
}
