import type { PageKind } from '../tokens';
import { datasetIcon } from '../icons';

/** Every page of Workbench: one folder each, whose code is loaded when the page is opened for the first time. */
export const PAGES: readonly PageKind[] = [
  {
    kind: 'dataset',
    icon: datasetIcon,
    title: subject => subject,
    load: () => import('./dataset/page')
  }
];
