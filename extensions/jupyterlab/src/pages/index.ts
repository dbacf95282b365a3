import type { PageKind } from '../tokens';
import { datasetIcon, lineageIcon } from '../icons';

/** Every page of Workbench: one folder each, whose code is loaded when the page is opened for the first time. */
export const PAGES: readonly PageKind[] = [
  {
    kind: 'dataset',
    icon: datasetIcon,
    title: subject => subject,
    load: () => import('./dataset/page')
  },
  {
    kind: 'lineage',
    icon: lineageIcon,
    title: subject => (subject ? `Lineage of ${subject}` : 'Lineage'),
    load: () => import('./lineage/page')
  }
];
