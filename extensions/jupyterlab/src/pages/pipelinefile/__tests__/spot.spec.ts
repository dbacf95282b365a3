import { describe, expect, it } from 'vitest';

import { spotAt } from '../spot';

/** The spot at the bar in a text. */
function at(text: string): [string, string, string] | null {
  const offset = text.indexOf('|');
  const found = spotAt(text.replace('|', ''), offset);
  return found && [found.path.join('.'), found.kind, found.typed];
}

describe('what is typed', () => {
  it.each<[string, [string, string, string] | null]>([
    ['|', ['', 'key', '']],
    ['na|', ['', 'key', 'na']],
    ['name: p|', ['name', 'value', 'p']],
    ['steps:\n  |', ['steps', 'key', '']],
    ['steps:\n  clean:\n    no|', ['steps.clean', 'key', 'no']],
    ['steps:\n  clean:\n    notebook: a.ipynb\n\n    # hm\n    af|', ['steps.clean', 'key', 'af']],
    ['steps:\n  clean:\n    a: 1\n  |', ['steps', 'key', '']],
    ['steps:\n  clean: {|', ['steps.clean', 'key', '']],
    ['steps:\n  clean: {notebook: x, af|', ['steps.clean', 'key', 'af']],
    ['steps:\n  clean: {report: {title: "a: b", hi|', ['steps.clean.report', 'key', 'hi']],
    ['steps:\n  clean: {report: {toc: true}, |', ['steps.clean', 'key', '']],
    ['steps:\n  clean: {parameters: {day: ${day}}, |', ['steps.clean', 'key', '']],
    ['steps:\n  clean: {after: [|', ['steps.clean.after.*', 'value', '']],
    ['steps:\n  clean: {after: [a, b], |', ['steps.clean', 'key', '']],
    ['steps:\n  clean:\n    after:\n    - a\n    - |', ['steps.clean.after.*', 'key', '']],
    ['triggers:\n- file: x\n  na|', ['triggers.*', 'key', 'na']],
    ['triggers:\n  - file: x\n    na|', ['triggers.*', 'key', 'na']],
    ['triggers:\n  - fi|', ['triggers.*', 'key', 'fi']],
    ['schedule: {catchup: la|', ['schedule.catchup', 'value', 'la']],
    ['name: p  # no|', null],
    ['# no|', null],
    ['name: "p|', null],
    ['a: {b: 1} |', null]
  ])('at %j', (text, spot) => {
    expect(at(text)).toEqual(spot);
  });

  it('tells where it begins', () => {
    expect(spotAt('steps: {a: {not', 15)?.from).toBe(12);
  });
});
