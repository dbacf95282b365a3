"""Attempts queue up and are claimed: whoever claims one gets a fence that no attempt before it had, and a lease."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from workbench.model.names import new_id, short_id
from workbench.model.run import Attempt, AttemptState, Cause, State, Wait
from workbench.store import tables
from workbench.store.engine import moment
from workbench.store.leases import Leases
from workbench.store.moves import AT_WORK, OPEN, move
from workbench.store.owner import Owner
from workbench.store.rows import now
from workbench.store.run_rows import attempt_noun, owner_noun, taken

_owner, _run, _step, _attempt = tables.owner, tables.run, tables.step_run, tables.attempt


class Claims:
    """The attempts of all runs as far as they get in each other's way."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(self, step_run: str, folder: str, owner: Owner, not_before: str = "") -> Attempt:
        """A new attempt, waiting for its turn and for ``not_before``; its own folder is in ``folder``.

        Raises Conflict (WB-RUN-120) when the step has ended meanwhile: then somebody else settled the run.
        """
        found = select(_step.c.state).where(_step.c.id == step_run)
        state = self._connection.execute(found).scalar_one_or_none()
        if state not in OPEN:
            raise taken("step", step_run, State(state) if state else None)
        last = select(func.max(_attempt.c.number)).where(_attempt.c.step_run == step_run)
        number = (self._connection.execute(last).scalar() or 0) + 1
        attempt = Attempt(
            new_id(), step_run, number, AttemptState.QUEUED, self._fence(), f"{folder}/a{number}", not_before=not_before
        )
        row = {**vars(attempt), "state": attempt.state.value, "owner": owner.id}
        self._connection.execute(insert(_attempt).values(row))
        return attempt

    def queued(self, step_run: str) -> Attempt | None:
        """The attempt of a step that waits, if one does."""
        waiting = select(_attempt).where(_attempt.c.step_run == step_run, _attempt.c.state == AttemptState.QUEUED.value)
        row = self._connection.execute(waiting).mappings().first()
        return attempt_noun(row) if row else None

    def withdraw(self, step_run: str) -> None:
        """Cancel the attempt of a step that waits, if one does."""
        waiting = update(_attempt).where(_attempt.c.step_run == step_run, _attempt.c.state == AttemptState.QUEUED.value)
        ended = {"state": AttemptState.CANCELLED.value, "cause": Cause.CANCELLED.value, "ended_at": now()}
        self._connection.execute(waiting.values(ended))

    def claim(self, attempt: Attempt, owner: Owner, seconds: float) -> Attempt:
        """Claim a queued attempt, with a lease of so many seconds; its step is ``running`` from now on.

        Raises Conflict (WB-RUN-120) when it was taken from us.
        """
        fence, at = self._fence(), now()
        until = Leases(self._connection).hold(owner, seconds)
        claimed = {"fence": fence, "owner": owner.id, "started_at": at, "lease_until": until}
        move(self._connection, tables.attempt, attempt.id, AttemptState.CLAIMED, claimed, fence=attempt.fence)
        began = case((_step.c.started_at == "", at), else_=_step.c.started_at)
        move(self._connection, tables.step_run, attempt.step_run, State.RUNNING, {"fence": fence, "started_at": began})
        return replace(attempt, state=AttemptState.CLAIMED, fence=fence, started_at=at, lease_until=until)

    def waits(self, step_run: str, places: int, instances: int | None = None) -> Wait | None:
        """Why a step cannot be claimed now: ``None`` when it can.

        ``places`` is how many attempts of the whole project may be at work at once, ``instances`` how many of steps
        with the same base. A dataset has one writer at a time in an environment, instances of one base excepted.
        """
        about_step = (_step.c.base, _step.c.key, _step.c.partition, _step.c.writes)
        found = select(_run.c.id.label("run"), _run.c.pipeline, _run.c.environment, *about_step).select_from(_step)
        found = found.join(_run, _run.c.id == _step.c.run)
        mine = self._connection.execute(found.where(_step.c.id == step_run)).mappings().one()
        at_work = found.join(_attempt, _attempt.c.step_run == _step.c.id).join(_owner, _owner.c.id == _attempt.c.owner)
        at_work = at_work.add_columns(_attempt.c.state, *_owner.c).where(_attempt.c.state.in_(AT_WORK))
        at = moment(self._connection)
        others = [row for row in self._connection.execute(at_work).mappings() if not owner_noun(row).over(at)]
        computing = [row for row in others if row["state"] != AttemptState.STAGED.value]
        if len(computing) >= places:
            return Wait("places", f"{places} of {places} places are taken")
        alike = [row for row in computing if _one_base(row, mine)]
        if instances is not None and len(alike) >= instances:
            return Wait("instances", f"{instances} of {mine['base']} are at work, as many as may be")
        for row in others:
            for dataset in set(row["writes"]) & set(mine["writes"]):
                if row["environment"] == mine["environment"] and not _apart(row, mine):
                    return Wait("dataset", f"run {short_id(row['run'])} of {row['pipeline']} is writing {dataset}")
        return None

    def _fence(self) -> int:
        here = tables.counter.c.name == "fence"
        self._connection.execute(update(tables.counter).where(here).values(value=tables.counter.c.value + 1))
        return int(self._connection.execute(select(tables.counter.c.value).where(here)).scalar_one())


def _one_base(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    return all(one[name] == other[name] for name in ("pipeline", "environment", "base"))


def _apart(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    """Whether two steps are different instances of the same one, which write different parts of a dataset."""
    return _one_base(one, other) and (one["key"] != other["key"] or one["partition"] != other["partition"])
