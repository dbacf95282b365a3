import type { PageKind } from '../tokens';
import { datasetIcon, workbenchIcon } from '../icons';

/** Every page of Workbench: one folder each, whose code is loaded when the page is opened for the first time. */
export const PAGES: readonly PageKind[] = [
  {
    kind: 'dataset',
    icon: datasetIcon,
    title: subject => subject,
    load: () => import('./dataset/page')
  },
  {
    kind: 'notebook',
    icon: workbenchIcon,
    title: subject => subject.slice(subject.lastIndexOf('/') + 1),
    load: () => import('./notebook/page')
  },
  {
    kind: 'promotion',
    icon: workbenchIcon,
    title: subject => subject.slice(subject.lastIndexOf('/') + 1),
    load: () => import('./promotion/page')
  }
];
