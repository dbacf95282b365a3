import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useMemo, useState } from 'react';

import type { Client } from '../../api/client';
import type { Drawn, Run } from '../../api/types';
import { useAnswer } from '../../components/answer';
import { look } from '../../components/badge';
import { duration } from '../../components/duration';
import { Graph, heightOf, Standing } from '../../components/graph/canvas';
import { Failure, Loading } from '../../components/states';
import { ended, lookOf } from '../../runs/state';

/** The steps of a run as a graph that takes on their states as they change. */
export function RunGraph(props: {
  run: Run;
  client: Client;
  trans: TranslationBundle;
  select: (step: string) => void;
  /** Told of the step whose box was opened. */
  open: (step: string) => void;
}): JSX.Element {
  const { run, client, trans } = props;
  const [opened, setOpened] = useState<string[]>([]);
  const shape = run.steps.map(step => step.step).join('\n'); // steps that fan out come to be while it goes on
  const over = ended(run.state);
  const answer = useAnswer(
    signal => client.get<Drawn>(`runs/${encodeURIComponent(run.id)}/drawing`, { opened: opened.join(',') }, signal),
    [client, run.id, shape, opened, over, run.repairs]
  );
  const standings = useMemo(() => {
    const found = new Map<string, Standing>();
    for (const step of run.steps) {
      const word = look(step.state).word;
      const took = step.state === 'skipped' || !ended(step.state) ? word : duration(step.seconds) || word;
      found.set(step.step, { look: lookOf(step.state), word, fact: took });
    }
    for (const [group, size] of Object.entries(answer.value?.folded ?? {})) {
      found.set(`group:${group}`, folded(run, group, size));
    }
    return found;
  }, [run, answer.value]);
  if (answer.error && !answer.value) {
    return <Failure error={answer.error} trans={trans} retry={answer.again} />;
  }
  if (!answer.value) {
    return <Loading what={trans.__('Drawing the steps')} />;
  }
  return (
    <div className="wb-Run-graph" style={{ height: heightOf(answer.value) }}>
      <Graph
        drawn={answer.value}
        standings={standings}
        label={trans.__('Steps of the run')}
        translate={text => trans.__(text)}
        onSelect={props.select}
        onOpen={props.open}
        onGroups={setOpened}
      />
    </div>
  );
}

const WORST = [
  'failed',
  'lost',
  'withheld',
  'cancelled',
  'upstream_failed',
  'running',
  'staged',
  'queued',
  'succeeded'
];

/** How the instances of one step stand together: by the worst of them. */
function folded(run: Run, base: string, size: number): Standing {
  const members = run.steps.filter(step => (step.base || step.step) === base);
  const state = WORST.find(each => members.some(step => step.state === each)) ?? 'skipped';
  const done = members.filter(step => ended(step.state)).length;
  return { look: lookOf(state), word: look(state).word, fact: `${done} of ${size} ended` };
}
