import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Lane, Timeline as Of } from '../../api/types';
import { look } from '../badge';
import { duration, moment } from '../duration';
import { bars, density, place, room, ticks } from './layout';

const TICKS = 8;
/** Lanes that are drawn at once; a chart of more says nothing. */
const MOST = 300;

interface Props {
  of: Of;
  trans: TranslationBundle;
  selected: string;
  /** Told of the step of the lane that is pressed; of several steps the first. */
  select: (step: string) => void;
}

/** When each step waited, ran and published: a row a step, the critical path in the accent colour. */
export function Timeline(props: Props): JSX.Element | null {
  const { of, trans } = props;
  const ran = of.lanes.filter(lane => lane.spans.length > 0);
  if (ran.length === 0 || room(of) <= 0) {
    return <p className="wb-Soft">{trans.__('No step has run.')}</p>;
  }
  return (
    <div className="wb-Timeline" role="group" aria-label={trans.__('Steps over time')}>
      <div className="wb-Timeline-axis" aria-hidden="true">
        {ticks(of, TICKS).map(at => (
          <span key={at} style={{ left: `${100 * place(of, at)}%` }}>
            {moment(at)}
          </span>
        ))}
      </div>
      <div className="wb-Timeline-rows">
        {ran.slice(0, MOST).map(lane => (
          <Row key={lane.steps[0]} {...props} lane={lane} />
        ))}
      </div>
      <p className="wb-Soft">{summary(of, ran.length, trans)}</p>
    </div>
  );
}

function Row(props: Props & { lane: Lane }): JSX.Element {
  const { of, lane, trans } = props;
  const { word, tone } = look(lane.state);
  const chosen = lane.steps.includes(props.selected);
  return (
    <button
      type="button"
      className="wb-Timeline-row"
      aria-pressed={chosen}
      aria-label={told(lane, word, trans)}
      title={told(lane, word, trans)}
      data-tone={tone}
      data-critical={lane.critical}
      onClick={() => props.select(lane.steps[0] ?? lane.name)}
    >
      <span className="wb-Timeline-name">{lane.name}</span>
      <span className="wb-Timeline-track" aria-hidden="true">
        {of.cuts.map(([start]) => (
          <span key={start} className="wb-Timeline-cut" style={{ left: `${100 * place(of, start)}%` }} />
        ))}
        {lane.steps.length > 1 ? <Density of={of} lane={lane} /> : <Bars of={of} lane={lane} />}
      </span>
      <span className="wb-Timeline-took">{duration(lane.busy)}</span>
    </button>
  );
}

function Bars(props: { of: Of; lane: Lane }): JSX.Element {
  return (
    <>
      {bars(props.of, props.lane).map(({ left, width, span }, index) => (
        <span
          key={index}
          className="wb-Timeline-bar"
          data-phase={span.phase}
          data-tone={look(span.state).tone}
          style={{ left: `${100 * left}%`, width: `${100 * width}%` }}
        />
      ))}
    </>
  );
}

/** Many steps in one lane: how many of them were at work at once. */
function Density(props: { of: Of; lane: Lane }): JSX.Element {
  let height = 0;
  const points = ['0,1'];
  for (const { at, level } of density(props.lane)) {
    const x = place(props.of, at);
    points.push(`${x},${1 - height}`, `${x},${1 - level}`);
    height = level;
  }
  return (
    <svg className="wb-Timeline-density" viewBox="0 0 1 1" preserveAspectRatio="none">
      <polygon points={points.join(' ')} />
    </svg>
  );
}

function told(lane: Lane, word: string, trans: TranslationBundle): string {
  const many = lane.steps.length > 1 ? `, ${trans._n('%1 step', '%1 steps', lane.steps.length)}` : '';
  const again = lane.attempts > lane.steps.length ? `, ${trans.__('%1 attempts', lane.attempts)}` : '';
  const critical = lane.critical ? `, ${trans.__('on the critical path')}` : '';
  const when = trans.__('from %1 to %2', moment(lane.start) || '0', moment(lane.end));
  return `${lane.name}${many}: ${word}, ${duration(lane.busy)}, ${when}${again}${critical}`;
}

function summary(of: Of, lanes: number, trans: TranslationBundle): string {
  const parts = [trans.__('%1 over %2', trans._n('%1 line', '%1 lines', lanes), duration(of.seconds))];
  if (of.path.steps.length > 1) {
    const path =
      of.path.steps.length > 6 ? [...of.path.steps.slice(0, 3), '…', ...of.path.steps.slice(-2)] : of.path.steps;
    parts.push(trans.__('critical path: %1', path.join(' → ')));
    parts.push(trans.__('%1 at work, %2 waiting', duration(of.path.busy), duration(of.path.waited)));
  }
  if (of.most > 1) {
    parts.push(trans.__('at most %1 at once', of.most));
  }
  return parts.join(' · ');
}
