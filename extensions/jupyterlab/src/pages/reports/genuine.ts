import type { ReportRow } from '../../api/types';
import { badge } from '../../components/looks';
import type { Part } from '../../components/part';
import type { Words } from '../../components/words';

/** Whether a report is what was published. */
export function genuineBadge(of: Pick<ReportRow, 'genuine' | 'gone'>, words: Words): Part {
  if (of.gone) {
    return badge('lost', words.__('file is gone'));
  }
  return of.genuine ? badge('pass', words.__('genuine')) : badge('fail', words.__('altered'));
}
