"""The executor of a Dask cluster: each attempt is carried out on a worker, and its journal comes back as it is written.

The store owns the states. Dask finds a worker and carries messages, no more: it repeats nothing, keeps nothing, and
what it starts twice is handed nothing the second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import math
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench.config import Config
from workbench.execution.attempt import discard_temporary
from workbench.execution.beat import BEAT
from workbench.execution.cluster.carrier import Carrier
from workbench.execution.cluster.link import ANSWER, Link
from workbench.execution.cluster.parcel import Parcel, pack
from workbench.execution.executor import Demand
from workbench.execution.order import CANCEL, Order
from workbench.model.cluster import Cluster
from workbench.model.errors import MissingExtra, StepFailed
from workbench.model.names import new_id

_log = logging.getLogger("workbench.execution")


class Handle:
    """The runner's end of one attempt; ``gone`` is why it ended without a word, if it did, ``worker`` its address."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = b""
        self.finished = False
        self.heard = time.monotonic()
        self.gone = ""
        self.worker = ""

    def fileno(self) -> int:
        """Readable when messages wait."""
        return self._channel.fileno()

    def receive(self, tell: Callable[[dict[str, Any]], None]) -> None:
        """Tell the events that have arrived, as plain dicts; ``finished`` is true after the last."""
        data = self._channel.recv(1 << 16)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "exit" in message:
                self.finished, self.gone = True, message["exit"]
            elif BEAT in message:
                self.heard = time.monotonic() - message.get("age", 0.0)
            elif "worker" in message:
                self.worker = message["worker"]
            else:
                tell(message)
        if not data:
            self.finished = True

    def cancel(self) -> None:
        """Ask the attempt to end; it gets a grace to write its notebook."""
        with contextlib.suppress(OSError):
            self._channel.sendall(CANCEL)

    def close(self) -> None:
        """Close our end; an attempt that still runs is ended by its worker."""
        self._channel.close()


class DaskExecutor:
    """Hands attempts to the workers of a cluster; one thread looks after all of them."""

    def __init__(self, config: Config) -> None:
        self.wait = config.dask.wait
        self._settings = config.dask
        self._warehouse = None if config.warehouse.remote else config.warehouse.folder
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._link: Link | None = None
        self._linking = asyncio.Lock()
        self._probe: Path | None = None
        self._going: set[asyncio.Task[None]] = set()

    def warm_up(self, demand: Demand = Demand()) -> None:  # noqa: B008  frozen
        """Begin to reach the cluster. Raises MissingExtra (WB-EXT-907) without Dask."""
        if self._loop is None:
            check_installed()
            _warn_of_strangers(self._settings)
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="workbench-dask", daemon=True)
            self._thread.start()
        asyncio.run_coroutine_threadsafe(self._expect(demand), self._loop)

    def start(self, order: Order) -> Handle:
        """Let a worker carry out ``order``, when there is one. Raises MissingExtra, StorageError."""
        if self._loop is None:
            self.warm_up()
        assert self._loop is not None
        discard_temporary(order)
        parcel = pack(Path(order.root), order.files, self._settings.files)
        ours, theirs = socket.socketpair()
        asyncio.run_coroutine_threadsafe(self._begin(order, parcel, theirs), self._loop)
        return Handle(ours)

    def settle(self) -> None:
        """Wait until nothing is left of attempts that are over, as far as workers answer."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._settle(), self._loop).result()

    def close(self) -> None:
        """End what still runs, leave the cluster, and end it if it is ours."""
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None

    # -- in the loop of the thread -------------------------------------------------------------------------------

    async def linked(self, until: float) -> Link:
        """A link to a scheduler, waiting for one until then. Raises StepFailed (WB-RUN-161), NotFound (WB-EXT-906)."""
        while True:
            try:
                return await self._linked()
            except (OSError, TimeoutError) as error:
                if time.monotonic() > until:
                    raise _unreachable(self._settings, error) from error
            await asyncio.sleep(0.5)

    def probe(self) -> str:
        """A file that every worker has to see; empty when the data is in a bucket."""
        if self._warehouse is None:
            return ""
        if self._probe is None:
            self._warehouse.mkdir(parents=True, exist_ok=True)
            self._probe = self._warehouse / f".seen-{new_id().lower()}"
            self._probe.touch()
        return str(self._probe)

    async def _expect(self, demand: Demand) -> None:
        with contextlib.suppress(Exception):  # the first step says what is wrong
            link = await self._linked()
            threads = sum(offer.threads for offer in await link.offers())
            share = math.ceil(demand.steps / max(1, threads))
            await link.everywhere("warm", demand.target, demand.modules, share)

    async def _linked(self) -> Link:
        async with self._linking:
            if self._link is not None and self._link.lost.is_set():
                await self._link.close()
                self._link = None
            if self._link is None:
                self._link = await Link.made(self._settings)
            return self._link

    async def _begin(self, order: Order, parcel: Parcel, channel: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=channel)
        task = asyncio.ensure_future(Carrier(self, order, parcel, reader, writer).carry())
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def _settle(self) -> None:
        if self._going:
            await asyncio.wait(self._going, timeout=ANSWER)
        if self._link is not None and not self._link.lost.is_set():
            await self._link.everywhere("rest")

    async def _close(self) -> None:
        for task in self._going:
            task.cancel()
        await asyncio.gather(*self._going, return_exceptions=True)
        async with self._linking:
            if self._link is not None:
                await self._link.close()
                self._link = None
        if self._probe is not None:
            self._probe.unlink(missing_ok=True)
            self._probe = None


def check_installed() -> None:
    """Raise MissingExtra (WB-EXT-907) where Dask is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise MissingExtra(
            "WB-EXT-907",
            "the executor dask needs Dask, which is not installed",
            cause=str(error),
            next='pip install "dataops-workbench[dask]"',
        ) from error


def _warn_of_strangers(settings: Cluster) -> None:
    """Say so when orders and outputs would cross a network that anybody may listen to."""
    parts = urlsplit(settings.address)
    if parts.scheme == "tcp" and not _is_loopback(parts.hostname or ""):
        _log.warning(
            "the cluster at %s is reached without encryption: whoever is in its network can read what steps say, and "
            "run code on its workers; set ca, certificate and key under [executors.dask], and use tls://",
            settings.address,
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _unreachable(settings: Cluster, error: BaseException) -> StepFailed:
    return StepFailed(
        "WB-RUN-161",
        f"the cluster at {settings.address or settings.cluster} cannot be reached",
        cause=str(error).strip() or type(error).__name__,
        kept="Nothing of this step was published.",
        next="start its scheduler, or correct executors.dask.address in workbench.toml",
    )
