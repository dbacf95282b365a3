"""Runs, step runs and attempts as rows, and the guards that keep their states true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, insert, select, update

from workbench.model.errors import Conflict, NotFound, UsageError
from workbench.model.names import is_id, new_id
from workbench.model.plan import Fingerprint
from workbench.model.run import ATTEMPT_MOVES, MOVES, Attempt, AttemptState, CellRun, Run, State, StepRun, check_move
from workbench.store import tables
from workbench.store.owner import Owner
from workbench.store.rows import chunks, insert_all, now
from workbench.store.run_rows import attempt_noun, is_over, run_noun, run_row, step_noun, step_row, taken

_OPEN = tuple(state.value for state in State if not state.final)
_OPEN_ATTEMPTS = tuple(state.value for state in AttemptState if not state.final)
_TAKEN = frozenset({State.LOST, State.CANCELLED})
"""States that somebody else puts a run in behind its owner's back."""


class Runs:
    """What ran, what runs and who holds it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, run: Run, step_runs: Sequence[StepRun], owner: Owner, lease_until: str) -> None:
        """Keep a new run and its steps, in their order, held by ``owner`` until ``lease_until`` (UTC, ISO 8601).

        Raises Conflict (WB-RUN-129) when there is one of this id.
        """
        if self._connection.execute(select(tables.run.c.id).where(tables.run.c.id == run.id)).first():
            raise Conflict(
                "WB-RUN-129", f"run {run.id} has begun before", kept="It goes on as it is.", next="wb runs show"
            )
        self._claim(owner, lease_until)
        row = {**run_row(run), "created_at": run.created_at or now(), "owner": owner.id}
        self._connection.execute(insert(tables.run).values(row))
        insert_all(self._connection, tables.step_run, map(step_row, range(len(step_runs)), step_runs))

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

    def move_run(self, identifier: str, to: State, *, error: Mapping[str, Any] | None = None) -> None:
        """Move a run to a state that it may move to.

        Raises InternalError (WB-INT-998), NotFound (WB-RUN-403), Conflict (WB-RUN-120) when it was taken from us.
        """
        values = {"error": error} if error is not None else {}
        self._move(tables.run, identifier, to, values)

    def move_step(
        self,
        identifier: str,
        to: State,
        *,
        reason: str | None = None,
        error: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
        report: str | None = None,
        fingerprint: Fingerprint | None = None,
        outputs: Mapping[str, int] | None = None,
    ) -> None:
        """Move a step run to a state that it may move to, and keep what is given of it. Raises as ``move_run`` does."""
        given: dict[str, Any] = {"reason": reason, "error": error, "recorded": values, "report": report}
        given |= {"fingerprint": fingerprint, "outputs": outputs}
        row = {key: value for key, value in given.items() if value is not None}
        if to is State.RUNNING:
            row["started_at"] = now()
        self._move(tables.step_run, identifier, to, row)

    def start_attempt(self, step_run: str, number: int, folder: str, owner: Owner, lease_until: str) -> Attempt:
        """A new attempt in state ``running``, with a fence that no attempt before it had.

        Raises Conflict (WB-RUN-120) when the step has ended meanwhile: then somebody else settled the run.
        """
        statement = select(tables.step_run.c.state).where(tables.step_run.c.id == step_run)
        state = self._connection.execute(statement).scalar_one_or_none()
        if state not in _OPEN:
            raise taken("step", step_run, State(state) if state else None)
        self._claim(owner, lease_until)
        fence = tables.counter.c.name == "fence"
        self._connection.execute(update(tables.counter).where(fence).values(value=tables.counter.c.value + 1))
        value = self._connection.execute(select(tables.counter.c.value).where(fence)).scalar_one()
        attempt = Attempt(new_id(), step_run, number, AttemptState.RUNNING, value, folder, started_at=now())
        row = {**vars(attempt), "state": attempt.state.value, "owner": owner.id}
        self._connection.execute(insert(tables.attempt).values(row))
        return attempt

    def move_attempt(
        self,
        identifier: str,
        fence: int,
        to: AttemptState,
        *,
        error: Mapping[str, Any] | None = None,
        cells: Sequence[CellRun] | None = None,
    ) -> None:
        """Move an attempt, as the holder of its fence.

        Raises Conflict (WB-RUN-120) when another fence holds it or it was taken from us, else as ``move_run`` does.
        """
        given = {"error": error, "cells": cells}
        row = {key: value for key, value in given.items() if value is not None}
        self._move(tables.attempt, identifier, to, row, fence=fence)

    def renew(self, owner: Owner, lease_until: str) -> None:
        """Lengthen the lease on all that ``owner`` holds. Raises Conflict (WB-RUN-120) when it holds nothing."""
        statement = update(tables.owner).where(tables.owner.c.id == owner.id).values(lease_until=lease_until)
        if self._connection.execute(statement).rowcount != 1:
            raise taken("lease", owner.id, None)

    def expired(self, at: str) -> tuple[Run, ...]:
        """Unfinished runs, whole, whose owner is gone or whose lease is over at the moment ``at`` (ISO 8601)."""
        runs, owners = tables.run, tables.owner
        statement = select(runs.c.id.label("run"), owners).outerjoin(owners, owners.c.id == runs.c.owner)
        rows = self._connection.execute(statement.where(runs.c.state.in_(_OPEN)).order_by(runs.c.id)).mappings()
        gone = [row["run"] for row in rows if is_over(row, datetime.fromisoformat(at))]
        return tuple(run for some in chunks(gone) for run in self._whole(select(runs).where(runs.c.id.in_(some))))

    def lose(self, run_id: str, error: Mapping[str, Any]) -> bool:
        """Settle a run whose owner is gone: it and what ran of it are ``lost``, steps that never began ``cancelled``.

        Returns whether this call settled it; ``False`` when it had ended before.
        """
        at = now()
        lost = {"state": State.LOST.value, "ended_at": at, "error": error}
        runs, steps, attempts = tables.run, tables.step_run, tables.attempt
        mine = update(runs).where(runs.c.id == run_id, runs.c.state.in_(_OPEN)).values(lost)
        if self._connection.execute(mine).rowcount != 1:
            return False
        of_run = select(steps.c.id).where(steps.c.run == run_id)
        self._connection.execute(
            update(attempts).where(attempts.c.step_run.in_(of_run), attempts.c.state.in_(_OPEN_ATTEMPTS)).values(lost)
        )
        queued = update(steps).where(steps.c.run == run_id, steps.c.state == State.QUEUED.value)
        self._connection.execute(queued.values(state=State.CANCELLED.value, ended_at=at))
        self._connection.execute(update(steps).where(steps.c.run == run_id, steps.c.state.in_(_OPEN)).values(lost))
        return True

    def _claim(self, owner: Owner, lease_until: str) -> None:
        held = update(tables.owner).where(tables.owner.c.id == owner.id).values(lease_until=lease_until)
        if self._connection.execute(held).rowcount == 0:
            self._connection.execute(insert(tables.owner).values({**asdict(owner), "lease_until": lease_until}))

    def _move(
        self,
        table: Table,
        identifier: str,
        to: State | AttemptState,
        values: dict[str, Any],
        *,
        fence: int | None = None,
    ) -> None:
        moves: Mapping[Any, frozenset[Any]] = ATTEMPT_MOVES if table is tables.attempt else MOVES
        before = [state.value for state, targets in moves.items() if to in targets]
        if to.final:
            values = {**values, "ended_at": now()}
        statement = update(table).where(table.c.id == identifier, table.c.state.in_(before))
        if fence is not None:
            statement = statement.where(table.c.fence == fence)
        if self._connection.execute(statement.values(state=to.value, **values)).rowcount != 1:
            self._refuse(table, identifier, to, fence)

    def _refuse(self, table: Table, identifier: str, to: State | AttemptState, fence: int | None) -> None:
        row = self._connection.execute(select(table).where(table.c.id == identifier)).mappings().first()
        what = table.name.replace("_", " ")
        if row is None:
            raise NotFound("WB-RUN-403", f'there is no {what} "{identifier}"')
        state = type(to)(row["state"])
        if state not in _TAKEN and (fence is None or row["fence"] == fence):
            check_move(state, to)
        raise taken(what, identifier, state)

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
