"""What ran well before, asked for many steps at once: for plans, forecasts and the matrix of partitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, case, func, select, type_coerce

from workbench.model.matrix import Latest
from workbench.model.plain import from_plain
from workbench.model.plan import NOT_SELECTED, Fingerprint
from workbench.model.run import State, StepRun
from workbench.store import contents
from workbench.store.rows import chunks
from workbench.store.tables import data_file as files
from workbench.store.tables import plain_text, run, step_run
from workbench.store.tables import snapshot as snapshots

_KEPT = ("id", "run", "base", "likeness", "fingerprint", "started_at", "ended_at", "recorded", "outputs", "report")
_COLUMNS = tuple(step_run.c[name] for name in (*_KEPT, "key", "partition"))
Instance = tuple[str, Mapping[str, Any], Mapping[str, str]]
"""Base, key and partition: which instance of which step of a pipeline."""


class Successes:
    """Step runs that succeeded, and what became of what they wrote."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def alike(
        self, pipeline: str, environment: str, likenesses: Iterable[str], first: int = 1, last: int = 1
    ) -> dict[tuple[str, str], list[StepRun]]:
        """``(base, likeness)`` → its successes from the ``first`` to the ``last``, newest first, without attempts."""
        found: dict[tuple[str, str], list[StepRun]] = defaultdict(list)
        for some in chunks(likenesses):
            recent = self._ranked(pipeline, environment, [step_run.c.base, step_run.c.likeness]).where(
                step_run.c.likeness.in_(some)
            )
            for noun in self._nouns(recent, first, last):
                found[noun.base, noun.likeness].append(noun)
        return found

    def latest(self, pipeline: str, environment: str, wanted: Sequence[Instance]) -> dict[int, StepRun]:
        """Place in ``wanted`` → the latest success of that instance, where there is one."""
        places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for place, (base, key, partition) in enumerate(wanted):
            places[base, plain_text(key), plain_text(partition)].append(place)
        ids: dict[str, list[int]] = {}
        apart = [step_run.c.base, step_run.c.key, step_run.c.partition]
        for some in chunks(dict.fromkeys(base for base, _, _ in wanted)):
            ranked = self._ranked(pipeline, environment, apart).where(step_run.c.base.in_(some)).subquery()
            columns = (
                ranked.c.id,
                ranked.c.base,
                *(type_coerce(ranked.c[name], Text) for name in ("key", "partition")),
            )
            for identifier, *instance in self._connection.execute(select(*columns).where(ranked.c.rank == 1)):
                if tuple(instance) in places:
                    ids[identifier] = places[tuple(instance)]
        found: dict[int, StepRun] = {}
        for some in chunks(ids):
            for row in self._connection.execute(select(*_COLUMNS).where(step_run.c.id.in_(some))):
                found |= dict.fromkeys(ids[row.id], _noun(row))
        return found

    def seconds(
        self, pipeline: str, environment: str, bases: Collection[str], limit: int
    ) -> dict[str, list[tuple[str, float]]]:
        """Base → run and duration of its newest successes, newest first, at most ``limit`` of each."""
        found: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for some in chunks(bases):
            ranked = self._ranked(pipeline, environment, [step_run.c.base]).where(step_run.c.base.in_(some)).subquery()
            columns = (ranked.c.base, ranked.c.run, ranked.c.started_at, ranked.c.ended_at)
            statement = select(*columns).where(ranked.c.rank <= limit).order_by(ranked.c.base, ranked.c.rank)
            for base, run_id, started, ended in self._connection.execute(statement):
                noun = StepRun("", run_id, base, "", State.SUCCEEDED, started_at=started, ended_at=ended)
                if noun.seconds is not None:
                    found[base].append((run_id, noun.seconds))
        return found

    def states(self, pipeline: str, environment: str) -> list[Latest]:
        """The latest run of every instance that was about a partition; one that a run left out does not count.

        Neither does one that was cancelled before it began: what was there before still is.
        """
        apart = (step_run.c.base, step_run.c.key, step_run.c.partition)
        rank = func.row_number().over(partition_by=apart, order_by=(run.c.created_at.desc(), step_run.c.id.desc()))
        at = case((step_run.c.ended_at != "", step_run.c.ended_at), else_=run.c.created_at).label("at")
        names = ("base", "state", "run", "step", "report")
        ranked = (
            select(*(step_run.c[name] for name in names), step_run.c.partition, at, rank.label("rank"))
            .add_columns(type_coerce(step_run.c.key, Text).label("key"))
            .join(run, run.c.id == step_run.c.run)
            .where(run.c.pipeline == pipeline, run.c.environment == environment)
            .where(type_coerce(step_run.c.partition, Text) != "{}", step_run.c.reason != NOT_SELECTED)
            .where((step_run.c.state != State.CANCELLED.value) | (step_run.c.started_at != ""))
            .subquery()
        )
        return [
            Latest(row.base, row.key, row.partition, State(row.state), row.run, row.step, row.at, row.report)
            for row in self._connection.execute(select(ranked).where(ranked.c.rank == 1))
        ]

    def contents(self, identifiers: Iterable[int]) -> dict[int, frozenset[int]]:
        """Snapshot id → the numbers of its files."""
        return {owner: frozenset(numbers) for owner, numbers in contents.find(self._connection, identifiers).items()}

    def parents(self, identifiers: Iterable[int]) -> dict[int, int | None]:
        """Snapshot id → the snapshot it was built on."""
        found: dict[int, int | None] = {}
        for some in chunks(dict.fromkeys(identifiers)):
            columns = (snapshots.c.id, snapshots.c.parent)
            rows = self._connection.execute(select(*columns).where(snapshots.c.id.in_(some)))
            found |= {row.id: row.parent for row in rows}
        return found

    def cuts(self, numbers: Iterable[int]) -> dict[int, tuple[str, Mapping[str, str]]]:
        """Number of a file → its digest and the values of its partition columns."""
        found: dict[int, tuple[str, Mapping[str, str]]] = {}
        for some in chunks(dict.fromkeys(numbers)):
            columns = (files.c.id, files.c.digest, files.c.partition)
            rows = self._connection.execute(select(*columns).where(files.c.id.in_(some)))
            found |= {row.id: (row.digest, row.partition) for row in rows}
        return found

    def _ranked(self, pipeline: str, environment: str, apart: Sequence[Any]) -> Select[Any]:
        """Successes with a ``rank`` that counts from 1, the newest, among those that agree in the columns ``apart``."""
        newest = (step_run.c.ended_at.desc(), step_run.c.id.desc())
        rank = func.row_number().over(partition_by=apart, order_by=newest).label("rank")
        return (
            select(*_COLUMNS, rank)
            .join(run, run.c.id == step_run.c.run)
            .where(step_run.c.state == State.SUCCEEDED.value, step_run.c.fingerprint.is_not(None))
            .where(run.c.pipeline == pipeline, run.c.environment == environment)
        )

    def _nouns(self, statement: Select[Any], first: int, last: int) -> list[StepRun]:
        ranked = statement.subquery()
        columns = [ranked.c[column.name] for column in _COLUMNS]
        chosen = select(*columns).where(ranked.c.rank.between(first, last)).order_by(ranked.c.rank)
        return [_noun(row) for row in self._connection.execute(chosen)]


def _noun(row: Row[Any]) -> StepRun:
    """A success, as far as plans ask for it; built by hand, since they ask for thousands."""
    identifier, run_id, base, likeness, fingerprint, started, ended, recorded, outputs, report, key, partition = tuple[
        Any, ...
    ](row)
    return StepRun(
        identifier,
        run_id,
        base,
        "",
        State.SUCCEEDED,
        fingerprint=Fingerprint(**fingerprint),
        started_at=started,
        ended_at=ended,
        values=_values(recorded),
        outputs=outputs,
        report=report,
        base=base,
        key=_values(key),
        partition=partition,
        likeness=likeness,
    )


def _values(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: from_plain(object, value) for name, value in plain.items()}
