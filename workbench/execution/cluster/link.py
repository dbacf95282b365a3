"""The runner's link to a Dask cluster: one scheduler while it lives, and messages to our outposts by way of it.

All of it happens in the loop of one thread. What breaks the link loses every attempt that is under way over it, and the
next one makes another.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

from workbench.model.cluster import LOCAL, Cluster, Fit, Needs, Offer, fit
from workbench.model.errors import NotFound, StepFailed
from workbench.model.names import new_id

DISTRIBUTION = "dataops-workbench"
"""What has to be installed in the same version on both ends."""
ANSWER = 15.0
"""Seconds that a worker gets to answer, beside those it is asked to wait."""
TOPIC = "workbench"
"""The annotation of a ticket that says where it is announced, for workers with which it waits."""
TICK = 0.25
"""Seconds between two looks at the scheduler, whoever wants to know."""
_log = logging.getLogger("workbench.execution")


class Lost(Exception):
    """An attempt is lost; the text says why."""


class Moved(Exception):
    """A ticket has left the worker where it waited, before its attempt began; it is announced again elsewhere."""


class Link:
    """A connection to one scheduler. ``lost`` is set once it is gone."""

    def __init__(self, client: Any, cluster: Any = None) -> None:
        self._client = client
        self._cluster = cluster
        self._topic = f"workbench-{new_id()}"
        self._tickets: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._aside: set[asyncio.Task[None]] = set()
        self._offers: tuple[Offer, ...] = ()
        self._looked = -TICK
        self._looking = asyncio.Lock()
        self.lost = asyncio.Event()
        self._watch = asyncio.ensure_future(self._look())

    @classmethod
    async def made(cls, settings: Cluster) -> Link:
        """A link to the cluster of the settings. Raises OSError when nobody answers, NotFound (WB-EXT-906)."""
        from distributed import Client

        cluster: Any = None
        if not settings.address:
            quiet = {"dashboard_address": "127.0.0.1:0"} if settings.cluster == LOCAL else {}  # 8787 may be taken
            cluster = await _class(settings.cluster)(asynchronous=True, **{**quiet, **settings.options})
        security: Any = _security(settings) if settings.ca else None
        try:
            options = {"asynchronous": True, "security": security, "timeout": 5, "set_as_default": False}
            client = await _untyped(Client)(cluster or settings.address, **options)
        except BaseException:
            if cluster is not None:
                await cluster.close()
            raise
        link = cls(client, cluster)
        client.subscribe_topic(link._topic, link._heard)
        return link

    async def everywhere(self, what: str, *details: Any) -> None:
        """Call a function of the outposts, which is also told who its worker is.

        A worker that cannot says why when a step comes.
        """
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._client.run(_call(), what, *details, on_error="ignore"), ANSWER)

    async def versions(self) -> dict[str, str]:
        """The version of Workbench on each worker by its address, empty where there is none. Raises Lost."""
        asked = self._client.run(_version(), DISTRIBUTION, on_error="ignore")
        found = await self._of_scheduler(asyncio.wait_for(asked, ANSWER))
        return {address: answer or "" for address, answer in found.items()}

    async def close(self) -> None:
        """Leave the scheduler, and end the cluster if it is ours."""
        self._break()
        self._watch.cancel()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._client.close(), ANSWER)
        if self._cluster is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._cluster.close(), 4 * ANSWER)

    async def offers(self) -> tuple[Offer, ...]:
        """What the workers have that were there a moment ago. Raises Lost."""
        async with self._looking:
            if time.monotonic() - self._looked >= TICK:
                found = await self._of_scheduler(self._client.scheduler.identity())
                self._offers = tuple(
                    Offer(address, worker["nthreads"], worker["memory_limit"] or None, dict(worker["resources"]))
                    for address, worker in found["workers"].items()
                )
                self._looked = time.monotonic()
            return self._offers

    def submit(self, key: str, place: Fit) -> Any:
        """Queue a ticket with the scheduler; who has found a worker says so to ``announced``."""
        self._tickets[key] = asyncio.Queue()
        from dask.base import annotate

        with annotate(**{TOPIC: self._topic}):
            return self._client.submit(
                _ticket(),
                key,
                self._topic,
                key=key,
                pure=False,
                retries=0,
                resources=dict(place.resources) or None,
                workers=list(place.workers) if place.workers else None,
            )

    async def announced(self, key: str, wait: float) -> dict[str, Any] | None:
        """The next announcement of a ticket, ``None`` when there is none for ``wait`` seconds. Raises Lost."""
        try:
            found: dict[str, Any] = await self._or_lost(asyncio.wait_for(self._tickets[key].get(), wait))
        except TimeoutError:
            return None
        return found

    async def ask(self, worker: str, token: str, what: str, *, within: float = 0.0, **details: Any) -> dict[str, Any]:
        """What an outpost answers. Raises Lost when it does not, or knows nothing of it any more, and Moved."""
        message = {"op": "workbench", "token": token, "what": what, **details}
        sent = self._client.scheduler.broadcast(msg=message, workers=[worker], on_error="return")
        try:
            answers = await self._of_scheduler(asyncio.wait_for(sent, within + ANSWER))
        except TimeoutError:
            raise Lost(f"the worker at {worker} does not answer") from None
        answer = answers.get(worker)
        if not isinstance(answer, dict) or answer.get("status") in ("error", "uncaught-error"):
            raise Lost(f"the worker at {worker} is gone")
        if answer.get("gone"):
            raise Lost(f"the worker at {worker} was restarted")
        if answer.get("moved"):
            raise Moved
        return answer

    async def drop(self, key: str, future: Any) -> None:
        """Forget a ticket; a second one of the same key, which the scheduler made meanwhile, is sent away."""
        tickets = self._tickets.pop(key, None)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(future.cancel(), ANSWER)
        while tickets is not None and not tickets.empty():
            await self.dismiss(tickets.get_nowait())

    async def dismiss(self, place: dict[str, Any]) -> None:
        """Send away a ticket that nobody waits for."""
        with contextlib.suppress(Lost, Moved):
            await self.ask(place["worker"], place["token"], "kill")

    def _heard(self, event: tuple[float, dict[str, Any]]) -> None:
        place = event[1]
        if place["key"] in self._tickets:
            self._tickets[place["key"]].put_nowait(place)
        else:
            self._later(self.dismiss(place))

    def _later(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(doing)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def _look(self) -> None:
        while self._client.status == "running":
            await asyncio.sleep(TICK)
        self._break()

    def _break(self) -> None:
        self.lost.set()

    async def _of_scheduler(self, asked: Any) -> Any:
        try:
            return await self._or_lost(asked)
        except OSError as error:
            self._break()
            raise Lost(f"the scheduler is gone: {error}") from None

    async def _or_lost(self, asked: Any) -> Any:
        """What ``asked`` gives, unless the scheduler is lost first."""
        task, lost = asyncio.ensure_future(asked), asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait({task, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Lost("the scheduler of the cluster is gone")
            return task.result()
        finally:
            lost.cancel()
            task.cancel()


async def place(link: Link, needs: Needs, until: float) -> Fit:
    """Where a step may run, waiting until then (``time.monotonic``) for a worker that could.

    Raises StepFailed (WB-RUN-160), Lost.
    """
    while True:
        offers = await link.offers()
        found = fit(needs, offers)
        if found is not None:
            return found
        if time.monotonic() > until:
            raise nobody(needs, offers)
        await asyncio.sleep(TICK)


def nobody(needs: Needs, offers: tuple[Offer, ...]) -> StepFailed:
    """The error of a step that no worker can run."""
    there = "; ".join(map(str, offers[:5])) + (f"; and {len(offers) - 5} more" if len(offers) > 5 else "")
    return StepFailed(
        "WB-RUN-160",
        "no worker of the cluster can run this step",
        cause=f"it wants {needs}; there " + (f"is {there}" if offers else "is no worker at all"),
        kept="Nothing of this step was published.",
        next="start a worker that has it, or ask for less in the pipeline",
    )


def _class(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    try:
        found: Callable[..., Any] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise NotFound(
            "WB-EXT-906",
            f'there is no cluster class "{name}"',
            cause=str(error),
            next="install the distribution that brings it, or correct executors.dask.cluster in workbench.toml",
        ) from None
    return found


def _security(settings: Cluster) -> Any:
    from distributed.security import Security

    return _untyped(Security)(
        require_encryption=True,
        tls_ca_file=settings.ca,
        tls_client_cert=settings.certificate or None,
        tls_client_key=settings.key or None,
    )


def _untyped(made: Any) -> Any:
    """A class of Dask, which says little of its types."""
    return made


def _ticket() -> Callable[[str, str], None]:
    """The task, made so that it travels as code: a scheduler need not have Workbench installed."""

    def attend(key: str, topic: str) -> None:
        from workbench.execution.cluster import outpost

        outpost.attend(key, topic)

    return attend


def _version() -> Callable[[str], str]:
    def version_of(distribution: str) -> str:
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version(distribution)
        except PackageNotFoundError:
            return ""

    return version_of


def _call() -> Callable[..., None]:
    def call(what: str, *details: Any, dask_worker: Any) -> None:
        from workbench.execution.cluster import outpost

        getattr(outpost, what)(*details, worker=dask_worker)

    return call
