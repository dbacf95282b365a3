import type { PageKind } from '../tokens';
import {
  compareIcon,
  datasetIcon,
  lineageIcon,
  pipelineIcon,
  qualityIcon,
  reportIcon,
  runIcon,
  startIcon,
  workbenchIcon
} from '../icons';
import { runsOf } from './comparison/pair';

/** Every page of Workbench: one folder each, whose code is loaded when the page is opened for the first time. */
export const PAGES: readonly PageKind[] = [
  {
    kind: 'start',
    icon: startIcon,
    title: () => 'Start',
    load: () => import('./start/page'),
    front: {
      label: trans => trans.__('Start'),
      caption: trans => trans.__('Begin a project, run it, and see what comes next'),
      subject: '',
      rank: 5
    }
  },
  {
    kind: 'dataset',
    icon: datasetIcon,
    title: subject => subject,
    load: () => import('./dataset/page')
  },
  {
    kind: 'pipelines',
    icon: pipelineIcon,
    title: () => 'Pipelines',
    load: () => import('./pipelines/list'),
    front: {
      label: trans => trans.__('Pipelines'),
      caption: trans => trans.__('How each pipeline stands, and when it runs'),
      subject: '',
      rank: 20
    }
  },
  {
    kind: 'pipeline',
    icon: pipelineIcon,
    title: subject => subject,
    load: () => import('./pipelines/page')
  },
  {
    kind: 'run',
    icon: runIcon,
    title: subject => `Run ${subject.slice(-6)}`,
    load: () => import('./run/page')
  },
  {
    kind: 'comparison',
    icon: compareIcon,
    title: subject =>
      runsOf(subject)
        ?.map(run => run.slice(-6))
        .join(' – ') ?? subject,
    load: () => import('./comparison/page')
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
  },
  {
    kind: 'lineage',
    icon: lineageIcon,
    title: subject => (subject ? `Lineage of ${subject}` : 'Lineage'),
    load: () => import('./lineage/page'),
    front: {
      label: trans => trans.__('Lineage'),
      caption: trans => trans.__('Where a dataset comes from, and what is made of it'),
      subject: '',
      rank: 25
    }
  },
  {
    kind: 'quality',
    icon: qualityIcon,
    title: subject => (subject ? `Quality of ${subject}` : 'Quality'),
    load: () => import('./quality/page'),
    front: {
      label: trans => trans.__('Quality'),
      caption: trans => trans.__('How each dataset stands by its checks, the worst first'),
      subject: '',
      rank: 30
    }
  },
  {
    kind: 'reports',
    icon: reportIcon,
    title: () => 'Reports',
    load: () => import('./reports/page'),
    front: {
      label: trans => trans.__('Reports'),
      caption: trans => trans.__('Published reports, each with its proof'),
      subject: '',
      rank: 40
    }
  },
  {
    kind: 'report',
    icon: reportIcon,
    title: subject => `Report ${subject.slice(-6)}`,
    load: () => import('./report/page')
  }
];
