"""Ticks, how far triggers have been looked at, and the lease of who acts on them, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select, update

from workbench.model.errors import Conflict, NotFound
from workbench.model.plain import from_plain
from workbench.model.run import State
from workbench.model.schedule import Arrival, Lease, Schedule, Standing, Tick, TickState
from workbench.store import tables
from workbench.store.owner import Owner, owner_alive, this_process
from workbench.store.rows import now

_lease, _tick, _standing, _arrival = tables.lease, tables.tick, tables.standing, tables.arrival


def holder_alive(lease: Lease) -> bool | None:
    """Whether the process that holds a lease still runs; ``None`` when that cannot be seen from here."""
    if not lease.pid:  # it was given back
        return False
    return owner_alive(Owner("", lease.pid, lease.started, lease.boot, lease.host))


class Schedules:
    """What runs by itself: what is to begin, what has begun, and what never will."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -- the lease -----------------------------------------------------------------------------------------------

    def lease(self, name: str) -> Lease | None:
        """Who holds the lease of that name, dead or alive."""
        row = self._connection.execute(select(_lease).where(_lease.c.name == name)).mappings().first()
        return from_plain(Lease, dict(row)) if row else None

    def take(self, name: str, seen: Lease | None) -> Lease:
        """Take a lease for this process from the one that was ``seen`` to hold it, or from nobody.

        Raises Conflict (WB-SCH-851) when somebody else was first, or the holder was well after all.
        """
        held = self.lease(name)
        if held != seen:
            raise lost(held)
        me = this_process()
        fence = held.fence + 1 if held else 1
        taken = Lease(name, me.pid, me.started, me.boot, me.host, fence, beats=0, taken_at=now())
        self._connection.execute(delete(_lease).where(_lease.c.name == name))
        self._connection.execute(insert(_lease).values(asdict(taken)))
        return taken

    def beat(self, lease: Lease) -> None:
        """Show that the holder is well. Raises Conflict (WB-SCH-851) when it holds the lease no more."""
        mine = update(_lease).where(_lease.c.name == lease.name, _lease.c.fence == lease.fence)
        if self._connection.execute(mine.values(beats=_lease.c.beats + 1)).rowcount != 1:
            raise lost(self.lease(lease.name))

    def hold(self, lease: Lease) -> None:
        """Raise Conflict (WB-SCH-851) unless ``lease`` is still the one that counts: asked in every transaction."""
        held = self.lease(lease.name)
        if held is None or held.fence != lease.fence:
            raise lost(held)

    def release(self, lease: Lease) -> None:
        """Give a lease back, if it is still ours; its fence is remembered."""
        mine = update(_lease).where(_lease.c.name == lease.name, _lease.c.fence == lease.fence)
        self._connection.execute(mine.values(pid=0, started="", boot="", host=""))

    # -- how far triggers have been looked at --------------------------------------------------------------------

    def standings(self) -> dict[tuple[str, str], Standing]:
        """How far each trigger has been looked at, by pipeline and trigger."""
        rows = self._connection.execute(select(_standing)).mappings()
        return {(row["pipeline"], row["trigger"]): from_plain(Standing, dict(row)) for row in rows}

    def put(self, standing: Standing) -> None:
        """Keep how far a trigger has been looked at."""
        here = (_standing.c.pipeline == standing.pipeline) & (_standing.c.trigger == standing.trigger)
        self._connection.execute(delete(_standing).where(here))
        self._connection.execute(insert(_standing).values(asdict(standing)))

    # -- ticks ---------------------------------------------------------------------------------------------------

    def add(self, tick: Tick) -> bool:
        """Keep a new tick; ``False`` when its pipeline, trigger and nominal time had one already."""
        same = (_tick.c.pipeline == tick.pipeline, _tick.c.trigger == tick.trigger, _tick.c.nominal == tick.nominal)
        if self._connection.execute(select(_tick.c.id).where(*same)).first():
            return False
        at = now()
        row = {**vars(tick), "state": tick.state.value, "created_at": tick.created_at or at, "moved_at": at}
        self._connection.execute(insert(_tick).values(row))
        return True

    def get(self, identifier: str) -> Tick:
        """A tick by its id. Raises NotFound (WB-SCH-853)."""
        row = self._connection.execute(select(_tick).where(_tick.c.id == identifier)).mappings().first()
        if row is None:
            raise NotFound("WB-SCH-853", f'there is no tick "{identifier}"', next="wb schedule ticks")
        return from_plain(Tick, dict(row))

    def of_run(self, run: str) -> Tick | None:
        """The tick that a run is of, if it is of one."""
        row = self._connection.execute(select(_tick).where(_tick.c.run == run)).mappings().first()
        return from_plain(Tick, dict(row)) if row else None

    def ticks(
        self,
        limit: int | None = 50,
        *,
        pipeline: str | None = None,
        trigger: str | None = None,
        states: Iterable[TickState] | None = None,
    ) -> tuple[Tick, ...]:
        """Ticks, the latest nominal time first."""
        statement = select(_tick).order_by(_tick.c.nominal_at.desc(), _tick.c.nominal.desc(), _tick.c.id).limit(limit)
        if pipeline is not None:
            statement = statement.where(_tick.c.pipeline == pipeline)
        if trigger is not None:
            statement = statement.where(_tick.c.trigger == trigger)
        if states is not None:
            statement = statement.where(_tick.c.state.in_([state.value for state in states]))
        return tuple(from_plain(Tick, dict(row)) for row in self._connection.execute(statement).mappings())

    def waiting(self) -> tuple[Tick, ...]:
        """Ticks whose runs are still to begin, in the order in which they came."""
        found = select(_tick).where(_tick.c.state == TickState.WAITING.value)
        found = found.order_by(_tick.c.nominal_at, _tick.c.nominal, _tick.c.id)
        return tuple(from_plain(Tick, dict(row)) for row in self._connection.execute(found).mappings())

    def going(self) -> dict[str, Tick]:
        """The ticks whose runs go on, by the id of the run."""
        unfinished = tables.run.c.state.in_([state.value for state in State if not state.final])
        found = select(_tick).join(tables.run, tables.run.c.id == _tick.c.run).where(unfinished)
        rows = self._connection.execute(found.order_by(_tick.c.nominal_at, _tick.c.id)).mappings()
        return {row["run"]: from_plain(Tick, dict(row)) for row in rows}

    def begin(self, run: str) -> None:
        """Let the tick of a run that begins be started, in the very transaction that keeps the run.

        Does nothing for a run that is of no tick. Raises Conflict (WB-SCH-854) when its tick was skipped meanwhile.
        """
        tick = self.of_run(run)
        if tick is not None and not self.move(tick.id, TickState.STARTED):
            raise Conflict(
                "WB-SCH-854",
                f"the tick {tick.id} of {tick.pipeline} is {tick.state} by now",
                cause=tick.reason,
                kept="Nothing was started.",
                next=f"wb run {tick.pipeline}",
            )

    def move(self, identifier: str, to: TickState, reason: str = "", *, only: Sequence[TickState] = ()) -> bool:
        """Move a tick that waits (or is in ``only``); ``False`` when it does not any more."""
        before = [state.value for state in only or (TickState.WAITING,)]
        mine = update(_tick).where(_tick.c.id == identifier, _tick.c.state.in_(before))
        return self._connection.execute(mine.values(state=to.value, reason=reason, moved_at=now())).rowcount == 1

    def tried(self, identifier: str, not_before: str) -> None:
        """Count a try at a tick's run, the next one not before a time (UTC, ISO 8601)."""
        mine = update(_tick).where(_tick.c.id == identifier)
        self._connection.execute(mine.values(tries=_tick.c.tries + 1, not_before=not_before))

    def forget(self, before: str) -> int:
        """Forget ticks of schedules for times before ``before`` (UTC, ISO 8601) that do not wait; how many they were.

        Those of files and snapshots are kept: they say that these have been taken in.
        """
        old = delete(_tick).where(_tick.c.kind == Schedule.kind, _tick.c.nominal_at < before)
        return self._connection.execute(old.where(_tick.c.state != TickState.WAITING.value)).rowcount

    def note(self, identifier: str, reason: str) -> None:
        """Say why the run of a tick that waits has not begun yet."""
        mine = update(_tick).where(_tick.c.id == identifier, _tick.c.state == TickState.WAITING.value)
        self._connection.execute(mine.values(reason=reason))

    # -- files ---------------------------------------------------------------------------------------------------

    def arrivals(self, pipeline: str, trigger: str) -> dict[str, Arrival]:
        """The files of a trigger as they last arrived, by path."""
        found = select(_arrival).where(_arrival.c.pipeline == pipeline, _arrival.c.trigger == trigger)
        return {row["path"]: from_plain(Arrival, dict(row)) for row in self._connection.execute(found).mappings()}

    def arrived(self, pipeline: str, trigger: str, files: Iterable[Arrival]) -> None:
        """Keep files as they arrived."""
        for file in files:
            of = {"pipeline": pipeline, "trigger": trigger}
            here = [_arrival.c[name] == value for name, value in {**of, "path": file.path}.items()]
            self._connection.execute(delete(_arrival).where(*here))
            self._connection.execute(insert(_arrival).values({**of, **asdict(file)}))


def lost(held: Lease | None) -> Conflict:
    """The error for whoever acts under a lease that somebody else holds."""
    by = f"process {held.pid} on {held.host}" if held and held.pid else "nobody"
    return Conflict(
        "WB-SCH-851",
        "the lease of the scheduler is not ours",
        cause=f"{by} holds it",
        kept="Nothing was started twice.",
        next="wb up waits until it is free",
    )
