/** What every widget holds beside its state: how much the script has told Python, and how much of that came there. */
interface Counts {
  asked?: number;
  heard?: number;
}

/** The state that Python holds of a widget, as anywidget hands it over. */
export interface Model<S> {
  get<K extends keyof S & string>(name: K): S[K];
  set<K extends keyof S & string>(name: K, value: S[K]): void;
  save_changes(): void;
  on(event: string, act: () => void): void;
  off(event: string, act: () => void): void;
}

/** What the script of a widget is called with. */
export interface Place<S> {
  model: Model<S>;
  el: HTMLElement;
}

/** Milliseconds between the last key and the question. */
const PAUSE = 150;
/** Milliseconds after which Python should have heard what it was told. */
const PATIENCE = 3000;
const SILENT =
  'The kernel does not answer: it is busy, or has ended. What is shown is as it was; run the cell again to ask anew.';

/** Tells Python of a value; it answers by other values. */
export function tell<S, K extends keyof S & string>(model: Model<S>, name: K, value: S[K]): void {
  const counts = model as unknown as Model<Counts>;
  model.set(name, value);
  counts.set('asked', (counts.get('asked') ?? 0) + 1);
  model.save_changes();
}

/** Says below what is shown that Python does not answer, for as long as it does not; gives what ends that. */
export function answered<S>(model: Model<S>, el: HTMLElement): () => void {
  const counts = model as unknown as Model<Counts>;
  const said = document.createElement('p');
  said.className = 'wb-Widget-silent';
  said.setAttribute('role', 'status');
  el.appendChild(said);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if ((counts.get('heard') ?? 0) >= (counts.get('asked') ?? 0)) {
      said.textContent = '';
    } else {
      timer = setTimeout(() => (said.textContent = SILENT), PATIENCE);
    }
  };
  const events = ['change:asked', 'change:heard'];
  events.forEach(event => model.on(event, look));
  look();
  return () => {
    clearTimeout(timer);
    events.forEach(event => model.off(event, look));
    said.remove();
  };
}

/** Does something now and whenever one of these values changes; gives what ends that. */
export function follow<S>(model: Model<S>, names: readonly (keyof S & string)[], act: () => void): () => void {
  const events = names.map(name => `change:${name}`);
  events.forEach(event => model.on(event, act));
  act();
  return () => events.forEach(event => model.off(event, act));
}

/** Hears of what is typed once it rests. */
export function rested(act: (text: string) => void): (event: Event) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return event => {
    const text = (event.target as HTMLInputElement).value;
    clearTimeout(timer);
    timer = setTimeout(() => act(text), PAUSE);
  };
}

/** An element of its own below the cell, in the colours of the theme. */
export function frame(el: HTMLElement, label: string): HTMLElement {
  const made = document.createElement('section');
  made.className = 'wb-Themed wb-Widget';
  made.setAttribute('aria-label', label);
  el.appendChild(made);
  return made;
}
