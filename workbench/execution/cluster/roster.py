"""Who is there in a Dask cluster, for somebody who looks before a run does."""

from __future__ import annotations

import asyncio

from workbench.execution.cluster.dask import check_installed
from workbench.execution.cluster.link import Link, Lost
from workbench.execution.cluster.outpost import installed
from workbench.model.cluster import Cluster
from workbench.model.errors import StepFailed
from workbench.model.frozen import dataclass

PATIENCE = 30.0
"""Seconds after which a cluster that answers some questions but not all is taken for one that does not."""


@dataclass(frozen=True)
class Roster:
    """The workers of a cluster: their threads in all, and those with another version of Workbench than ours, by it."""

    workers: int
    threads: int
    strangers: dict[str, str]
    ours: str


def call_the_roll(settings: Cluster) -> Roster:
    """Ask a cluster with an address who is there. Raises MissingExtra (WB-EXT-907), StepFailed (WB-RUN-161)."""
    check_installed()
    try:
        return asyncio.run(asyncio.wait_for(_asked(settings), PATIENCE))
    except (OSError, TimeoutError, Lost) as error:
        raise StepFailed(
            "WB-RUN-161",
            f"the cluster at {settings.address} cannot be reached",
            cause=str(error).strip() or type(error).__name__,
            next="start its scheduler, or correct executors.dask.address in workbench.toml",
        ) from error


async def _asked(settings: Cluster) -> Roster:
    link = await Link.made(settings)
    try:
        offers, found, ours = await link.offers(), await link.versions(), installed()
    finally:
        await link.close()
    strangers = {address: version for address, version in found.items() if version != ours}
    return Roster(len(offers), sum(offer.threads for offer in offers), strangers, ours)
