"""The settings of a Dask cluster, and what its workers offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from workbench.model.frozen import dataclass

LOCAL = "dask.distributed:LocalCluster"


@dataclass(frozen=True)
class Cluster:
    """A cluster at an ``address``, or one that is made from the class ``cluster`` with ``options``.

    ``ca``, ``certificate`` and ``key`` are the absolute paths of files for TLS. ``wait`` is how many seconds a step
    waits for a scheduler that is away or for a worker that can run it. ``files`` are patterns of what steps need of the
    project beside their modules and the contracts.
    """

    address: str = ""
    cluster: str = LOCAL
    options: Mapping[str, Any] = field(default_factory=dict)
    ca: str = ""
    certificate: str = ""
    key: str = ""
    wait: float = 60.0
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """What a step wants of a worker: bytes of ``memory``, ``cpus``, and what it ``requires`` by name."""

    memory: int | None = None
    cpus: float = 1.0
    requires: tuple[str, ...] = ()

    def __str__(self) -> str:
        cpus = [] if self.cpus == 1 else [f"{self.cpus:g} cpus"]
        memory = [f"{self.memory / 1e9:.3g} GB of memory"] if self.memory else []
        return ", ".join([*memory, *cpus, *self.requires]) or "nothing in particular"


@dataclass(frozen=True)
class Offer:
    """What a worker has; ``memory`` is None where it is not bounded, ``resources`` are those it was started with."""

    address: str
    threads: int
    memory: int | None
    resources: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        memory = [f"{self.memory / 1e9:.3g} GB"] if self.memory else []
        named = [f"{name} {amount:g}" for name, amount in self.resources.items()]
        threads = f"{self.threads} thread" + ("" if self.threads == 1 else "s")
        return f"{self.address} ({', '.join([threads, *memory, *named])})"


@dataclass(frozen=True)
class Fit:
    """Where a step may run: with these ``resources`` taken, and on these ``workers`` only, unless that is None."""

    resources: Mapping[str, float]
    workers: tuple[str, ...] | None


def fit(needs: Needs, offers: tuple[Offer, ...]) -> Fit | None:
    """How the scheduler is asked for a worker; ``None`` when there is none that could ever do.

    Memory and cpus are counted where workers were started with resources of these names. Elsewhere a worker does when
    its memory limit and its threads are large enough.
    """
    declared = {name for offer in offers for name in offer.resources}
    wanted: dict[str, float] = dict.fromkeys(needs.requires, 1.0)
    if "cpus" in declared:
        wanted["cpus"] = needs.cpus
    if needs.memory and "memory" in declared:
        wanted["memory"] = float(needs.memory)
    able = [
        offer for offer in offers if all(offer.resources.get(name, 0.0) >= amount for name, amount in wanted.items())
    ]
    large = [offer for offer in able if _large(needs, offer, declared)]
    if not large:
        return None
    return Fit(wanted, None if len(large) == len(able) else tuple(offer.address for offer in large))


def _large(needs: Needs, offer: Offer, declared: set[str]) -> bool:
    enough_memory = "memory" in declared or not needs.memory or offer.memory is None or offer.memory >= needs.memory
    return enough_memory and ("cpus" in declared or offer.threads >= needs.cpus)
