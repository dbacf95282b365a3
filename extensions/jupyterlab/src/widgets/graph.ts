import type { Drawn } from '../components/graph/scene';
import { GraphView } from '../components/graph/view';

/** The model that anywidget hands over: the state that Python holds. */
interface Model {
  get(name: 'drawn'): Drawn;
  get(name: 'height'): number;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, act: () => void): void;
  off(event: string, act: () => void): void;
}

/** Shows the graph of a widget in a cell; returns what takes it away again. */
function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const host = document.createElement('div');
  host.style.height = `${model.get('height')}px`;
  el.appendChild(host);
  const tell = (name: string, value: unknown) => {
    model.set(name, value);
    model.save_changes();
  };
  const view = new GraphView(host, {
    onSelect: id => tell('selected', id),
    onGroups: opened => tell('opened', opened)
  });
  const show = () => view.show(model.get('drawn'));
  show();
  model.on('change:drawn', show);
  return () => {
    model.off('change:drawn', show);
    view.dispose();
  };
}

export default { render };
