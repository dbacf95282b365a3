"""Runs, step runs and attempts as rows, and the guards that keep their states true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, Select, delete, insert, select, update

from workbench.model.errors import Conflict, NotFound, UsageError
from workbench.model.names import is_id
from workbench.model.plan import Fingerprint
from workbench.model.run import REOPENED, Attempt, AttemptState, CellRun, Run, State, StepRun
from workbench.store import tables
from workbench.store.leases import Leases
from workbench.store.moves import move
from workbench.store.owner import Owner
from workbench.store.rows import chunks, insert_all, now
from workbench.store.run_rows import attempt_noun, run_noun, run_row, step_noun, step_row, taken
from workbench.store.schedule import Schedules


class Facts(TypedDict, total=False):
    """What is kept of a step run as it moves on; None leaves it as it is."""

    reason: str | None
    error: Mapping[str, Any] | None
    values: Mapping[str, Any] | None
    report: str | None
    fingerprint: Fingerprint | None
    outputs: Mapping[str, int] | None


_COLUMNS = {"values": "recorded"}


class Runs:
    """What ran, what runs and who holds it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, run: Run, step_runs: Sequence[StepRun], owner: Owner, lease: float) -> None:
        """Keep a new run and its steps, in their order, held by ``owner`` for ``lease`` seconds.

        The tick that it is of, if any, is started by that. Raises Conflict: WB-RUN-129 when there is a run of this id,
        WB-SCH-854 when its tick was skipped.
        """
        if self._connection.execute(select(tables.run.c.id).where(tables.run.c.id == run.id)).first():
            raise Conflict(
                "WB-RUN-129", f"run {run.id} has begun before", kept="It goes on as it is.", next="wb runs show"
            )
        Schedules(self._connection).begin(run.id)
        Leases(self._connection).hold(owner, lease)
        row = {**run_row(run), "created_at": run.created_at or now(), "owner": owner.id}
        self._connection.execute(insert(tables.run).values(row))
        insert_all(self._connection, tables.step_run, map(step_row, range(len(step_runs)), step_runs))

    def replace_step(self, step_run: str, instances: Sequence[StepRun]) -> None:
        """Put the instances that a step fans out into in its place; it must not have been begun.

        Raises Conflict (WB-RUN-120) when it has been, or was taken from us.
        """
        table = tables.step_run
        here = (table.c.id == step_run) & (table.c.state == State.QUEUED.value)
        place = self._connection.execute(select(table.c.run, table.c.position).where(here)).one_or_none()
        if place is None:
            raise taken("step run", step_run, None)
        self._connection.execute(delete(table).where(here))
        behind = (table.c.run == place.run) & (table.c.position > place.position)
        shifted = update(table).where(behind).values(position=table.c.position + len(instances) - 1)
        self._connection.execute(shifted)
        insert_all(self._connection, table, (step_row(place.position + n, one) for n, one in enumerate(instances)))

    def get(self, id_or_suffix: str) -> Run:
        """A run with its steps and their attempts, by its id or the end of it.

        Raises NotFound (WB-RUN-401), UsageError (WB-RUN-402) when several runs end so.
        """
        identifier = id_or_suffix.strip().upper()
        where = tables.run.c.id == identifier
        if not is_id(identifier) and id_or_suffix.strip():
            where = (tables.run.c.id == id_or_suffix) | tables.run.c.id.endswith(identifier, autoescape=True)
        found = self._whole(select(tables.run).where(where).order_by(tables.run.c.id.desc()).limit(2))
        if not found:
            raise NotFound("WB-RUN-401", f'there is no run "{id_or_suffix}"', next="wb runs list")
        if len(found) > 1:
            raise UsageError(
                "WB-RUN-402",
                f'several runs end in "{id_or_suffix}"',
                cause="among them " + " and ".join(run.id for run in found),
                next="give more of the id",
            )
        return found[0]

    def head(self, identifier: str) -> Run:
        """A run by its whole id, without its steps. Raises NotFound (WB-RUN-401)."""
        row = self._connection.execute(select(tables.run).where(tables.run.c.id == identifier)).mappings().first()
        if row is None:
            raise NotFound("WB-RUN-401", f'there is no run "{identifier}"', next="wb runs list")
        return run_noun(row, ())

    def list(
        self,
        limit: int | None = 50,
        *,
        pipeline: str | None = None,
        states: Iterable[State] | None = None,
        environment: str | None = None,
    ) -> tuple[Run, ...]:
        """Runs without their steps, newest first."""
        statement = select(tables.run).order_by(tables.run.c.created_at.desc(), tables.run.c.id.desc()).limit(limit)
        if pipeline is not None:
            statement = statement.where(tables.run.c.pipeline == pipeline)
        if environment is not None:
            statement = statement.where(tables.run.c.environment == environment)
        if states is not None:
            statement = statement.where(tables.run.c.state.in_([state.value for state in states]))
        return tuple(run_noun(row, ()) for row in self._connection.execute(statement).mappings())

    def pipelines(self, runs: Iterable[str]) -> dict[str, str]:
        """Run id → the pipeline it ran."""
        columns = (tables.run.c.id, tables.run.c.pipeline)
        return {
            row.id: row.pipeline
            for some in chunks(runs)
            for row in self._connection.execute(select(*columns).where(tables.run.c.id.in_(some)))
        }

    def step_run(self, identifier: str) -> StepRun:
        """One step run with its attempts. Raises NotFound (WB-RUN-403)."""
        found = self._steps(select(tables.step_run).where(tables.step_run.c.id == identifier), whole=True)
        if not found:
            raise NotFound("WB-RUN-403", f'there is no step run "{identifier}"')
        return found[0]

    def attempt(self, identifier: str) -> Attempt:
        """One attempt. Raises NotFound (WB-RUN-403)."""
        statement = select(tables.attempt).where(tables.attempt.c.id == identifier)
        row = self._connection.execute(statement).mappings().first()
        if row is None:
            raise NotFound("WB-RUN-403", f'there is no attempt "{identifier}"')
        return attempt_noun(row)

    def successes(self, pipeline: str, step: str, environment: str, limit: int = 20) -> tuple[StepRun, ...]:
        """Step runs that succeeded, newest first, with their fingerprints and without their attempts."""
        steps, runs = tables.step_run, tables.run
        statement = (
            select(steps)
            .join(runs, runs.c.id == steps.c.run)
            .where(steps.c.step == step, steps.c.state == State.SUCCEEDED.value, steps.c.fingerprint.is_not(None))
            .where(runs.c.pipeline == pipeline, runs.c.environment == environment)
            .order_by(steps.c.ended_at.desc(), steps.c.id.desc())
            .limit(limit)
        )
        return self._steps(statement, whole=False)

    def move_run(
        self, identifier: str, to: State, *, error: Mapping[str, Any] | None = None, deadline_at: str = ""
    ) -> None:
        """Move a run to a state that it may move to; ``deadline_at`` is when its time is up.

        Raises InternalError (WB-INT-998), NotFound (WB-RUN-403), Conflict (WB-RUN-120) when it was taken from us.
        """
        values: dict[str, Any] = {"error": error} if error is not None else {}
        if deadline_at:
            values["deadline_at"] = deadline_at
        move(self._connection, tables.run, identifier, to, values)

    def move_step(self, identifier: str, to: State, *, fence: int | None = None, **facts: Unpack[Facts]) -> None:
        """Move a step run to a state that it may move to, and keep what is given of it. Raises as ``move_run`` does.

        ``fence`` is the one of the attempt that this is about: when another was claimed since, it is refused.
        """
        row: dict[str, Any] = {_COLUMNS.get(key, key): value for key, value in facts.items() if value is not None}
        if to is State.RUNNING:
            row["started_at"] = now()
        move(self._connection, tables.step_run, identifier, to, row, fence=fence)

    def reopen_steps(self, run: str, steps: Mapping[int, StepRun]) -> None:
        """Take steps of a reopened run back to ``queued``, as they are planned today, by position; add new ones."""
        table = tables.step_run
        known = set(self._connection.execute(select(table.c.id).where(table.c.run == run)).scalars())
        insert_all(self._connection, table, [step_row(at, step) for at, step in steps.items() if step.id not in known])
        for at, step in steps.items():
            if step.id in known:
                again = update(table).where(table.c.id == step.id, table.c.state.in_([one.value for one in REOPENED]))
                if self._connection.execute(again.values(step_row(at, step))).rowcount != 1:
                    raise taken("step run", step.id, None)

    def retire_steps(self, step_runs: Iterable[str]) -> None:
        """Cancel steps of a reopened run that its pipeline does not have any more."""
        table = tables.step_run
        retired = {"state": State.CANCELLED.value, "reason": "the pipeline has no such step any more"}
        for some in chunks(step_runs):
            self._connection.execute(update(table).where(table.c.id.in_(some)).values(retired))

    def keep_fingerprint(self, step_run: str, fingerprint: Fingerprint) -> None:
        """Keep what identifies a step, its inputs settled."""
        table = tables.step_run
        self._connection.execute(update(table).where(table.c.id == step_run).values(fingerprint=fingerprint))

    def move_attempt(
        self,
        identifier: str,
        fence: int,
        to: AttemptState,
        *,
        error: Mapping[str, Any] | None = None,
        cells: Sequence[CellRun] | None = None,
        cause: str = "",
        worker: str = "",
        kept_until: str = "",
    ) -> None:
        """Move an attempt, as the holder of its fence; ``cause`` is a ``Cause`` or the class of an exception.

        ``worker`` is where it runs, where that is not this machine; ``kept_until`` how long its kernel stays.

        Raises Conflict (WB-RUN-120) when another fence holds it or it was taken from us, else as ``move_run`` does.
        """
        texts = {"cause": cause, "worker": worker, "kept_until": kept_until}
        given = {"error": error, "cells": cells, **{name: text or None for name, text in texts.items()}}
        row = {key: value for key, value in given.items() if value is not None}
        move(self._connection, tables.attempt, identifier, to, row, fence=fence)

    def _whole(self, statement: Select[Any]) -> tuple[Run, ...]:
        rows = self._connection.execute(statement).mappings().all()
        steps: dict[str, list[StepRun]] = {row["id"]: [] for row in rows}
        table = tables.step_run
        for step in self._steps(select(table).where(table.c.run.in_(steps)).order_by(table.c.position), whole=True):
            steps[step.run].append(step)
        return tuple(run_noun(row, tuple(steps[row["id"]])) for row in rows)

    def _steps(self, statement: Select[Any], *, whole: bool) -> tuple[StepRun, ...]:
        rows = self._connection.execute(statement).mappings().all()
        attempts: dict[str, list[Attempt]] = {row["id"]: [] for row in rows}
        table = tables.attempt
        for some in chunks(attempts if whole else ()):
            found = select(table).where(table.c.step_run.in_(some)).order_by(table.c.number)
            for row in self._connection.execute(found).mappings():
                attempts[row["step_run"]].append(attempt_noun(row))
        return tuple(step_noun(row, tuple(attempts[row["id"]])) for row in rows)
