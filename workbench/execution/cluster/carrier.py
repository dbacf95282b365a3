"""One attempt on its way to a worker and back: ticket, order, the journal piece by piece, notebook, end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from workbench import durable
from workbench.execution.beat import BEAT, without_payload
from workbench.execution.cluster.link import TICK, Link, Lost, Moved, nobody, place
from workbench.execution.cluster.outpost import CHUNK, installed
from workbench.execution.cluster.parcel import Parcel
from workbench.execution.journal import now
from workbench.execution.order import CANCEL, Order
from workbench.model.cluster import Needs, fit
from workbench.model.errors import InternalError, StepFailed, WorkbenchError
from workbench.model.events import Event, Kind
from workbench.model.names import new_id
from workbench.model.plain import from_plain, to_plain

AHEAD = 2.0
"""Seconds that a worker is asked to wait for news, at most."""


class Cluster(Protocol):
    """What a carrier asks of its executor."""

    wait: float

    async def linked(self, until: float) -> Link:
        """A link to a scheduler, waiting for one until then (``time.monotonic``)."""

    def probe(self) -> str:
        """A file that every worker has to see; empty when there is none."""


class Carrier:
    """Brings one order to a worker, and what it says to the runner at the other end of ``writer``.

    The runner is told what a guardian would tell it: events, beats, and why it ended as the last.
    """

    def __init__(
        self, cluster: Cluster, order: Order, parcel: Parcel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._cluster = cluster
        self._order = order
        self._parcel = parcel
        self._reader = reader
        self._writer = writer
        self._link: Link | None = None
        self._place: dict[str, Any] | None = None
        self._cancelled = False
        self._last: Event | None = None

    async def carry(self) -> None:
        """See to the attempt until it is over, or until the runner closes its end."""
        work, listening = asyncio.ensure_future(self._work()), asyncio.ensure_future(self._listen())
        try:
            await asyncio.wait({work, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            listening.cancel()
            if not work.done():
                work.cancel()
            await asyncio.gather(work, listening, return_exceptions=True)
            with contextlib.suppress(OSError):
                self._writer.close()

    async def _work(self) -> None:
        gone = ""
        try:
            await self._attempt()
        except Lost as lost:
            gone = str(lost)
        except WorkbenchError as error:
            self._last = _ended(error.as_dict())
        except Exception as fault:
            cause = f"{type(fault).__name__}: {fault}"
            self._last = _ended(InternalError("WB-INT-999", "the cluster could not be used", cause=cause).as_dict())
        if self._last is not None and not gone:
            await self._say(to_plain(self._last))
        await self._say({"exit": gone})

    async def _attempt(self) -> None:
        until = time.monotonic() + self._cluster.wait
        needs = Needs(self._order.limits.memory, self._order.cpus, self._order.requires)
        key = f"workbench-{self._order.step}-{new_id()}"
        with self._beating():
            link = self._link = await self._cluster.linked(until)
            future = link.submit(key, await place(link, needs, until))
        try:
            while not await self._seen_through(link, key, future, needs):
                pass
        finally:
            if self._place is not None:
                await link.dismiss(self._place)
            await link.drop(key, future)

    async def _seen_through(self, link: Link, key: str, future: Any, needs: Needs) -> bool:
        """Hand the order over to who has the ticket, and follow it there to its end; false when the ticket moved on."""
        try:
            with self._beating():
                self._place = await self._placed(link, key, future, needs)
                await self._say({"worker": self._place["worker"]})
                await self._hand_over(link)
            await self._follow(link)
        except Moved:
            self._place = None
            return False
        return True

    async def _placed(self, link: Link, key: str, future: Any, needs: Needs) -> dict[str, Any]:
        """Where the ticket has found a worker; waits for as long as there is one that could take it."""
        until = time.monotonic() + self._cluster.wait
        while True:
            found = await link.announced(key, TICK)
            if found is not None:
                if found["version"] != (ours := installed()):
                    raise _unfit(f"{found['worker']} has Workbench {found['version']}, the runner has {ours}")
                return found
            if self._cancelled:
                raise Lost("it was cancelled before it began")
            if future.status == "error":
                raise await _refused(future)
            if future.status in ("cancelled", "lost"):
                raise Lost("the scheduler of the cluster has dropped it")
            offers = await link.offers()
            if fit(needs, offers) is not None:
                until = time.monotonic() + self._cluster.wait
            elif time.monotonic() > until:
                raise nobody(needs, offers)

    # -- there -----------------------------------------------------------------------------------------------------

    async def _hand_over(self, link: Link) -> None:
        files = {path.name: path.read_bytes() for path in (self._order.source, self._order.context)}
        if sum(map(len, files.values())) > CHUNK:
            for name, content in files.items():
                await self._bring(link, name, content)
            files = {}
        order, probe = self._order.encode(), self._cluster.probe()
        begun = await self._ask(link, "begin", order=order, parcel=self._parcel.digest, sees=probe, files=files)
        if begun.get("missing"):
            await self._bring(link, f"{self._parcel.digest}.zip", self._parcel.content)
            begun = await self._ask(link, "begin", order=order, parcel=self._parcel.digest, sees=probe)
        if begun.get("blind"):
            assert self._place is not None
            raise _unfit(f"{self._place['worker']} does not see {Path(probe).parent}, where the data files are")

    async def _bring(self, link: Link, name: str, content: bytes) -> None:
        for offset, piece in _pieces(content):
            await self._ask(link, "bring", name=name, offset=offset, data=piece)

    # -- and back --------------------------------------------------------------------------------------------------

    async def _follow(self, link: Link) -> None:
        """Copy journal and log as they grow, and tell the events; then fetch the notebook."""
        read, logged, rest = 0, 0, b""
        wait = min(AHEAD, self._order.beat)
        with self._order.journal.open("ab") as journal, self._order.log.open("ab") as log:
            while True:
                more = await self._ask(link, "more", within=wait, journal=read, log=logged, wait=wait)
                journal.write(more["journal"])
                journal.flush()
                log.write(more["log"])
                read, logged = read + len(more["journal"]), logged + len(more["log"])
                *lines, rest = (rest + more["journal"]).split(b"\n")
                await self._say({BEAT: True, "age": more["age"]})
                for line in lines:
                    await self._tell(from_plain(Event, json.loads(line)))
                if more["over"]:
                    break
        if more["fault"]:
            self._last = _ended(more["fault"])
            return
        await self._fetch(link, more["output"])
        durable.flush(self._order.journal)

    async def _tell(self, event: Event) -> None:
        """Tell an event, but for the last: that is told when everything is here."""
        if event.kind is Kind.ATTEMPT_ENDED:
            self._last = event
        else:
            await self._say(to_plain(without_payload(event)))

    async def _fetch(self, link: Link, found: dict[str, Any]) -> None:
        """Write the executed notebook down, of which ``found`` is the beginning."""
        if found["size"] < 0:
            return
        with durable.replacing(self._order.output) as aside, aside.open("wb") as file:
            file.write(found["data"])
            while file.tell() < found["size"]:
                file.write((await self._ask(link, "output", offset=file.tell()))["data"])

    # -- the two ends ----------------------------------------------------------------------------------------------

    async def _ask(self, link: Link, what: str, **details: Any) -> dict[str, Any]:
        assert self._place is not None
        answer = await link.ask(self._place["worker"], self._place["token"], what, **details)
        if answer.get("withdrawn"):
            raise Lost("it was cancelled before it began")
        return answer

    async def _listen(self) -> None:
        """Hear what the runner wants; returns when it has closed its end."""
        with contextlib.suppress(OSError):
            while said := await self._reader.read(16):
                if CANCEL in said and not self._cancelled:
                    self._cancelled = True
                    if self._link is not None and self._place is not None:
                        with contextlib.suppress(Lost, Moved):
                            await self._ask(self._link, "cancel")

    @contextlib.contextmanager
    def _beating(self) -> Iterator[None]:
        """Tell the runner that all is well while nobody else can."""

        async def beat() -> None:
            while True:
                await self._say({BEAT: True})
                await asyncio.sleep(self._order.beat)

        beats = asyncio.ensure_future(beat())
        try:
            yield
        finally:
            beats.cancel()

    async def _say(self, message: Any) -> None:
        self._writer.write(json.dumps(message).encode() + b"\n")
        await self._writer.drain()


def _pieces(content: bytes) -> Iterator[tuple[int, bytes]]:
    for offset in range(0, max(1, len(content)), CHUNK):
        yield offset, content[offset : offset + CHUNK]


def _ended(error: dict[str, Any]) -> Event:
    return Event(0, now(), Kind.ATTEMPT_ENDED, {"error": error, "cells": []})


def _unfit(cause: str) -> StepFailed:
    return StepFailed(
        "WB-RUN-162",
        "a worker of the cluster cannot carry out our steps",
        cause=cause,
        kept="Nothing of this step was published.",
        next="install the same dataops-workbench everywhere, and keep the data where all workers see it: in a bucket",
    )


async def _refused(future: Any) -> WorkbenchError | Lost:
    """Why a ticket came to nothing."""
    from distributed.scheduler import KilledWorker

    error = await future.exception()
    if isinstance(error, KilledWorker):
        return Lost("the workers that took it were killed")
    return _unfit(f"{type(error).__name__}: {error}")
