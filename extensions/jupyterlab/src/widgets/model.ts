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

/** Tells Python of a value; it answers by other values. */
export function tell<S, K extends keyof S & string>(model: Model<S>, name: K, value: S[K]): void {
  model.set(name, value);
  model.save_changes();
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
