import type { Drawn } from '../components/graph/scene';
import { GraphView } from '../components/graph/view';

/** The model that anywidget hands over: the state that Python holds. */
interface Model {
  get(name: 'drawn'): Drawn;
  get(name: 'selected'): string;
  get(name: 'height'): number;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, act: () => void): void;
  off(event: string, act: () => void): void;
}

/** Shows the graph of a widget in a cell; returns what takes it away again. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const host = document.createElement('div');
  el.appendChild(host);
  const tell = (name: string, value: unknown) => {
    model.set(name, value);
    model.save_changes();
  };
  const view = new GraphView(host, {
    onSelect: id => tell('selected', id),
    onClear: () => tell('selected', ''),
    onGroups: opened => tell('opened', opened)
  });
  const show = () => view.show(model.get('drawn'));
  const resize = () => (host.style.height = `${model.get('height')}px`);
  const select = () => {
    const id = model.get('selected');
    if (id !== view.selected) {
      if (id) {
        view.select(id, false);
      } else {
        view.clear();
      }
    }
  };
  resize();
  show();
  select();
  const listeners: [string, () => void][] = [
    ['change:drawn', show],
    ['change:height', resize],
    ['change:selected', select]
  ];
  listeners.forEach(([event, act]) => model.on(event, act));
  return () => {
    listeners.forEach(([event, act]) => model.off(event, act));
    view.dispose();
  };
}

export default { render };
