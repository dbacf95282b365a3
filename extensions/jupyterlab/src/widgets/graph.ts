import type { Drawn } from '../components/graph/scene';
import { GraphView } from '../components/graph/view';
import { Place, answered, tell } from './model';

/** What Python holds: the picture, the groups that are open in it, the box that is looked at, and pixels. */
interface State {
  drawn: Drawn;
  opened: string[];
  selected: string;
  height: number;
}

/** Shows the graph of a widget in a cell; returns what takes it away again. */
function render({ model, el }: Place<State>): () => void {
  const host = document.createElement('div');
  el.appendChild(host);
  const view = new GraphView(host, {
    onSelect: id => tell(model, 'selected', id),
    onClear: () => tell(model, 'selected', ''),
    onGroups: opened => tell(model, 'opened', opened)
  });
  const silent = answered(model, el);
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
    silent();
    view.dispose();
  };
}

export default { render };
