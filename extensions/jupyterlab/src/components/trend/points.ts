import type { TrendPoint } from '../../api/types';
import { absolute } from '../format';
import type { Words } from '../words';

/** How the checks stood at one version. */
export type Kind = 'good' | 'failing' | 'withheld' | 'unchecked';

/** Versions that are drawn at most, the newest ones. */
export const MOST = 60;

/** What a version is, the worst first. */
export function kind(of: TrendPoint): Kind {
  if (of.withheld) {
    return 'withheld';
  }
  return of.passed + of.failed === 0 ? 'unchecked' : of.failed > 0 ? 'failing' : 'good';
}

/** Whether something is wrong at a version. */
export function wrong(of: TrendPoint): boolean {
  return kind(of) === 'failing' || kind(of) === 'withheld';
}

/** Since when something is wrong without a break. */
export interface Since {
  point: TrendPoint;
  /** How many versions it has been wrong for. */
  versions: number;
  /** Whether it may have begun before the oldest version that is known. */
  atLeast: boolean;
}

/** Since when the newest version is wrong; `null` when it is not. Points come newest first, as the server has them. */
export function since(points: readonly TrendPoint[]): Since | null {
  const whole = points.findIndex(point => !wrong(point));
  const versions = whole === -1 ? points.length : whole;
  const point = points[versions - 1];
  return point ? { point, versions, atLeast: whole === -1 && (points.at(-1)?.version ?? 0) !== 1 } : null;
}

/** A version by what people call it. */
export function version(of: TrendPoint, words: Words): string {
  return of.version > 0 ? words.__('version %1', of.version) : words.__('a write that was withheld');
}

/** What the checks said at one version. */
export function told(of: TrendPoint, words: Words): string {
  const total = of.passed + of.failed;
  if (total === 0) {
    return words.__('not checked');
  }
  return of.failed === 0
    ? words._n('%1 check passed', '%1 checks passed', total)
    : words.__('%1 of %2 checks did not pass', of.failed, total);
}

/** The whole of a trend as one sentence, for whoever does not see it. */
export function summary(points: readonly TrendPoint[], words: Words): string {
  const newest = points[0];
  if (!newest) {
    return words.__('No version was written yet.');
  }
  const shown = points.slice(0, MOST);
  const bad = shown.filter(wrong).length;
  const began = since(points);
  if (began) {
    const start = absolute(began.point.created_at);
    const text = began.atLeast ? 'At %1: %2. So since %3 at least.' : 'At %1: %2. So since %3.';
    return words.__(text, version(newest, words), told(newest, words), start);
  }
  if (shown.every(point => kind(point) === 'unchecked')) {
    return words._n('The one version was not checked.', 'None of the last %1 versions was checked.', shown.length);
  }
  return bad === 0
    ? words._n('Nothing failed at the one version.', 'Nothing failed at the last %1 versions.', shown.length)
    : words.__(
        'At %1: %2. Something failed at %3 of the last %4 versions.',
        version(newest, words),
        told(newest, words),
        bad,
        shown.length
      );
}
