import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Token } from '@lumino/coreutils';
import type React from 'react';

import type { Client } from './api/client';

/** What every page gets. */
export interface PageProps {
  /** What the page is about, as its kind names it: a dataset's name, a run's id. */
  subject: string;
  client: Client;
  trans: TranslationBundle;
  /** Opens another page in a tab of its own. */
  open: (kind: string, subject: string) => void;
}

/** What a page's module exports as its default. */
export type PageView = React.ComponentType<PageProps>;

/** A kind of page. Its code is loaded when one is opened for the first time. */
export interface PageKind {
  /** One word, as in `workbench:open` and in saved layouts. */
  kind: string;
  icon: LabIcon;
  /** The title of the tab. */
  title: (subject: string) => string;
  load: () => Promise<{ default: PageView }>;
}

/** The kinds of pages there are; other extensions may add theirs. */
export interface IPages {
  /** Adds a kind; throws when there is one of that name. */
  add(page: PageKind): void;
  get(kind: string): PageKind | undefined;
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
}

export const IWorkbench = new Token<IWorkbench>(
  'dataops-workbench-lab:IWorkbench',
  'The client of the Workbench server and the registry of pages.'
);
