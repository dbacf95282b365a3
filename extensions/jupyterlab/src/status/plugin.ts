import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { Live } from '../api/live';
import type { RunEvent } from '../api/types';
import { Wishes } from '../settings';
import { IWorkbench } from '../tokens';
import { RunningRuns } from './item';
import { Notice, noticeOf } from './notice';

/** Milliseconds that a notification of a run that succeeded stays. */
const BRIEF = 5000;

/** Tells of runs in the status bar, and of those that are over by notifications. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:status',
  description: 'How many runs go on in the status bar, and notifications of those that are over.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [IStatusBar, ITranslator],
  activate: (app: JupyterFrontEnd, shared: IWorkbench, bar: IStatusBar | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const { live, pages, wishes } = shared;
    const openRun = (run: string): void => pages.open('run', run);
    const canOpen = (): boolean => pages.get('run') !== undefined;
    live.told.connect((_: Live, event: RunEvent) => {
      const notice = noticeOf(event, wishes.notifications);
      if (notice) {
        notify(notice, event, trans, canOpen() ? openRun : null);
      }
    });
    if (!bar) {
      return;
    }
    const activity = new Signal<Wishes, void>(wishes);
    wishes.changed.connect(() => activity.emit());
    live.changed.connect(() => activity.emit());
    const press = (): void => {
      const last = live.going[0];
      if (last && canOpen()) {
        openRun(last.id);
      } else {
        void app.commands.execute('workbench:search');
      }
    };
    bar.registerStatusItem(statusPlugin.id, {
      item: new RunningRuns(live, trans, press),
      align: 'left',
      rank: 90,
      isActive: () => wishes.statusBar && live.link !== 'closed',
      activeStateChanged: activity
    });
  }
};

/** Shows a notification of a run that is over, with the way to it. */
function notify(notice: Notice, event: RunEvent, trans: TranslationBundle, open: ((run: string) => void) | null): void {
  const words: Record<Notice['word'], string> = {
    succeeded: trans.__('%1 succeeded', event.pipeline),
    failed: trans.__('%1 failed', event.pipeline),
    withheld: trans.__('%1 was withheld', event.pipeline),
    refused: trans.__('%1 could not begin', event.pipeline),
    lost: trans.__('%1 was lost', event.pipeline)
  };
  const text = event.code ? trans.__('%1: %2', words[notice.word], event.code) : words[notice.word];
  const actions =
    open && notice.word !== 'refused' ? [{ label: trans.__('Open'), callback: () => open(event.run) }] : [];
  Notification.emit(text, notice.type, { autoClose: notice.type === 'success' ? BRIEF : false, actions });
}
