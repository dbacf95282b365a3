import type { PageKind } from '../tokens';
import { datasetIcon, lineageIcon, qualityIcon, reportIcon } from '../icons';

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
  },
  {
    kind: 'quality',
    icon: qualityIcon,
    title: subject => (subject ? `Quality of ${subject}` : 'Quality'),
    load: () => import('./quality/page')
  },
  {
    kind: 'reports',
    icon: reportIcon,
    title: () => 'Reports',
    load: () => import('./reports/page')
  },
  {
    kind: 'report',
    icon: reportIcon,
    title: subject => `Report ${subject.slice(-6)}`,
    load: () => import('./report/page')
  }
];
