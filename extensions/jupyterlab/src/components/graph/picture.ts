import type { Box } from './scene';
import { Scene } from './scene';

const ELEMENTS = new Set(['svg', 'title', 'desc', 'g', 'a', 'path', 'text', 'style']);
const ATTRIBUTES =
  /^(class|viewBox|width|height|role|aria-[a-z]+|font-family|font-size|id|fill|stroke|transform|d|x|y|data-(n|id|ends|w|h)|href)$/;

/** A drawn picture in the page: its element, and each box and arrow in it. */
export interface Picture {
  svg: SVGSVGElement;
  view: SVGGElement;
  scene: Scene;
  nodes: SVGGElement[];
  edges: { source: number; target: number; path: SVGPathElement }[];
}

/**
 * The picture that Python drew, as elements of this page; throws when it is none.
 *
 * Only the elements and attributes that our pictures have are taken over, whoever wrote the text.
 */
export function takeUp(text: string): Picture {
  const named = text.includes('xmlns=') ? text : text.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ');
  const root = new DOMParser().parseFromString(named, 'image/svg+xml').documentElement;
  if (root.nodeName !== 'svg') {
    throw new Error('This is no picture.');
  }
  tame(root);
  const svg = document.importNode(root, true) as unknown as SVGSVGElement;
  for (const link of Array.from(svg.querySelectorAll('a'))) {
    link.replaceWith(...Array.from(link.childNodes));
  }
  const view = svg.querySelector<SVGGElement>('g.wb-Graph-view');
  if (!view) {
    throw new Error('This is no picture of a graph.');
  }
  const nodes = Array.from(view.querySelectorAll<SVGGElement>('g.wb-Node'));
  const boxes = nodes.map(boxOf);
  const edges = Array.from(view.querySelectorAll<SVGPathElement>('path.wb-Edge')).map(path => {
    const [source = 0, target = 0] = (path.dataset.ends ?? '').split(' ').map(Number);
    boxes[source]?.after.push(target);
    boxes[target]?.before.push(source);
    return { source, target, path };
  });
  return { svg, view, scene: new Scene(boxes), nodes, edges };
}

/** The number of the box that an element belongs to. */
export function numberOf(element: Element | null): number | undefined {
  const node = element?.closest<SVGGElement>('g.wb-Node');
  return node ? Number(node.dataset.n) : undefined;
}

function tame(element: Element): void {
  for (const child of Array.from(element.children)) {
    if (ELEMENTS.has(child.nodeName)) {
      tame(child);
    } else {
      child.remove();
    }
  }
  for (const attribute of Array.from(element.attributes)) {
    if (!ATTRIBUTES.test(attribute.name) && !attribute.name.startsWith('xmlns')) {
      element.removeAttribute(attribute.name);
    }
  }
}

function boxOf(node: SVGGElement): Box {
  const [x = 0, y = 0] = (node.getAttribute('transform') ?? '')
    .replace(/[^\d. -]/g, '')
    .trim()
    .split(/\s+/)
    .map(Number);
  return {
    id: node.dataset.id ?? '',
    name: node.getAttribute('aria-label') ?? '',
    x,
    y,
    width: Number(node.dataset.w ?? 0),
    height: Number(node.dataset.h ?? 0),
    before: [],
    after: []
  };
}
