import { type Camera, contains, FAR, fitted, shown, type Size, wide, zoomed } from './camera';
import { dragged } from './drag';
import { type Emphasis, FEW, Ink } from './ink';
import { Minimap } from './minimap';
import { asPng, asSvg, handOut } from './save';
import { type Area, type Drawn, GROUP, sceneOf, spoken } from './scene';
import { element, numberOf } from './shapes';
import { offer, type Tool, toolbar } from './tools';

export interface GraphOptions {
  /** Told of the box that is looked at. */
  onSelect?: (id: string) => void;
  /** Told of the arrow that was pressed, by the ids of its two boxes. */
  onArrow?: (source: string, target: string) => void;
  /** Told when nothing is looked at any more. */
  onClear?: () => void;
  /** Told of the box that is to be opened: Enter, or two clicks. */
  onOpen?: (id: string) => void;
  /** Told of the groups that are to be open, `*` for all; whoever listens gives `show` the picture with them. */
  onGroups?: (opened: string[]) => void;
  /** Words in the language of the user. */
  translate?: (text: string) => string;
}

const STEP = 1.25;
const PAN = 60;
/** What stands for all groups. */
export const EVERY = '*';
/** How far from an arrow a press still means it. */
const REACH = 7;

/**
 * A picture of a graph that can be moved, searched and walked by keys.
 *
 * Only what is in sight is drawn, and a bit around it, so that moving it moves one layer that is drawn already.
 * It needs no framework, so that pages in JupyterLab and widgets in notebooks use the same.
 */
export class GraphView {
  constructor(host: HTMLElement, options: GraphOptions = {}) {
    this._options = options;
    this._say = options.translate ?? (text => text);
    this.node = document.createElement('div');
    this.node.className = 'wb-GraphView';
    this._bar = this._tools();
    this.node.append(this._bar);
    this._canvas = document.createElement('div');
    this._canvas.className = 'wb-GraphView-canvas';
    this._stage = document.createElement('div');
    this._stage.className = 'wb-GraphView-stage';
    this._canvas.appendChild(this._stage);
    this.node.appendChild(this._canvas);
    this._map = new Minimap(this.node, (x, y) => this._center(x, y));
    this._live = document.createElement('div');
    this._live.className = 'wb-GraphView-live';
    this._live.setAttribute('aria-live', 'polite');
    this.node.appendChild(this._live);
    host.appendChild(this.node);
    this._listen();
    this._resized = new ResizeObserver(() => (this._follows ? this._rest() : this._apply()));
    this._resized.observe(this._canvas);
  }

  readonly node: HTMLElement;

  /** Shows a graph; what is looked at and the part that is seen stay where they can. */
  show(drawn: Drawn): void {
    const before = this._selected === undefined ? undefined : this._ink?.scene.boxes[this._selected];
    const ink = new Ink(sceneOf(drawn));
    const old = this._drawn?.boxes ?? [];
    const alike = old.length === drawn.boxes.length && drawn.boxes.every(({ id }, number) => id === old[number]!.id);
    const held = this._stage.contains(document.activeElement) ? numberOf(document.activeElement) : undefined;
    const holder = held === undefined ? undefined : this._ink?.scene.boxes[held]?.id;
    this._drawn = drawn;
    this._ink = ink;
    this._area = undefined;
    this._selected = undefined;
    this._emphasis = null;
    const empty = drawn.boxes.length === 0;
    const about = [drawn.title, drawn.about].filter(Boolean).join(': ');
    this._svg = element('svg', { class: 'wb-Graph', role: empty ? 'img' : 'tree', 'aria-label': about });
    this._svg.append(ink.node);
    this._stage.replaceChildren(this._svg);
    this._map.draw(ink.scene, drawn);
    const again = before && ink.scene.number(before.id);
    if (before && again !== undefined) {
      const box = ink.scene.boxes[again]!;
      this._camera.left += (before.x - box.x) * this._camera.scale;
      this._camera.top += (before.y - box.y) * this._camera.scale;
      this._follows = false;
      this.select(box.id, false);
    } else if (alike && !this._follows) {
      this._apply();
    } else {
      this._whole &&= alike;
      this._rest();
    }
    if (holder !== undefined) {
      ink.box(ink.scene.number(holder) ?? ink.scene.number(this.selected) ?? 0)?.focus({ preventScroll: true });
    }
    this._offer(drawn);
  }

  /** Colours one box, and says its state in words too. */
  setState(id: string, look: string, word: string, fact?: string): void {
    const number = this._ink?.scene.number(id);
    const told = number === undefined ? undefined : this._drawn?.boxes[number];
    const box = number === undefined ? undefined : this._ink?.scene.boxes[number];
    if (number === undefined || !told || !box) {
      return;
    }
    const detail = fact ?? told.detail;
    box.look = look;
    box.fact = box.fact && fact !== undefined ? fact : box.fact;
    box.name = spoken({ ...told, detail, word });
    this._ink?.renew(number);
    if (this._far) {
      this._area = undefined;
    }
    this._apply();
  }

  /** Looks at one box: its way there and its way on are drawn strongly, all else faintly. */
  select(id: string, focus = true): void {
    const ink = this._ink;
    const number = ink?.scene.number(id);
    if (!ink || number === undefined) {
      return;
    }
    this._emphasis = { boxes: ink.scene.reach(number), selected: number };
    this._selected = number;
    this._camera = shown(this._camera, ink.scene.boxes[number]!, this._window(), focus);
    this._area = undefined;
    this._place();
    if (focus) {
      ink.box(number)?.focus({ preventScroll: true });
    }
    this._options.onSelect?.(id);
  }

  /** The id of the box that is looked at, empty for none. */
  get selected(): string {
    return this._selected === undefined ? '' : (this._ink?.scene.boxes[this._selected]?.id ?? '');
  }

  /** Looks at nothing in particular. */
  clear(): void {
    if (this._selected !== undefined) {
      this._emphasis = null;
      this._selected = undefined;
      this._area = undefined;
      this._place();
      this._options.onClear?.();
    }
  }

  /** Shows the whole picture, and goes on doing so when the window changes. */
  fit(): void {
    this._whole = true;
    this._rest();
  }

  zoom(factor: number, x?: number, y?: number): void {
    const window = this._window();
    this._camera = zoomed(this._camera, factor, x ?? window.width / 2, y ?? window.height / 2);
    this._follows = false;
    this._apply();
  }

  /** The picture as the text of an SVG file. */
  svg(): string {
    if (!this._ink || !this._drawn) {
      return '';
    }
    const { width, height } = this._drawn;
    const whole = element('svg', { class: 'wb-Graph' });
    const ink = new Ink(this._ink.scene);
    ink.draw({ left: 0, top: 0, right: width, bottom: height }, false, null);
    whole.append(ink.node);
    whole.style.visibility = 'hidden';
    this._stage.append(whole); // styles are known of what is in a page only
    try {
      return asSvg(whole, width, height);
    } finally {
      whole.remove();
    }
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

  /** The whole picture; where nothing could be read in it and that is not asked for, what it is about. */
  private _rest(): void {
    const window = this._window();
    if (!this._drawn || !this._ink || !window.width || !window.height) {
      return;
    }
    const about = this._ink.scene.boxes[this._ink.scene.number(this._drawn.focus) ?? -1];
    const whole = fitted(this._drawn, window);
    this._camera = this._whole || !about ? whole : shown(whole, about, window, true);
    this._follows = true;
    this._apply();
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
    if (this._waiting || !this._ink) {
      return;
    }
    this._waiting = true;
    requestAnimationFrame(() => {
      this._waiting = false;
      this._place();
    });
  }

  /** Puts the picture where the camera looks; draws only what has come into sight. */
  private _place(): void {
    if (!this._ink || !this._drawn) {
      return;
    }
    const { left, top, scale } = this._camera;
    const window = this._window();
    this._stage.style.transform = `translate(${left}px, ${top}px)`;
    if (scale !== this._scale) {
      this._scale = scale;
      this._area = this._far === scale < FAR ? this._area : undefined;
    }
    this._ink.node.setAttribute('transform', `scale(${scale})`);
    const seen = this._seen(0);
    const few = this._ink.scene.boxes.length <= FEW;
    const off = () => !contains(this._area!, seen) || wide(this._area!) > 4 * wide(seen);
    if (!this._area || (!few && off())) {
      this._far = scale < FAR;
      this._area = this._seen(1);
      this._svg?.classList.toggle('wb-mod-far', this._far);
      this._ink.draw(this._area, this._far, this._emphasis);
    }
    this._map.follow(this._camera, this._drawn, window);
  }

  /** What of the picture is seen, with a margin of so many halves of the window at each side. */
  private _seen(margin: number): Area {
    const { left, top, scale } = this._camera;
    const { width, height } = this._window();
    const [aside, above] = [(margin * width) / 2, (margin * height) / 2];
    return {
      left: (-left - aside) / scale,
      top: (-top - above) / scale,
      right: (width - left + aside) / scale,
      bottom: (height - top + above) / scale
    };
  }

  private _tools(): HTMLElement {
    const tools: Tool[] = [
      { text: '+', title: 'Zoom in', act: () => this.zoom(STEP) },
      { text: '−', title: 'Zoom out', act: () => this.zoom(1 / STEP) },
      { text: 'Fit', title: 'Show the whole graph', act: () => this.fit() }
    ];
    if (this._options.onGroups) {
      tools.push(
        { text: 'Fold', title: 'Fold all groups', at: 'unfolded', act: () => this._groups([]) },
        { text: 'Unfold', title: 'Open all groups', at: 'folded', act: () => this._groups([EVERY]) }
      );
    }
    const svg = () => handOut(new Blob([this.svg()], { type: 'image/svg+xml' }), 'graph.svg');
    const tell = (error: unknown) => (this._live.textContent = String(error));
    const png = () => void this.png().then(blob => handOut(blob, 'graph.png'), tell);
    tools.push({ text: 'SVG', title: 'Save as SVG', act: svg }, { text: 'PNG', title: 'Save as PNG', act: png });
    return toolbar(this._say, (text, step) => this._find(text, step), tools);
  }

  /** Offers to fold and to open groups; a picture with more boxes than a folded one had has some open. */
  private _offer(drawn: Drawn): void {
    const folded = Object.keys(drawn.folded).length > 0;
    this._least = folded ? Math.min(this._least, drawn.boxes.length) : this._least;
    offer(this._bar, { folded, unfolded: drawn.boxes.length > this._least });
  }

  private _find(text: string, step: number): void {
    const found = this._ink?.scene.search(text) ?? [];
    const last = this._selected === undefined ? -1 : found.indexOf(this._selected);
    const next = found[(Math.max(last, step ? last : 0) + step + found.length) % Math.max(found.length, 1)];
    this._live.textContent = text ? `${found.length} ${this._say('found')}` : '';
    if (next !== undefined) {
      this.select(this._ink!.scene.boxes[next]!.id, false);
    } else {
      this.clear();
    }
  }

  private _open(number: number): void {
    const box = this._ink?.scene.boxes[number];
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

  /** What lies under the pointer: the number of a box, else that of an arrow. */
  private _under(event: MouseEvent): { box?: number; arrow?: number } {
    const edge = this._canvas.getBoundingClientRect();
    const { left, top, scale } = this._camera;
    const [x, y] = [(event.clientX - edge.left - left) / scale, (event.clientY - edge.top - top) / scale];
    const box = this._ink?.tiles.boxAt(x, y);
    return box === undefined ? { arrow: this._ink?.tiles.arrowAt(x, y, REACH / scale) } : { box };
  }

  private _press(event: MouseEvent): void {
    const { box, arrow } = this._under(event);
    if (box !== undefined) {
      this.select(this._ink!.scene.boxes[box]!.id);
    } else if (arrow !== undefined && this._options.onArrow) {
      const { source, target } = this._ink!.scene.arrows[arrow]!;
      this._options.onArrow(this._ink!.scene.boxes[source]!.id, this._ink!.scene.boxes[target]!.id);
    } else {
      this.clear();
    }
  }

  private _listen(): void {
    const canvas = this._canvas;
    const moved = dragged(canvas, (x, y) => this._pan(x, y));
    canvas.addEventListener('click', event => {
      if (!moved()) {
        this._press(event);
      }
    });
    canvas.addEventListener('dblclick', event => {
      const { box } = this._under(event);
      if (box !== undefined) {
        this._open(box);
      }
    });
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
    if (number === undefined || !this._ink || event.ctrlKey || event.metaKey) {
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
      const next = this._ink.scene.beside(number, event.key);
      if (next === undefined) {
        return;
      }
      this.select(this._ink.scene.boxes[next]!.id);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private readonly _options: GraphOptions;
  private readonly _say: (text: string) => string;
  private readonly _bar: HTMLElement;
  private readonly _canvas: HTMLElement;
  private readonly _map: Minimap;
  private readonly _live: HTMLElement;
  private readonly _resized: ResizeObserver;
  private readonly _stage: HTMLElement;
  private _drawn?: Drawn;
  private _opened: string[] = [];
  /** The fewest boxes of a picture in which groups were folded. */
  private _least = Infinity;
  private _svg?: SVGSVGElement;
  private _ink?: Ink;
  private _selected?: number;
  private _emphasis: Emphasis | null = null;
  /** What is drawn, which is more than what is seen; nothing when it has to be drawn again. */
  private _area?: Area;
  private _far = false;
  private _scale = 0;
  private _camera: Camera = { left: 0, top: 0, scale: 1 };
  private _follows = true;
  private _whole = false;
  private _waiting = false;
}
