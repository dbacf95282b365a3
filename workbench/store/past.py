"""What earlier runs say of how long things take, and which runs there were, as rows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Text, exists, func, select, type_coerce

from workbench.model.plain import from_plain
from workbench.model.run import AttemptState, CellRun, Run, State, StepRun
from workbench.store import tables
from workbench.store.rows import chunks
from workbench.store.run_rows import run_noun

Timed = tuple[str, float, tuple[CellRun, ...]]
"""A step's name, the seconds that its last attempt took, and the cells of that attempt."""


class Past:
    """Questions about the runs there were; nothing here is ever written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pipelines(self) -> tuple[str, ...]:
        """The names of all pipelines that ever ran, in order."""
        table = tables.run
        return tuple(self._connection.execute(select(table.c.pipeline).distinct().order_by(table.c.pipeline)).scalars())

    def nth(self, back: int, *, pipeline: str | None = None, states: Iterable[State] | None = None) -> str | None:
        """The id of the run that ``back`` others of its kind followed (0: the newest), if there are so many."""
        table = tables.run
        statement = select(table.c.id).order_by(table.c.created_at.desc(), table.c.id.desc()).offset(back).limit(1)
        if pipeline is not None:
            statement = statement.where(table.c.pipeline == pipeline)
        if states is not None:
            statement = statement.where(table.c.state.in_([state.value for state in states]))
        return self._connection.execute(statement).scalar_one_or_none()

    def runs(
        self,
        limit: int,
        *,
        pipeline: str | None = None,
        states: Iterable[State] | None = None,
        trigger: str | None = None,
        partition: str | None = None,
    ) -> tuple[Run, ...]:
        """Runs without their steps, newest first; ``partition`` is ``day=2013-01-15``, or the value of any."""
        runs, steps = tables.run, tables.step_run
        statement = select(runs).order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
        if pipeline is not None:
            statement = statement.where(runs.c.pipeline == pipeline)
        if states is not None:
            statement = statement.where(runs.c.state.in_([state.value for state in states]))
        if trigger is not None:
            statement = statement.where(runs.c.trigger == trigger)
        if partition is not None:
            like = type_coerce(steps.c.partition, Text).contains(_partition_text(partition), autoescape=True)
            statement = statement.where(exists().where(steps.c.run == runs.c.id, like))
        return tuple(run_noun(row, ()) for row in self._connection.execute(statement).mappings())

    def partitions(self, runs: Iterable[str]) -> dict[str, tuple[Mapping[str, str], ...]]:
        """Run id → the partitions that its steps were for, each once, in their order; runs without any are left out."""
        table = tables.step_run
        found: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for some in chunks(runs):
            statement = select(table.c.run, table.c.partition).where(table.c.run.in_(some), table.c.partition != {})
            rows = self._connection.execute(statement.group_by(table.c.run, table.c.partition))
            for run, partition in rows:
                found[run].append(partition)
        return {run: tuple(sorted(each, key=lambda item: sorted(item.items()))) for run, each in found.items()}

    def run_seconds(self, pipeline: str, environment: str, *, but: str = "", limit: int = 50) -> tuple[float, ...]:
        """What the newest successes of a pipeline took, ``but`` one; runs in which nothing had to run do not count."""
        runs, steps = tables.run, tables.step_run
        did = exists().where(steps.c.run == runs.c.id, steps.c.state == State.SUCCEEDED.value)
        statement = (
            select(runs)
            .where(runs.c.pipeline == pipeline, runs.c.environment == environment, runs.c.id != but)
            .where(runs.c.state == State.SUCCEEDED.value, runs.c.repairs == 0, did)
            .order_by(runs.c.created_at.desc(), runs.c.id.desc())
            .limit(limit)
        )
        nouns = (run_noun(row, ()) for row in self._connection.execute(statement).mappings())
        return tuple(noun.seconds for noun in nouns if noun.seconds is not None)

    def attempts(self, run: Run, bases: Sequence[str], limit: int = 20) -> dict[str, list[Timed]]:
        """Base of a step → its newest successful attempts in other runs of the same pipeline and environment."""
        attempts, steps, runs = tables.attempt, tables.step_run, tables.run
        timed = attempts.c.started_at, attempts.c.ended_at, attempts.c.cells
        rank = func.row_number().over(partition_by=steps.c.base, order_by=(attempts.c.ended_at.desc(), attempts.c.id))
        ranked = (
            select(steps.c.base, steps.c.step, *timed, rank.label("rank"))
            .join(steps, steps.c.id == attempts.c.step_run)
            .join(runs, runs.c.id == steps.c.run)
            .where(runs.c.pipeline == run.pipeline, runs.c.environment == run.environment, runs.c.id != run.id)
            .where(attempts.c.state == AttemptState.COMMITTED.value, attempts.c.ended_at < (run.ended_at or "9"))
        )  # fmt: skip
        found: dict[str, list[Timed]] = defaultdict(list)
        for some in chunks(bases):
            inner = ranked.where(steps.c.base.in_(some)).subquery()
            for row in self._connection.execute(select(inner).where(inner.c.rank <= limit)).mappings():
                found[row["base"]].append(_timed(row))
        return found

    def is_over(self, run: str, step: str = "") -> bool:
        """Whether a run, or one step of it, is in a final state."""
        runs, steps = tables.run, tables.step_run
        statement = select(runs.c.state).where(runs.c.id == run)
        if step:
            statement = select(steps.c.state).where(steps.c.run == run, steps.c.step == step)
        return State(self._connection.execute(statement).scalar_one()).final

    def states(self, run: str) -> dict[str, str]:
        """Step → its state, of a run, in their order."""
        table = tables.step_run
        statement = select(table.c.step, table.c.state).where(table.c.run == run).order_by(table.c.position)
        return {row.step: row.state for row in self._connection.execute(statement)}

    def folders(self, run: str, step: str = "") -> tuple[tuple[str, int, str, bool], ...]:
        """The attempts of a run, or of one step of it: step, number, folder, and whether it is over."""
        attempts, steps = tables.attempt, tables.step_run
        columns = steps.c.step, attempts.c.number, attempts.c.folder, attempts.c.state
        statement = select(*columns).join(steps, steps.c.id == attempts.c.step_run).where(steps.c.run == run)
        if step:
            statement = statement.where(steps.c.step == step)
        rows = self._connection.execute(statement.order_by(steps.c.position, attempts.c.number))
        return tuple((name, number, folder, AttemptState(state).final) for name, number, folder, state in rows)


def _timed(row: Mapping[Any, Any]) -> Timed:
    timed = StepRun("", "", row["step"], "", State.SUCCEEDED, started_at=row["started_at"], ended_at=row["ended_at"])
    return row["step"], timed.seconds or 0.0, tuple(from_plain(CellRun, cell) for cell in row["cells"])


def _partition_text(asked: str) -> str:
    """``day=2013-01-15`` as it stands in the JSON of a partition; a value alone stands for that of any name."""
    name, mark, value = asked.partition("=")
    return f"{json.dumps(name)}:{json.dumps(value)}" if mark else f":{json.dumps(asked)}"
