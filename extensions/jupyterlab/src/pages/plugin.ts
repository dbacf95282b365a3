import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { PageTab, key } from './host';
import { OPEN } from './registry';
import { IPages, IWorkbench, PageKind } from '../tokens';

/** The category of our commands in palette and launcher. */
export const CATEGORY = 'Workbench';

/** Opens pages as tabs, each once, and brings them back after a reload. Notebook 7, which has no tabs, opens JupyterLab. */
export const pagesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'dataops-workbench-lab:pages',
  description: 'Opens the pages of Workbench as tabs of the main area.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ILabShell, ILayoutRestorer, ITranslator, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    shared: IWorkbench,
    lab: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dataops_workbench_lab');
    const tracker = new WidgetTracker<PageTab>({ namespace: 'workbench-pages' });
    const run = (command: string, args: Record<string, string | number | boolean> = {}): void =>
      void app.commands.execute(command, args);
    app.commands.addCommand(OPEN, {
      label: trans.__('Open a Workbench Page'),
      describedBy: {
        args: {
          type: 'object',
          required: ['kind', 'subject'],
          properties: { kind: { type: 'string' }, subject: { type: 'string' } }
        }
      },
      execute: async args => {
        const kind = String(args['kind']);
        const subject = String(args['subject']);
        if (!lab) {
          window.open(pageAddress(kind, subject), '_blank', 'noopener');
          return null;
        }
        let tab = tracker.find(open => open.kind === kind && open.subject === subject);
        if (!tab) {
          tab = new PageTab(kind, subject, { ...shared, trans, run });
          await tracker.add(tab);
        }
        if (!tab.isAttached) {
          app.shell.add(tab, 'main', { type: 'Workbench' });
        }
        app.shell.activateById(tab.id);
        return tab;
      }
    });
    const offer = (page: PageKind): void => front(app, page, trans, palette, launcher);
    shared.pages.all().forEach(offer);
    shared.pages.added.connect((_: IPages, page: PageKind) => offer(page));
    void restorer?.restore(tracker, {
      command: OPEN,
      args: tab => ({ kind: tab.kind, subject: tab.subject }),
      name: tab => key(tab.kind, tab.subject)
    });
  }
};

/** Where JupyterLab opens with a page; see `arrival.ts`. */
function pageAddress(kind: string, subject: string): string {
  const asked = new URLSearchParams({ workbench: kind, subject });
  return `${URLExt.join(PageConfig.getBaseUrl(), 'lab')}?${asked}`;
}

/** The command that opens a page with its front. */
export function frontCommand(page: PageKind): string {
  return `workbench:open-${page.kind}`;
}

/** A command, a line in the palette and a card in the launcher for a page that needs nothing else to be opened. */
function front(
  app: JupyterFrontEnd,
  page: PageKind,
  trans: TranslationBundle,
  palette: ICommandPalette | null,
  launcher: ILauncher | null
): void {
  if (!page.front) {
    return;
  }
  const { caption, label, rank, subject } = page.front;
  const command = frontCommand(page);
  app.commands.addCommand(command, {
    label: label(trans),
    caption: caption(trans),
    icon: page.icon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => app.commands.execute(OPEN, { kind: page.kind, subject })
  });
  palette?.addItem({ command, category: CATEGORY });
  if (rank !== undefined) {
    launcher?.add({ command, category: CATEGORY, rank });
  }
}
