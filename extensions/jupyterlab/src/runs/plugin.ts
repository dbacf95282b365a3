import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';

import { live } from '../api/live';
import type { RunEvent, RunRow } from '../api/types';
import { look } from '../components/badge';
import { short } from '../components/duration';
import { IWorkbench } from '../tokens';
import { mine } from './begin';
import { ended, well } from './state';

/** Milliseconds for which the word of a run that went well stays. */
const BRIEF = 8000;

/** Tells in Lab when a run ends that was begun in this tab, whatever one looks at by then. */
export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:runs',
  description: 'Notifications of runs that end.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, shared: IWorkbench, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const open = (run: string): void => shared.pages.open('run', run);
    live(app.serviceManager).runs.connect((_, event) => {
      if ((ended(event.state) || event.state === 'refused') && mine.take(event.run)) {
        tell(event, trans, open);
      }
    });
    void app.restored.then(() => {
      for (const run of mine.all()) {
        void late(shared, run, trans, open); // it may have ended while the page was loaded anew
      }
    });
  }
};

function tell(event: Pick<RunEvent, 'run' | 'pipeline' | 'state' | 'code'>, trans: TranslationBundle, open: (run: string) => void): void {
  const named = trans.__('Run %1 of %2', short(event.run), event.pipeline);
  if (event.state === 'refused') {
    Notification.error(trans.__('%1 could not begin: %2', named, event.code), { autoClose: false });
    return;
  }
  const text = trans.__('%1: %2', named, look(event.state).word) + (event.code ? ` (${event.code})` : '');
  const actions = [{ label: trans.__('Open run'), callback: () => open(event.run) }];
  if (well(event.state)) {
    Notification.success(text, { autoClose: BRIEF, actions });
  } else {
    Notification.error(text, { autoClose: false, actions });
  }
}

async function late(shared: IWorkbench, run: string, trans: TranslationBundle, open: (run: string) => void): Promise<void> {
  try {
    const found = await shared.client.get<RunRow>(`runs/${encodeURIComponent(run)}`);
    if (ended(found.state) && mine.take(run)) {
      tell({ run, pipeline: found.pipeline, state: found.state, code: found.error?.code ?? '' }, trans, open);
    }
  } catch {
    // it has not begun yet, or the server is away: events tell of it
  }
}
