"""What is usual: medians of what runs, steps and cells took before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from workbench.model.plan import Forecast, forecast
from workbench.model.run import Run, StepRun
from workbench.model.timeline import FEWEST, Usual
from workbench.store.past import Timed
from workbench.store.transaction import Transaction


def of_runs(transaction: Transaction, runs: Iterable[Run]) -> dict[str, Forecast]:
    """Run id → what is usual for runs of its pipeline in its environment; runs without history are left out."""
    kinds: dict[tuple[str, str], Forecast | None] = {}
    found = {}
    for run in runs:
        kind = run.pipeline, run.environment
        if kind not in kinds:
            kinds[kind] = forecast(transaction.past.run_seconds(*kind))
        if usual := kinds[kind]:
            found[run.id] = usual
    return found


def of_steps(transaction: Transaction, run: Run, steps: Sequence[StepRun]) -> Usual:
    """What is usual for some steps of a run and their cells, its own durations not among them.

    The instances of a step are held against their own past where they have one, against that of all instances else.
    """
    past = transaction.past.attempts(run, sorted({step.base or step.step for step in steps}))
    told = {step.step: _own(past.get(step.base or step.step, ()), step.step) for step in steps}
    whole = forecast(transaction.past.run_seconds(run.pipeline, run.environment, but=run.id))
    by_step = {name: forecast(seconds for _, seconds, _ in timed) for name, timed in told.items()}
    cells = {name: _cells(timed) for name, timed in told.items()}
    return Usual(whole, {name: found for name, found in by_step.items() if found}, cells)


def _own(timed: Sequence[Timed], step: str) -> Sequence[Timed]:
    own = [each for each in timed if each[0] == step]
    return own if len(own) >= FEWEST else timed


def _cells(timed: Sequence[Timed]) -> Mapping[str, Forecast]:
    seconds: dict[str, list[float]] = defaultdict(list)
    for _, _, cells in timed:
        for cell in cells:
            if cell.seconds is not None:
                seconds[cell.id].append(cell.seconds)
    return {identifier: found for identifier, each in seconds.items() if (found := forecast(each))}
