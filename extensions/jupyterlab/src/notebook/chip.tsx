import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { NotebookStanding, NotebookStep } from '../api/types';
import { Badge } from '../components/badge';
import { duration } from '../components/duration';
import { ago } from '../components/format';
import type { Standing } from './standing';

const STATES: Record<NotebookStep['currency'], string> = {
  fresh: 'fresh',
  stale: 'stale',
  open: 'waiting',
  unknown: 'empty'
};

/** In the toolbar of a notebook: the step that it is, and whether that would run again. */
export class Chip extends ReactWidget {
  constructor(
    private readonly _of: Standing,
    private readonly _trans: TranslationBundle,
    private readonly _open: (path: string) => void
  ) {
    super();
    this.addClass('wb-StepChip');
    this.addClass('wb-Themed');
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this._of.changed}>
        {() => {
          const standing = this._of.told?.standing;
          return standing ? (
            <button
              type="button"
              className="wb-StepChip-button"
              title={explained(standing, this._trans)}
              onClick={() => this._open(this._of.path)}
            >
              {standing.steps.length ? (
                <>
                  <span className="wb-StepChip-step">{named(standing, this._trans)}</span>
                  <Badge
                    state={STATES[worst(standing.steps).currency]}
                    word={word(worst(standing.steps), this._trans)}
                  />
                </>
              ) : (
                <span className="wb-Soft">{this._trans.__('No step yet')}</span>
              )}
            </button>
          ) : (
            <></>
          );
        }}
      </UseSignal>
    );
  }
}

/** The step that most wants to be looked at. */
export function worst(steps: readonly NotebookStep[]): NotebookStep {
  const order = ['stale', 'unknown', 'open', 'fresh'];
  return [...steps].sort((one, other) => order.indexOf(one.currency) - order.indexOf(other.currency))[0]!;
}

function named(standing: NotebookStanding, trans: TranslationBundle): string {
  const first = standing.steps[0]!;
  const more = standing.steps.length - 1;
  const name = trans.__('Step %1 of %2', first.step, first.pipeline);
  return more ? `${name} ${trans._n('and %1 more', 'and %1 more', more)}` : name;
}

/** `fresh`, `stale`, or why nobody can tell. */
export function word(step: NotebookStep, trans: TranslationBundle): string {
  switch (step.currency) {
    case 'fresh':
      return trans.__('fresh');
    case 'stale':
      return trans.__('stale');
    case 'open':
      return trans.__('after steps before it');
    default:
      return trans.__('not known');
  }
}

/** All that the chip knows, line by line. */
export function explained(standing: NotebookStanding, trans: TranslationBundle): string {
  const lines = standing.steps.flatMap(step => {
    const last = step.last;
    const told = [
      trans.__('Step %1 of %2: %3', step.step, step.pipeline, word(step, trans)),
      step.error ? `${step.error.code} ${step.error.what}` : step.reason
    ];
    if (last) {
      const when = last.ended_at ? ago(last.ended_at) : '';
      told.push(trans.__('Last run: %1 %2 %3', last.state, when, duration(last.seconds)).trim());
    }
    return told;
  });
  if (standing.reads.length) {
    lines.push(trans.__('Reads %1', standing.reads.join(', ')));
  }
  if (standing.writes.length) {
    lines.push(trans.__('Writes %1', standing.writes.join(', ')));
  }
  if (standing.error) {
    lines.push(`${standing.error.code} ${standing.error.what}`);
  }
  return lines.filter(line => line !== '').join('\n') || trans.__('No pipeline runs this notebook');
}
