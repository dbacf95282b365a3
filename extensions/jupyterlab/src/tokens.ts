import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type React from 'react';

import type { Client } from './api/client';
import type { Live } from './api/live';
import type { Wishes } from './settings';

/** What every page gets. */
export interface PageProps {
  /** What the page is about, as its kind names it: a dataset's name, a run's id. */
  subject: string;
  client: Client;
  /** What happens in runs, as it happens. */
  live: Live;
  wishes: Wishes;
  trans: TranslationBundle;
  /** Opens another page in a tab of its own. */
  open: (kind: string, subject: string) => void;
  /** Whether there are pages of that kind, so that nothing leads nowhere. */
  has: (kind: string) => boolean;
  /** Runs a command of JupyterLab. */
  run: (command: string, args?: Record<string, string | number | boolean>) => void;
}

/** What a page's module exports as its default. */
export type PageView = React.ComponentType<PageProps>;

/** A page that can be opened without saying what of: it is in the palette, and in the launcher if it says so. */
export interface Front {
  /** What it is called in palette and launcher, in title case. */
  label: (trans: TranslationBundle) => string;
  caption: (trans: TranslationBundle) => string;
  /** The subject that it is opened with. */
  subject: string;
  /** Its place among the cards of the launcher; without one it has no card. */
  rank?: number;
}

/** A kind of page. Its code is loaded when one is opened for the first time. */
export interface PageKind {
  /** One word, as in `workbench:open` and in saved layouts. */
  kind: string;
  icon: LabIcon;
  /** The title of the tab. */
  title: (subject: string) => string;
  load: () => Promise<{ default: PageView }>;
  front?: Front;
}

/** The kinds of pages there are; other extensions may add theirs. */
export interface IPages {
  /** Adds a kind; throws when there is one of that name. */
  add(page: PageKind): void;
  get(kind: string): PageKind | undefined;
  /** All kinds, in the order they were added. */
  all(): readonly PageKind[];
  readonly added: ISignal<IPages, PageKind>;
  open(kind: string, subject: string): void;
}

export const IPages = new Token<IPages>(
  'dataops-workbench-lab:IPages',
  'The pages of Workbench, to open one or add a kind.'
);

/** What the parts of the extension share. */
export interface IWorkbench {
  client: Client;
  pages: IPages;
  live: Live;
  wishes: Wishes;
}

export const IWorkbench = new Token<IWorkbench>(
  'dataops-workbench-lab:IWorkbench',
  'The client of the Workbench server, what it tells of runs, the settings, and the registry of pages.'
);
