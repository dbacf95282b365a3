import type { TranslationBundle } from '@jupyterlab/translation';

import type { CellTime } from '../api/types';
import { duration } from '../components/duration';
import { cellsOf, NotebookTab } from './tab';

const CLASS = 'wb-CellTime';
/** How many times its usual duration makes a cell slow. */
const SLOW = 2;

/** Writes beside each cell how long it took when it ran as a step last; what is not known is not there. */
export function showTimes(tab: NotebookTab, times: readonly CellTime[], trans: TranslationBundle): void {
  const byId = new Map(times.map(time => [time.id, time]));
  for (const [id, cell] of cellsOf(tab)) {
    const time = byId.get(id);
    const old = cell.node.querySelector<HTMLElement>(`:scope .${CLASS}`);
    const place = cell.node.querySelector<HTMLElement>('.jp-InputArea-prompt, .jp-InputPrompt');
    const seconds = time?.seconds ?? time?.usual ?? null;
    if (!time || seconds === null || !place) {
      old?.remove();
      continue;
    }
    const mark = old ?? document.createElement('span');
    mark.className = CLASS;
    mark.textContent = duration(seconds);
    mark.title = explained(time, trans);
    mark.dataset['slow'] = String(isSlow(time));
    if (!old) {
      place.append(mark);
    }
  }
}

/** Whether a cell took much longer than it usually does. */
export function isSlow(time: CellTime): boolean {
  return time.seconds !== null && time.usual !== null && time.seconds > 1 && time.seconds > SLOW * time.usual;
}

function explained(time: CellTime, trans: TranslationBundle): string {
  const told = [];
  if (time.seconds !== null) {
    told.push(trans.__('%1 in the last run as a step', duration(time.seconds)));
  }
  if (time.usual !== null) {
    told.push(trans._n('%2 usually (%1 run)', '%2 usually (%1 runs)', time.samples, duration(time.usual)));
  }
  return told.join('\n');
}
