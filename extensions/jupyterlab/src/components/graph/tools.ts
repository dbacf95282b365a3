/** A button above a graph; its title is translated, its text is a sign or a short word. */
export interface Tool {
  text: string;
  title: string;
  act: () => void;
  /** One that is offered at times only, and not at first. */
  at?: 'folded' | 'unfolded';
}

/** The bar above a graph: a field that finds, with Enter and Shift+Enter for the next one and the last, and buttons. */
export function toolbar(
  say: (text: string) => string,
  find: (text: string, step: number) => void,
  tools: readonly Tool[]
): HTMLElement {
  const bar = document.createElement('div');
  bar.className = 'wb-GraphView-tools';
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', say('Graph'));
  const field = document.createElement('input');
  field.type = 'search';
  field.placeholder = say('Find in the graph');
  field.setAttribute('aria-label', field.placeholder);
  field.addEventListener('input', () => find(field.value, 0));
  field.addEventListener('keydown', event => {
    event.stopPropagation();
    if (event.key === 'Enter') {
      event.preventDefault();
      find(field.value, event.shiftKey ? -1 : 1);
    }
  });
  bar.append(field, ...tools.map(tool => button(tool, say)));
  return bar;
}

/** Offers what there is to do now, and nothing else; who had a button that goes has the one beside it. */
export function offer(bar: HTMLElement, now: Record<'folded' | 'unfolded', boolean>): void {
  const some = [...bar.querySelectorAll<HTMLElement>('button[data-at]')];
  const held = some.find(each => each === document.activeElement);
  some.forEach(each => (each.hidden = !now[each.dataset['at'] as keyof typeof now]));
  if (held?.hidden) {
    (some.find(each => !each.hidden) ?? bar.querySelector<HTMLElement>('button'))?.focus({ preventScroll: true });
  }
}

function button({ text, title, act, at }: Tool, say: (text: string) => string): HTMLElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = say(text);
  made.title = say(title);
  made.setAttribute('aria-label', made.title);
  made.addEventListener('click', act);
  if (at) {
    made.dataset['at'] = at;
    made.hidden = true;
  }
  return made;
}
