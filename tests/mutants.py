"""Changes to the code that each take one safeguard away: a suite that stays green with one of them proves nothing.

Each is a function that changes the process it is called in; ``forks`` calls it by its name before the command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, update

from workbench import failpoints
from workbench.data import publish
from workbench.data.publish import Publisher
from workbench.data.warehouse import Warehouse
from workbench.model.run import AttemptState, State
from workbench.reports import listener
from workbench.reports import publish as pages
from workbench.store import claims, moves, runs, tables
from workbench.store.leases import Leases
from workbench.store.rows import now

Move = Callable[..., None]
_guarded = moves.move


def _bare(
    connection: Connection,
    table: Table,
    identifier: str,
    to: State | AttemptState,
    values: Mapping[str, Any],
    *,
    fence: int | None = None,
) -> None:
    """Move a row whatever it is, whoever holds it."""
    ended = {"ended_at": now()} if to.final else {}
    moved = update(table).where(table.c.id == identifier)
    connection.execute(moved.values({**values, **ended, "state": to.value}))


def _move_with(move: Move) -> None:
    claims.move = runs.move = move  # type: ignore[attr-defined]


def states_without_guard() -> None:
    """A row moves from any state, for anybody."""
    _move_with(_bare)


def attempts_without_guard() -> None:
    """The rows of attempts do; the fence of their steps is all that is left, and enough."""

    def move(connection: Connection, table: Table, *given: Any, fence: int | None = None) -> None:
        (_bare if table is tables.attempt else _guarded)(connection, table, *given, fence=fence)

    _move_with(move)


def no_fence() -> None:
    """As above, and nobody asks for the fence of a step either."""

    def move(connection: Connection, table: Table, *given: Any, fence: int | None = None) -> None:
        (_bare if table is tables.attempt else _guarded)(connection, table, *given)

    _move_with(move)


def outputs_one_by_one() -> None:
    """The outputs of a step are published in a transaction each."""
    whole = Publisher._commit

    def commit(self: Publisher, finished: Any, changes: Any, *more: Any) -> Any:
        for change in changes:
            with self._store.writing() as transaction:
                new = transaction.datasets.add_snapshot(change.snapshot)
                transaction.datasets.move_pointer(finished.environment, change.dataset, change.pointer, new.id)
            failpoints.reach("publish.inside_pointers")
        return whole(self, finished, (), *more)

    Publisher._commit = commit  # type: ignore[method-assign]


def published_before_checked() -> None:
    """What a check holds back is current all the same."""
    withhold = Publisher._withhold

    def apply(self: Publisher, finished: Any, changes: Any, *more: Any) -> Any:
        result = withhold(self, finished, changes, *more)
        pointers = {change.dataset: change.pointer for change in changes}
        with self._store.writing() as transaction:
            for kept in result.snapshots:
                transaction.datasets.move_pointer(finished.environment, kept.dataset, pointers[kept.dataset], kept.id)
        return result

    Publisher._withhold = apply  # type: ignore[method-assign]


def followed_before_it_is() -> None:
    """It is noted that a branch follows its pointer, and then it does."""

    def follow(self: Publisher, environment: str, dataset: str, drop: str | None) -> None:
        with self._store.reading() as transaction:
            current = transaction.datasets.pointers(environment)[dataset]
        self._store.write(partial(publish._mark_followed, environment, dataset, current))
        failpoints.reach("publish.noted")
        self._warehouse.follow(dataset, self._environments[environment].branch, current, drop=drop)

    Publisher._follow = follow  # type: ignore[method-assign]


def report_after_commit() -> None:
    """The page of a report is written once its row is there."""
    later: list[tuple[Path, str]] = []
    latest = listener.make_latest

    def make_latest(report: Any, state: Path) -> Path:
        for path, text in later:
            path.write_text(text)
        return latest(report, state)

    pages.write_text = lambda path, text: later.append((path, text))  # type: ignore[attr-defined]
    listener.make_latest = make_latest  # type: ignore[attr-defined]


def reaper_without_leases() -> None:
    """Whoever looks for runs that nobody holds takes them all."""
    Leases._over = lambda self, owners: set(owners)  # type: ignore[method-assign]


def lost_by_halves() -> None:
    """A run that is lost is settled without its steps."""

    def lose(self: Leases, run: str, error: Mapping[str, Any]) -> bool:
        lost = {"state": State.LOST.value, "ended_at": now(), "error": error}
        self._connection.execute(update(tables.run).where(tables.run.c.id == run).values(lost))
        return True

    Leases.lose = lose  # type: ignore[method-assign]


def sweep_of_all_that_is_loose() -> None:
    """A sweep takes what is staged, however young, whoever is about to publish it."""
    sweep = Warehouse.sweep
    Warehouse.sweep = lambda self, live, older, *more: sweep(self, live, -3600.0)  # type: ignore[method-assign]
