"""Who is at work and until when that is believed; and what becomes of runs that nobody holds any more."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from workbench.model.errors import Conflict
from workbench.model.names import short_id
from workbench.model.run import REOPENED, AttemptState, Cause, Run, State, Wait
from workbench.store import tables
from workbench.store.engine import moment
from workbench.store.moves import AT_WORK, OPEN
from workbench.store.owner import Owner
from workbench.store.rows import chunks, now
from workbench.store.run_rows import owner_noun, run_noun, taken

_owner, _run, _step, _attempt = tables.owner, tables.run, tables.step_run, tables.attempt

SHOWN = 3
"""Runs that are named to one that waits for them."""


class Leases:
    """The runners, and what they hold."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, owner: Owner, seconds: float) -> str:
        """Begin the lease of ``owner``, or lengthen it; returns until when it holds (ISO 8601)."""
        until = (moment(self._connection) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
        renewed = replace(owner, lease_until=until, ticks=time.monotonic() + seconds)
        held = update(_owner).where(_owner.c.id == owner.id)
        if self._connection.execute(held.values(lease_until=until, ticks=renewed.ticks)).rowcount == 0:
            self._connection.execute(insert(_owner).values(asdict(renewed)))
        return until

    def ours(self, run: str, owner: Owner) -> None:
        """Raise Conflict (WB-RUN-120) unless ``owner`` holds this run and it goes on."""
        row = self._connection.execute(select(_run.c.state, _run.c.owner).where(_run.c.id == run)).first()
        if row is None or row.owner != owner.id or row.state not in OPEN:
            raise taken("run", run, State(row.state) if row else None)

    def holds(self, run: str, owner: Owner) -> bool:
        """Whether ``owner`` holds this run, and it goes on."""
        held = select(_run.c.id).where(_run.c.id == run, _run.c.owner == owner.id, _run.c.state.in_(OPEN))
        return self._connection.execute(held).first() is not None

    def renew(self, run: str, owner: Owner, attempts: Iterable[str], seconds: float) -> str:
        """Lengthen the lease on a run and on these attempts of it; returns who asked for its end, if anybody did.

        Raises Conflict (WB-RUN-120) when the run is not ours any more.
        """
        self.ours(run, owner)
        until = self.hold(owner, seconds)
        for some in chunks(attempts):
            mine = update(_attempt).where(_attempt.c.id.in_(some), _attempt.c.owner == owner.id)
            self._connection.execute(mine.where(_attempt.c.state.in_(AT_WORK)).values(lease_until=until))
        return str(self._connection.execute(select(_run.c.cancel).where(_run.c.id == run)).scalar_one())

    def ask_to_end(self, run: str, who: str) -> Owner | None:
        """Let the runner of a run know that ``who`` wants it to end; returns the runner, or None when it has ended."""
        asked = update(_run).where(_run.c.id == run, _run.c.state.in_(OPEN), _run.c.cancel == "")
        self._connection.execute(asked.values(cancel=who))
        held = select(_owner).join(_run, _run.c.owner == _owner.c.id)
        row = self._connection.execute(held.where(_run.c.id == run, _run.c.state.in_(OPEN))).mappings().first()
        return owner_noun(row) if row else None

    def reopen(self, run: str, owner: Owner, seconds: float) -> None:
        """Take a run that ended otherwise than well back to ``queued``, held by ``owner`` from now on.

        Raises Conflict (WB-RUN-123) when it is not in such a state, because somebody else was first.
        """
        self.hold(owner, seconds)
        again = update(_run).where(_run.c.id == run, _run.c.state.in_([state.value for state in REOPENED]))
        fresh = {"state": State.QUEUED.value, "owner": owner.id, "repairs": _run.c.repairs + 1, "error": None}
        fresh |= {"ended_at": "", "deadline_at": "", "cancel": ""}
        if self._connection.execute(again.values(fresh)).rowcount != 1:
            raise Conflict(
                "WB-RUN-123",
                f"run {run} cannot be repaired now",
                cause="it goes on, or has succeeded",
                next="wb runs show",
            )

    def turn(self, run: str, limit: int) -> Wait | None:
        """Why a queued run has to wait: so many runs of its pipeline go on or were queued before; else ``None``."""
        pipeline = select(_run.c.pipeline).where(_run.c.id == run).scalar_subquery()
        others = select(_run).where(_run.c.pipeline == pipeline, _run.c.id != run, _run.c.state.in_(OPEN))
        rows = self._connection.execute(others.order_by(_run.c.id)).mappings().all()
        over = self._over({row["owner"] for row in rows})
        before = [row for row in rows if row["owner"] not in over]
        before = [row for row in before if row["state"] != State.QUEUED.value or row["id"] < run]
        if len(before) < limit:
            return None
        told = ", ".join(short_id(row["id"]) for row in before[:SHOWN]) + (", …" if len(before) > SHOWN else "")
        return Wait("pipeline", f"{limit} at a time; before it: {told}")

    def gone(self) -> tuple[Run, ...]:
        """Unfinished runs, without their steps, whose owner is gone or whose lease is over."""
        statement = select(_run).where(_run.c.state.in_(OPEN)).order_by(_run.c.id)
        runs = self._connection.execute(statement).mappings().all()
        over = self._over({row["owner"] for row in runs})
        return tuple(run_noun(row, ()) for row in runs if row["owner"] in over)

    def lose(self, run: str, error: Mapping[str, Any]) -> bool:
        """Settle a run whose owner is gone: it and what was at work in it are ``lost``, what waited is ``cancelled``.

        Returns whether this call settled it; ``False`` when it had ended before, or is held after all.
        """
        held = self._connection.execute(select(_run.c.owner).where(_run.c.id == run)).scalar_one_or_none()
        if held is not None and not self._over({held}):
            return False
        at = now()
        lost = {"state": State.LOST.value, "ended_at": at, "error": error}
        waiting = {"state": State.CANCELLED.value, "ended_at": at}
        mine = update(_run).where(_run.c.id == run, _run.c.state.in_(OPEN)).values(lost)
        if self._connection.execute(mine).rowcount != 1:
            return False
        attempts = update(_attempt).where(_attempt.c.step_run.in_(select(_step.c.id).where(_step.c.run == run)))
        queued = attempts.where(_attempt.c.state == AttemptState.QUEUED.value)
        self._connection.execute(queued.values(**waiting, cause=Cause.CANCELLED.value))
        at_work = attempts.where(_attempt.c.state.in_(AT_WORK))
        self._connection.execute(at_work.values(**lost, cause=Cause.WORKER_LOST.value))
        steps = update(_step).where(_step.c.run == run)
        self._connection.execute(steps.where(_step.c.state == State.QUEUED.value).values(waiting))
        self._connection.execute(steps.where(_step.c.state.in_(OPEN)).values(lost))
        return True

    def _over(self, owners: Iterable[str]) -> set[str]:
        """Those of the ids ``owners`` that hold nothing any more."""
        at, wanted = moment(self._connection), set(owners)
        for some in chunks(tuple(wanted)):
            rows = self._connection.execute(select(_owner).where(_owner.c.id.in_(some))).mappings()
            wanted -= {row["id"] for row in rows if not owner_noun(row).over(at)}
        return wanted
