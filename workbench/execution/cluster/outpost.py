"""What happens on a worker of a cluster: attempts are carried out under our guardian, and asked about from afar.

A task of the cluster is only a ticket: it says that it has found a worker, and waits for a runner to hand over an
order. So an attempt that the cluster starts a second time, after it took a worker for dead, is handed nothing. What an
attempt says lies in its folder on the worker; the runner fetches it piece by piece. A runner that does not ask for a
while is taken for gone, and the attempt is ended.

A ticket that waits for a thread is handed its order at once, so that it begins as soon as there is one. Until then the
cluster may give it to another worker, where it is handed the order again.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import json
import selectors
import shutil
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.execution.cluster.link import DISTRIBUTION, TOPIC
from workbench.execution.cluster.parcel import unpack
from workbench.execution.executor import Demand
from workbench.execution.local import LocalExecutor
from workbench.execution.order import Order
from workbench.model.errors import WorkbenchError
from workbench.model.names import new_id

HANDLER = "workbench"
"""What messages to us are called."""
CHUNK = 1 << 20
"""Bytes of a file that travel at once."""
PATIENCE = 30.0
"""Seconds that a ticket waits for an order."""
GATHER = 0.2
"""Seconds for which news are gathered before they travel: each journey costs the scheduler, too."""
SILENCE = 3
"""Beats of an order after which a runner that asks nothing is taken for gone."""
_KEPT = 60.0
"""Seconds that what an attempt left is kept for a runner that does not fetch it."""
_CANCEL, _KILL = b"c", b"k"

_HERE = ("ready", "constrained")
"""States of a task that waits for a thread of its worker."""
_GONE = ("released", "forgotten", "error")
"""States of a task that this worker has no more to do with."""

_errands: dict[str, Errand] = {}
_waiting: dict[str, Errand] = {}
"""Those of tickets that wait for a thread, by key."""
_one_at_a_time = threading.Lock()
_home = ThreadPoolExecutor(1, "workbench-outpost")
"""The thread that our processes are started from: the system ends them when it ends."""
_executors: list[LocalExecutor] = []


def warm(target: str, modules: Sequence[str] | None, share: int, worker: Any) -> None:
    """Make a worker ready for ``share`` steps on each of its threads (see ``Demand``), while it goes on."""
    threads = worker.state.nthreads
    demand = Demand(target, None if modules is None else tuple(modules), share * threads, threads)
    _open(worker)
    _home.submit(lambda: _executor().warm_up(demand))


def rest(worker: Any) -> None:
    """Keep nothing ready any more on any thread."""
    _home.submit(_rest)


def _rest() -> None:
    if _executors and all(errand.over for errand in list(_errands.values())):
        _executors[0].settle()


def attend(key: str, topic: str) -> None:
    """Be the ticket ``key``: announce it under ``topic``, and carry out what is handed over. Runs as a task."""
    from distributed import get_worker

    worker = get_worker()
    _open(worker)
    errand = _waiting.pop(key, None) or _announced(worker, key, topic)
    try:
        errand.attend()
    finally:
        errand.end()


def _open(worker: Any) -> None:
    """Let a worker pass on messages for us, and announce tickets as soon as they wait for one of its threads."""
    if HANDLER in worker.handlers:
        return
    worker.handlers[HANDLER] = serve
    from distributed import WorkerPlugin

    class Usher(WorkerPlugin):
        def transition(self, key: Any, start: str, finish: str, **kwargs: Any) -> None:
            _heed(worker, key, finish)

    worker.loop.add_callback(worker.plugin_add, Usher(), HANDLER)


def _heed(worker: Any, key: Any, state: str) -> None:
    """Let a ticket that comes to wait here be handed its order already, and one that leaves forget it."""
    if state in _HERE and key not in _waiting:
        topic = (worker.state.tasks[key].annotations or {}).get(TOPIC)
        if topic:
            _waiting[key] = _announced(worker, key, topic)
    elif state in _GONE and (errand := _waiting.pop(key, None)):
        errand.leave()


def _announced(worker: Any, key: str, topic: str) -> Errand:
    """The errand of a ticket, about which its runner is told under ``topic``."""
    errand = Errand(Path(worker.local_directory) / "workbench", worker.loop.asyncio_loop)
    _forget_old()
    _errands[errand.token] = errand
    place = {
        "key": key,
        "worker": worker.address,
        "token": errand.token,
        "version": installed(),
    }
    worker.log_event(topic, place)
    return errand


@functools.cache
def installed() -> str:
    """The version of Workbench here."""
    return version(DISTRIBUTION)


async def serve(token: str, what: str, **details: Any) -> dict[str, Any]:
    """Answer a message about the errand ``token``, in the loop of the worker; ``gone`` when there is no such errand.

    ``moved`` when its ticket has left for another worker.
    """
    errand = _errands.get(token)
    if errand is None:
        return {"gone": True}
    errand.touched = time.monotonic()
    answer: dict[str, Any] = {} if errand.left else await getattr(errand, f"on_{what}")(**details)
    if errand.left:  # also when it did meanwhile
        errand.clear()
        return {"moved": True}
    return answer


def _executor() -> LocalExecutor:
    if not _executors:
        _executors.append(LocalExecutor())
    return _executors[0]


def _forget_old() -> None:
    with _one_at_a_time:
        for errand in list(_errands.values()):
            if errand.over and time.monotonic() - errand.touched > _KEPT:
                errand.remove()


class Errand:
    """One attempt on this worker, from the ticket to the last piece that is fetched of it.

    It may be handed its order while its ticket still waits for a thread: what waits may be ``withdrawn``, and has
    ``left`` once the scheduler has given the ticket to another worker. From then on it never begins.
    """

    def __init__(self, home: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.token = new_id()
        self.touched = time.monotonic()
        self.over = self.left = self.withdrawn = False
        self._begun = False
        self._beginning = threading.Lock()
        self._home = home
        self._folder = home / self.token
        self._loop = loop
        self._news = asyncio.Event()
        self._handed_over = threading.Event()
        self._order: Order | None = None
        self._heard = time.monotonic()
        self._fault: dict[str, Any] | None = None
        self._here, self._there = socket.socketpair()

    # -- in the thread of the task -------------------------------------------------------------------------------

    def attend(self) -> None:
        """Wait for an order, and carry it out, unless nobody wants that any more."""
        if self._handed_over.wait(PATIENCE) and self._order is not None and self._begins(self._order):
            try:
                self._carry_out(self._order)
            except WorkbenchError as error:
                self._fault = error.as_dict()

    def _begins(self, order: Order) -> bool:
        with self._beginning:
            self._begun = not self.withdrawn and not self._forgotten(order)
            self._heard = time.monotonic()
            return self._begun

    def _forgotten(self, order: Order) -> bool:
        return time.monotonic() - self.touched > SILENCE * order.beat

    def end(self) -> None:
        """Nothing more is to come."""
        self.over = True
        self._tell()
        if self._order is None:
            self.remove()

    def remove(self) -> None:
        """Leave nothing of it."""
        _errands.pop(self.token, None)
        self.clear()
        self._here.close()
        self._there.close()

    def clear(self) -> None:
        """Leave nothing in the file system."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _carry_out(self, order: Order) -> None:
        handle = _home.submit(lambda: _executor().start(order)).result()
        with contextlib.closing(handle):
            while not handle.finished:
                with selectors.DefaultSelector() as watched:  # anew: a handle may change its channel
                    watched.register(handle, selectors.EVENT_READ)
                    watched.register(self._here, selectors.EVENT_READ)
                    ready = {key.fileobj for key, _ in watched.select(order.beat)}
                if handle in ready:
                    handle.receive(lambda event: None)
                    self._heard = handle.heard
                    self._tell()
                if self._here in ready:
                    said = self._here.recv(16)
                    if _KILL in said:
                        return
                    handle.cancel()
                if self._forgotten(order):
                    return

    def _tell(self) -> None:
        with contextlib.suppress(RuntimeError):  # the worker is closing
            self._loop.call_soon_threadsafe(self._news.set)

    # -- in the loop of the worker -------------------------------------------------------------------------------

    async def on_bring(self, name: str, offset: int, data: bytes) -> dict[str, Any]:
        """Take a piece of a file: of the order's own, or of an archive."""
        path = self._folder / Path(name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            file.write(data)
        return {}

    async def on_begin(
        self, order: bytes, parcel: str, sees: str, files: Mapping[str, bytes] | None = None
    ) -> dict[str, Any]:
        """Take the order, with those of its ``files`` that were not brought; ``missing`` without archive ``parcel``.

        ``sees`` is a path that the worker has to see; ``blind`` when it does not.
        """
        if sees and not Path(sees).exists():
            return {"blind": True}
        for name, data in (files or {}).items():
            await self.on_bring(name, 0, data)
        archive = self._home / "parcels" / f"{parcel}.zip"
        brought = self._folder / archive.name
        if not archive.exists() and not (brought.exists() and _digest(brought) == parcel):
            return {"missing": True}
        if not archive.exists():
            archive.parent.mkdir(parents=True, exist_ok=True)
            brought.replace(archive)
        self._order = await asyncio.to_thread(self._lay_out, Order.decode(order), archive)
        self._handed_over.set()
        return {}

    async def on_more(self, journal: int, log: int, wait: float) -> dict[str, Any]:
        """What was added to the journal and the log of the kernel, waiting a while for news.

        ``over`` once there is no more, with the beginning of the executed notebook; ``age`` is how long ago the
        supervisor was heard, in seconds; ``withdrawn`` when it never begins.
        """
        assert self._order is not None
        if not self.over and _size(self._order.journal) <= journal:
            await self._listen(wait)
        until = time.monotonic() + min(GATHER, wait)
        while not self.over and (left := until - time.monotonic()) > 0:
            await self._listen(left)
        over = self.over
        lines, said = _piece(self._order.journal, journal), _piece(self._order.log, log)
        done = over and len(lines) < CHUNK and len(said) < CHUNK
        age = time.monotonic() - self._heard if self._begun else 0.0  # who waits is well, and this says so
        told = {"fault": self._fault, "output": await self.on_output(0)} if done else {}
        return {"journal": lines, "log": said, "over": done, "age": age, "withdrawn": self.withdrawn, **told}

    async def on_output(self, offset: int) -> dict[str, Any]:
        """A piece of the executed notebook; ``size`` is its whole length, -1 when it was not written."""
        assert self._order is not None
        return {"size": _size(self._order.output), "data": _piece(self._order.output, offset)}

    async def on_cancel(self) -> dict[str, Any]:
        """Let the attempt end as it does when it is interrupted; one that has not begun never will."""
        self._withdraw()
        with contextlib.suppress(OSError):
            self._there.send(_CANCEL)
        return {}

    async def on_kill(self) -> dict[str, Any]:
        """End the attempt at once, and forget it; a ticket that waits is told that nobody comes."""
        self._withdraw()
        with contextlib.suppress(OSError):
            self._there.send(_KILL)
        self._handed_over.set()
        if self.over:
            await asyncio.to_thread(self.remove)
        return {}

    def leave(self) -> None:
        """The ticket is no longer here."""
        self.left = self.over = True
        self.clear()
        self._news.set()

    def _withdraw(self) -> None:
        with self._beginning:
            self.withdrawn = self.withdrawn or not self._begun
        if self.withdrawn:
            self._news.set()

    async def _listen(self, wait: float) -> None:
        """Wait for news, so many seconds at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), wait)
        self._news.clear()

    def _lay_out(self, order: Order, archive: Path) -> Order:
        root, temporary = self._folder / "project", self._folder / "tmp"
        unpack(archive, root)
        temporary.mkdir()
        moved = order.moved(self._folder, root, temporary)
        Path(moved.cwd).mkdir(parents=True, exist_ok=True)
        context = json.loads(moved.context.read_bytes())
        moved.context.write_text(json.dumps({**context, "temporary": str(temporary)}), encoding="utf-8")
        return moved


def _piece(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(CHUNK)
    except FileNotFoundError:
        return b""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
