import '../../style/tokens.css';
import '../../style/components.css';
import '../../style/widget.css';

import { cut } from '../components/outcomes';
import { node, part, redraw } from '../components/part';
import { Model, Place, answered, follow, frame, rested, tell } from './model';

/** A kind of view and the words of what it is about. */
type Lead = readonly string[];

/** What Python holds: where one went, and the view at the end of that. */
interface State {
  trail: readonly Lead[];
  html: string;
  /** Why there is no such view; empty when there is one. */
  error: string;
}

/** What would load or run something, in a view that holds none of it. */
const FORBIDDEN = 'script, iframe, object, embed, link, meta, base, form, img, image, use';
const FORBIDDEN_ATTRIBUTE = /^(on.*|src|srcdoc|href|xlink:href|action|formaction)$/i;

/** Shows views whose names lead to others; gives what takes them away again. */
export function render({ model, el }: Place<State>): () => void {
  const host = frame(el, 'Workbench');
  const bar = host.appendChild(document.createElement('div'));
  const field = node(
    part('input', {
      type: 'search',
      class: 'wb-Input',
      'aria-label': 'Search the catalog',
      placeholder: 'Search the catalog',
      value: last(model)[1] ?? '',
      input: rested(text => tell(model, 'trail', [...model.get('trail').slice(0, -1), ['search', text]]))
    })
  ) as HTMLInputElement;
  host.appendChild(field);
  const view = host.appendChild(document.createElement('div'));
  const back = (): void => {
    tell(model, 'trail', model.get('trail').slice(0, -1));
    field.value = last(model)[1] ?? '';
  };
  const ends = [
    follow(model, ['trail', 'error'], () => {
      const [kind] = last(model);
      field.hidden = kind !== 'search';
      const error = model.get('error');
      redraw(
        bar,
        model.get('trail').length > 1
          ? part('button', { type: 'button', class: 'wb-Button', 'data-key': 'back', click: back }, '← Back')
          : '',
        error ? part('p', { role: 'alert' }, error) : ''
      );
    }),
    follow(model, ['html'], () => view.replaceChildren(drawn(model.get('html'), go))),
    answered(model, host)
  ];
  function go(lead: Lead): void {
    tell(model, 'trail', [...model.get('trail'), lead]);
    bar.querySelector<HTMLElement>('[data-key=back]')?.focus({ preventScroll: true });
  }
  return () => {
    ends.forEach(end => end());
    host.remove();
  };
}

function last(model: Model<State>): Lead {
  return model.get('trail').at(-1) ?? ['search'];
}

/** A view as Python drew it, where names are buttons that lead on. Nothing in it may load or run. */
function drawn(html: string, go: (lead: Lead) => void): DocumentFragment {
  const made = new DOMParser().parseFromString(html, 'text/html');
  made.querySelectorAll(FORBIDDEN).forEach(each => each.remove());
  for (const each of made.querySelectorAll('*')) {
    for (const name of each.getAttributeNames()) {
      if (FORBIDDEN_ATTRIBUTE.test(name)) {
        each.removeAttribute(name);
      }
    }
  }
  for (const each of made.querySelectorAll<HTMLElement>('[data-wb-lead]')) {
    const lead = read(each.dataset['wbLead']);
    if (lead) {
      const text = each.textContent ?? '';
      const button = part(
        'button',
        { type: 'button', class: 'wb-Link', title: cut(text, 2000), click: () => go(lead) },
        part('bdi', {}, text)
      );
      each.replaceChildren(node(button));
    }
  }
  const shown = document.createDocumentFragment();
  shown.append(...made.head.childNodes, ...made.body.childNodes);
  return shown;
}

/** The lead that an element names, if it is one. */
function read(written: string | undefined): Lead | null {
  try {
    const lead: unknown = JSON.parse(written ?? '');
    return Array.isArray(lead) && lead.every(word => typeof word === 'string') ? lead : null;
  } catch {
    return null;
  }
}

export default { render };
