import type { Area, Arrow, Scene } from './scene';
import { card, drawBox, element, stripe, wayOf } from './shapes';
import { Tiles } from './tiles';

/** Boxes up to which each is an element all the time, which is the best for people who hear a page. */
export const FEW = 400;

/** Which boxes and arrows are drawn strongly, all others faintly; nothing for all alike. */
export interface Emphasis {
  boxes: ReadonlySet<number>;
  selected: number;
}

/**
 * What is drawn of a scene: the boxes in an area as elements of their own, all arrows as a few paths.
 *
 * Far away the boxes are a few paths too, one for each look, but for the one that is looked at.
 */
export class Ink {
  constructor(readonly scene: Scene) {
    this.tiles = new Tiles(scene);
    this.node.append(this._arrows, this._shapes, this._boxes);
    for (const name of ['wb-Edge', 'wb-Edge wb-mod-back', 'wb-Edge wb-mod-near', 'wb-Edge wb-mod-near wb-mod-back']) {
      this._arrows.append(element('path', { class: name }));
    }
  }

  readonly node = element('g', { class: 'wb-Graph-view' });
  readonly tiles: Tiles;

  /** Draws what an area shows; `far` without what cannot be read from there. */
  draw(area: Area, far: boolean, emphasis: Emphasis | null): void {
    const few = this.scene.boxes.length <= FEW;
    const seen = few ? this.scene.boxes.map((_, number) => number) : this.tiles.boxes(area);
    const merged = far && !few;
    this._keep(merged ? [] : seen, emphasis);
    this._merge(merged ? seen : [], emphasis);
    this._lead(few ? this.scene.arrows.map((_, number) => number) : this.tiles.arrows(area), !far, emphasis);
  }

  /** The element of a box, made if it is not in sight. */
  box(number: number): SVGGElement | undefined {
    const box = this.scene.boxes[number];
    let made = this._made.get(number);
    if (box && !made) {
      made = drawBox(box, number);
      this._made.set(number, made);
      this._boxes.append(made);
    }
    return made;
  }

  /** Draws a box again, as what is known of it has changed. */
  renew(number: number): void {
    const old = this._made.get(number);
    const box = this.scene.boxes[number];
    if (!old || !box) {
      return;
    }
    const made = drawBox(box, number);
    ['class', 'aria-label'].forEach(name => old.setAttribute(name, made.getAttribute(name) ?? ''));
    old.replaceChildren(...Array.from(made.children));
  }

  /** Has boxes with these numbers as elements, and the one that is looked at, and no others. */
  private _keep(numbers: readonly number[], emphasis: Emphasis | null): void {
    const wanted = new Set(numbers);
    const pinned = [emphasis?.selected, this._focused()].filter(number => number !== undefined);
    pinned.forEach(number => wanted.add(number));
    if (!wanted.size && this.scene.boxes.length) {
      wanted.add(0); // so that a key leads into the picture
    }
    this._made.forEach((node, number) => {
      if (!wanted.has(number)) {
        node.remove();
        this._made.delete(number);
      }
    });
    const entry = emphasis?.selected ?? Math.min(...wanted);
    wanted.forEach(number => {
      const node = this.box(number)!;
      node.setAttribute('aria-selected', String(number === emphasis?.selected));
      node.setAttribute('tabindex', number === entry ? '0' : '-1');
      node.classList.toggle('wb-mod-dim', emphasis !== null && !emphasis.boxes.has(number));
    });
  }

  private _focused(): number | undefined {
    const number = document.activeElement?.closest<SVGGElement>('g.wb-Node')?.dataset['n'];
    return number !== undefined && this.node.contains(document.activeElement) ? Number(number) : undefined;
  }

  /** Draws boxes as one path for each look. */
  private _merge(numbers: readonly number[], emphasis: Emphasis | null): void {
    const paths = new Map<string, { cards: string[]; stripes: string[] }>();
    for (const number of numbers) {
      const box = this.scene.boxes[number]!;
      const dim = emphasis && !emphasis.boxes.has(number) ? ' wb-mod-dim' : '';
      const name = `wb-Node${box.look ? ` wb-is-${box.look}` : ''}${dim}`;
      const path = paths.get(name) ?? { cards: [], stripes: [] };
      paths.set(name, path);
      path.cards.push(card(box, box.x, box.y));
      path.stripes.push(stripe(box, box.x, box.y));
    }
    const made = Array.from(paths, ([name, { cards, stripes }]) => {
      const group = element('g', { class: name, 'aria-hidden': 'true' });
      group.append(
        element('path', { class: 'wb-Node-card', d: cards.join('') }),
        element('path', { class: 'wb-Node-stripe', d: stripes.join('') })
      );
      return group;
    });
    this._shapes.replaceChildren(...made);
  }

  private _lead(numbers: readonly number[], head: boolean, emphasis: Emphasis | null): void {
    const ways: string[][] = [[], [], [], []];
    for (const number of numbers) {
      const arrow = this.scene.arrows[number]!;
      const near = emphasis !== null && emphasis.boxes.has(arrow.source) && emphasis.boxes.has(arrow.target);
      ways[Number(arrow.back) + 2 * Number(near)]!.push(this._way(arrow, number, head));
    }
    Array.from(this._arrows.children).forEach((path, index) => {
      path.setAttribute('d', ways[index]!.join(''));
      path.classList.toggle('wb-mod-dim', emphasis !== null && index < 2);
    });
  }

  private _way(arrow: Arrow, number: number, head: boolean): string {
    const known = head ? this._near : this._far;
    return (known[number] ??= wayOf(arrow, head));
  }

  private readonly _arrows = element('g', { class: 'wb-Graph-edges', 'aria-hidden': 'true' });
  private readonly _shapes = element('g', { class: 'wb-Graph-shapes' });
  private readonly _boxes = element('g', { class: 'wb-Graph-nodes', role: 'presentation' });
  private readonly _made = new Map<number, SVGGElement>();
  private readonly _near: string[] = [];
  private readonly _far: string[] = [];
}
