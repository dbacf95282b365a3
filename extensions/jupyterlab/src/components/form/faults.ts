import type { Problem } from '../../api/client';
import type { Faults } from './schema';

/** The code of values that are not of their type, unknown or missing. */
const REFUSED = 'WB-PAR-612';
const ABOUT = /parameter "([^"]+)":?\s*(.*)$/s;

/**
 * What the server says of each field, where it speaks of fields at all.
 *
 * One fault stands in the sentence and its cause, several in lines of their own.
 */
export function faultsOf(problem: Pick<Problem, 'code' | 'message' | 'cause' | 'detail'>): Faults {
  if (problem.code !== REFUSED) {
    return {};
  }
  const faults: Record<string, string> = {};
  const listed = problem.detail.filter(line => line.startsWith('  - '));
  for (const line of listed.length ? listed : [problem.message]) {
    const found = ABOUT.exec(line);
    if (found) {
      faults[found[1]!] = found[2] || problem.cause || line.trim();
    }
  }
  return faults;
}
