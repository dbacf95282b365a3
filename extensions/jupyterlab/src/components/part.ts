/**
 * What a component looks like, as plain data. The same description is drawn by React in JupyterLab and by the DOM alone in
 * the widget of a notebook, which is sent along with each cell and so has to be small. Text is only ever text: there is
 * no way to say HTML, nor an address.
 */
export interface Part {
  tag: string;
  attributes: Attributes;
  children: readonly Child[];
}

export type Child = Part | string;

/** What happens on an event, by the name of the event; everything else as HTML has it. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

type Given = Child | number | false | null | undefined | readonly Child[];

const SVG = 'http://www.w3.org/2000/svg';
/** What would load or run something. */
const FORBIDDEN = /^(script|style|iframe|object|embed|link|base|meta|img|image|use|a|form)$/;
const FORBIDDEN_ATTRIBUTE = /^(on.*|style|href|xlink:href|src|srcdoc|action|formaction)$/i;

/** An element. Throws when it could load or run what somebody wrote. */
export function part(tag: string, attributes: Attributes = {}, ...children: readonly Given[]): Part {
  const wrong = FORBIDDEN.test(tag) ? tag : Object.keys(attributes).find(name => FORBIDDEN_ATTRIBUTE.test(name));
  if (wrong) {
    throw new Error(`a part has no ${wrong}`);
  }
  return {
    tag,
    attributes,
    children: children
      .flat()
      .filter(isShown)
      .map(child => (isNumber(child) ? `${child}` : child))
  };
}

function isShown(child: Child | number | false | null | undefined): child is Child | number {
  return child !== false && child !== null && child !== undefined && child !== '';
}

function isNumber(child: Child | number): child is number {
  return typeof child === 'number';
}

/** A part as a node of the document. */
export function node(of: Child, drawn = false): Node {
  if (typeof of === 'string') {
    return document.createTextNode(of);
  }
  const inside = drawn || of.tag === 'svg';
  const element = inside ? document.createElementNS(SVG, of.tag) : document.createElement(of.tag);
  for (const [name, value] of Object.entries(of.attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...of.children.map(child => node(child, inside)));
  return element;
}

/** Draws parts in place of what a host holds: what is known by its `data-key` keeps the focus, and stays unfolded. */
export function redraw(host: HTMLElement, ...parts: readonly Child[]): void {
  const root = host.getRootNode() as Document | ShadowRoot;
  const active = root.activeElement;
  const key = active && host.contains(active) ? active.getAttribute('data-key') : null;
  const unfolded = new Set(
    [...host.querySelectorAll('details[open][data-key]')].map(each => each.getAttribute('data-key'))
  );
  host.replaceChildren(...parts.map(child => node(child)));
  for (const each of host.querySelectorAll<HTMLDetailsElement>('details[data-key]')) {
    each.open = unfolded.has(each.getAttribute('data-key'));
  }
  if (key !== null) {
    const again = [...host.querySelectorAll<HTMLElement>('[data-key]')].find(each => each.dataset['key'] === key);
    again?.focus({ preventScroll: true });
  }
}

/** All the text in a part, as a reader of its text content sees it. */
export function text(of: Child): string {
  return typeof of === 'string' ? of : of.children.map(text).join('');
}
