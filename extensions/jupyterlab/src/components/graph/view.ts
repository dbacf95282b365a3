import type { Camera, Size } from './camera';
import { FAR, fitted, shown, zoomed } from './camera';
import { Minimap } from './minimap';
import type { Picture } from './picture';
import { numberOf, takeUp } from './picture';
import { asPng, asSvg, handOut } from './save';
import type { Drawn } from './scene';
import { GROUP } from './scene';
import { SIGNS } from './signs';

export interface GraphOptions {
  /** Told of the box that is looked at. */
  onSelect?: (id: string) => void;
  /** Told of the box that is to be opened: Enter, or two clicks. */
  onOpen?: (id: string) => void;
  /** Told of the groups that are to be open; whoever listens gives `show` the picture with them. */
  onGroups?: (opened: string[]) => void;
  /** Words in the language of the user. */
  translate?: (text: string) => string;
}

const STEP = 1.25;
const PAN = 60;

/**
 * A picture of a graph that can be moved, searched and walked by keys.
 *
 * It needs no framework, so that pages in JupyterLab and widgets in notebooks use the same.
 */
export class GraphView {
  constructor(host: HTMLElement, options: GraphOptions = {}) {
    this._options = options;
    this._say = options.translate ?? (text => text);
    this.node = document.createElement('div');
    this.node.className = 'wb-GraphView';
    this._tools();
    this._canvas = document.createElement('div');
    this._canvas.className = 'wb-GraphView-canvas';
    this.node.appendChild(this._canvas);
    this._map = new Minimap(this.node, (x, y) => this._center(x, y));
    this._live = document.createElement('div');
    this._live.className = 'wb-GraphView-live';
    this._live.setAttribute('aria-live', 'polite');
    this.node.appendChild(this._live);
    host.appendChild(this.node);
    this._listen();
    this._resized = new ResizeObserver(() => (this._follows ? this.fit() : this._apply()));
    this._resized.observe(this._canvas);
  }

  readonly node: HTMLElement;

  /** Shows a picture; what is looked at and the part that is seen stay where they can. */
  show(drawn: Drawn): void {
    const before =
      this._picture && this._selected !== undefined ? this._picture.scene.boxes[this._selected] : undefined;
    const old = before && { x: before.x, y: before.y };
    const picture = takeUp(drawn.svg);
    this._drawn = drawn;
    this._picture = picture;
    this._selected = undefined;
    picture.svg.removeAttribute('viewBox');
    picture.svg.setAttribute('width', '100%');
    picture.svg.setAttribute('height', '100%');
    picture.svg.setAttribute('role', 'tree');
    picture.nodes.forEach((node, number) => {
      node.setAttribute('role', 'treeitem');
      node.setAttribute('aria-selected', 'false');
      node.setAttribute('tabindex', number ? '-1' : '0');
    });
    this._canvas.replaceChildren(picture.svg);
    this._map.draw(picture.scene, drawn);
    const again = before && picture.scene.number(before.id);
    if (again !== undefined && old) {
      const box = picture.scene.boxes[again]!;
      this._camera.left += (old.x - box.x) * this._camera.scale;
      this._camera.top += (old.y - box.y) * this._camera.scale;
      this._follows = false;
      this.select(picture.scene.boxes[again]!.id, false);
      this._apply();
    } else {
      this.fit();
    }
  }

  /** Colours one box, and says its state in words too. */
  setState(id: string, look: string, word: string, fact?: string): void {
    const number = this._picture?.scene.number(id);
    const node = number === undefined ? undefined : this._picture?.nodes[number];
    if (!node || !this._drawn) {
      return;
    }
    node.setAttribute('class', `${(node.getAttribute('class') ?? '').replace(/ ?wb-is-\w+/g, '')} wb-is-${look}`);
    const named = node.querySelector('.wb-Node-name');
    let sign = node.querySelector('.wb-Node-sign');
    if (!sign && named) {
      sign = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      sign.setAttribute('class', 'wb-Node-sign');
      sign.setAttribute(
        'transform',
        `translate(${Number(node.dataset.w ?? 0) - 24} ${Number(named.getAttribute('y')) - 10.5})`
      );
      node.appendChild(sign);
    }
    sign?.setAttribute('d', SIGNS[look] ?? '');
    const line = node.querySelector('.wb-Node-fact');
    if (line && fact !== undefined) {
      line.textContent = fact;
    }
    const name = this._picture!.scene.boxes[number!]!.name.split(', ').slice(0, 2).join(', ');
    node.setAttribute('aria-label', [name, fact, word].filter(Boolean).join(', '));
  }

  /** Looks at one box: its way there and its way on are drawn strongly, all else faintly. */
  select(id: string, focus = true): void {
    const number = this._picture?.scene.number(id);
    if (number === undefined || !this._picture) {
      return;
    }
    const near = this._picture.scene.reach(number);
    this._picture.nodes.forEach((node, other) => {
      node.setAttribute('aria-selected', String(other === number));
      node.setAttribute('tabindex', other === number ? '0' : '-1');
      node.classList.toggle('wb-mod-dim', !near.has(other));
    });
    for (const { source, target, path } of this._picture.edges) {
      const on = near.has(source) && near.has(target);
      path.classList.toggle('wb-mod-near', on);
      path.classList.toggle('wb-mod-dim', !on);
    }
    this._selected = number;
    this._camera = shown(this._camera, this._picture.scene.boxes[number]!, this._window(), focus);
    this._apply();
    if (focus) {
      this._picture.nodes[number]?.focus({ preventScroll: true });
    }
    this._options.onSelect?.(id);
  }

  /** Looks at nothing in particular. */
  clear(): void {
    this._picture?.nodes.forEach(node => node.classList.remove('wb-mod-dim'));
    this._picture?.nodes.forEach(node => node.setAttribute('aria-selected', 'false'));
    this._picture?.edges.forEach(({ path }) => path.classList.remove('wb-mod-dim', 'wb-mod-near'));
    this._selected = undefined;
  }

  /** Shows the whole picture, and goes on doing so when the window changes. */
  fit(): void {
    const window = this._window();
    if (this._drawn && window.width && window.height) {
      this._camera = fitted(this._drawn, window);
      this._follows = true;
      this._apply();
    }
  }

  zoom(factor: number, x?: number, y?: number): void {
    const window = this._window();
    this._camera = zoomed(this._camera, factor, x ?? window.width / 2, y ?? window.height / 2);
    this._follows = false;
    this._apply();
  }

  /** The picture as the text of an SVG file. */
  svg(): string {
    const { width = 0, height = 0 } = this._drawn ?? {};
    return this._picture ? asSvg(this._picture.svg, width, height) : '';
  }

  /** The picture as a PNG. */
  png(): Promise<Blob> {
    const { width = 1, height = 1 } = this._drawn ?? {};
    return asPng(this.svg(), width, height);
  }

  dispose(): void {
    this._resized.disconnect();
    this.node.remove();
  }

  private _window(): Size {
    return { width: this._canvas.clientWidth, height: this._canvas.clientHeight };
  }

  private _center(x: number, y: number): void {
    const { width, height } = this._window();
    this._pan(
      width / 2 - x * this._camera.scale - this._camera.left,
      height / 2 - y * this._camera.scale - this._camera.top
    );
  }

  private _pan(x: number, y: number): void {
    this._camera = { ...this._camera, left: this._camera.left + x, top: this._camera.top + y };
    this._follows = false;
    this._apply();
  }

  /** Draws at most once a frame, however often something moves. */
  private _apply(): void {
    if (this._waiting || !this._picture) {
      return;
    }
    this._waiting = true;
    requestAnimationFrame(() => {
      this._waiting = false;
      const { left, top, scale } = this._camera;
      this._picture?.view.style.setProperty('transform', `translate(${left}px, ${top}px) scale(${scale})`);
      this._picture?.svg.classList.toggle('wb-mod-far', scale < FAR);
      if (this._drawn) {
        this._map.follow(this._camera, this._drawn, this._window());
      }
    });
  }

  private _tools(): void {
    const bar = document.createElement('div');
    bar.className = 'wb-GraphView-tools';
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', this._say('Graph'));
    const field = document.createElement('input');
    field.type = 'search';
    field.placeholder = this._say('Find in the graph');
    field.setAttribute('aria-label', field.placeholder);
    field.addEventListener('input', () => this._find(field.value, 0));
    field.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key === 'Enter') {
        event.preventDefault();
        this._find(field.value, event.shiftKey ? -1 : 1);
      }
    });
    bar.appendChild(field);
    const add = (text: string, title: string, act: () => void) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = text;
      button.title = this._say(title);
      button.setAttribute('aria-label', button.title);
      button.addEventListener('click', act);
      bar.appendChild(button);
    };
    add('+', 'Zoom in', () => this.zoom(STEP));
    add('−', 'Zoom out', () => this.zoom(1 / STEP));
    add('Fit', 'Show the whole graph', () => this.fit());
    add('Fold', 'Fold all groups', () => this._groups([]));
    add('SVG', 'Save as SVG', () => handOut(new Blob([this.svg()], { type: 'image/svg+xml' }), 'graph.svg'));
    add('PNG', 'Save as PNG', () => {
      this.png().then(
        blob => handOut(blob, 'graph.png'),
        (error: unknown) => (this._live.textContent = String(error))
      );
    });
    this.node.appendChild(bar);
  }

  private _find(text: string, step: number): void {
    const found = this._picture?.scene.search(text) ?? [];
    const last = this._selected === undefined ? -1 : found.indexOf(this._selected);
    const next = found[(Math.max(last, step ? last : 0) + step + found.length) % Math.max(found.length, 1)];
    this._live.textContent = text ? this._say('%1 found').replace('%1', String(found.length)) : '';
    if (next !== undefined) {
      this.select(this._picture!.scene.boxes[next]!.id, false);
    } else {
      this.clear();
    }
  }

  private _open(number: number): void {
    const box = this._picture?.scene.boxes[number];
    const group = box?.id.startsWith(GROUP) ? box.id.slice(GROUP.length) : '';
    if (group in (this._drawn?.folded ?? {}) && this._options.onGroups) {
      this._groups([...this._opened, group]);
    } else if (box) {
      this._options.onOpen?.(box.id);
    }
  }

  private _groups(opened: string[]): void {
    this._opened = opened;
    this._options.onGroups?.(opened);
  }

  private _listen(): void {
    let held: PointerEvent | undefined;
    const canvas = this._canvas;
    canvas.addEventListener('click', event => {
      const number = numberOf(event.target as Element);
      if (number !== undefined) {
        this.select(this._picture!.scene.boxes[number]!.id);
      }
    });
    canvas.addEventListener('dblclick', event => {
      const number = numberOf(event.target as Element);
      if (number !== undefined) {
        this._open(number);
      }
    });
    canvas.addEventListener('pointerdown', event => {
      if (numberOf(event.target as Element) === undefined && event.button === 0) {
        this.clear();
        held = event;
        canvas.setPointerCapture(event.pointerId);
      }
    });
    canvas.addEventListener('pointermove', event => {
      if (held) {
        this._pan(event.clientX - held.clientX, event.clientY - held.clientY);
        held = event;
      }
    });
    const release = () => (held = undefined);
    canvas.addEventListener('pointerup', release);
    canvas.addEventListener('pointercancel', release);
    canvas.addEventListener(
      'wheel',
      event => {
        event.preventDefault();
        if (event.ctrlKey || event.metaKey || !event.shiftKey) {
          const edge = canvas.getBoundingClientRect();
          this.zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - edge.left, event.clientY - edge.top);
        } else {
          this._pan(-event.deltaY - event.deltaX, 0);
        }
      },
      { passive: false }
    );
    canvas.addEventListener('keydown', event => this._key(event));
  }

  private _key(event: KeyboardEvent): void {
    const number = numberOf(event.target as Element);
    if (number === undefined || !this._picture || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.altKey) {
      const ways: Record<string, [number, number]> = {
        ArrowLeft: [PAN, 0],
        ArrowRight: [-PAN, 0],
        ArrowUp: [0, PAN],
        ArrowDown: [0, -PAN]
      };
      const way = ways[event.key];
      if (!way) {
        return;
      }
      this._pan(...way);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this._open(number);
    } else if (event.key === 'Escape') {
      this.clear();
    } else if (event.key === '+' || event.key === '-') {
      this.zoom(event.key === '+' ? STEP : 1 / STEP);
    } else if (event.key === '0') {
      this.fit();
    } else {
      const next = this._picture.scene.beside(number, event.key);
      if (next === undefined) {
        return;
      }
      this.select(this._picture.scene.boxes[next]!.id);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private readonly _options: GraphOptions;
  private readonly _say: (text: string) => string;
  private readonly _canvas: HTMLElement;
  private readonly _map: Minimap;
  private readonly _live: HTMLElement;
  private readonly _resized: ResizeObserver;
  private _drawn?: Drawn;
  private _opened: string[] = [];
  private _picture?: Picture;
  private _selected?: number;
  private _camera: Camera = { left: 0, top: 0, scale: 1 };
  private _follows = true;
  private _waiting = false;
}
