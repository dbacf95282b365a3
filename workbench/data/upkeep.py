"""What is looked after before every run: backups of the store, and what crashes left behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.model.errors import StorageError

if TYPE_CHECKING:
    from workbench.config import Config
    from workbench.store.transaction import Store

SWEEP_EVERY = 3600.0
"""Seconds between two sweeps, and the age from which staged files that nothing refers to are removed."""


def tidy(store: Store, config: Config, sweep: Callable[[float], object]) -> None:
    """Back up the store and remove what crashes left, both hourly; let Iceberg branches follow their pointers.

    ``sweep`` does all but the first; it is told the age (seconds) from which files may be removed.
    """
    with suppress(StorageError):  # a full or damaged disk is told by the run itself
        store.back_up_if_due()
    with store.reading() as transaction:
        lagging = transaction.datasets.unfollowed()
    stamp = config.state / "swept"
    place = config.warehouse
    due = (place.remote or place.folder.exists()) and time.time() - _modified(stamp) > SWEEP_EVERY
    if lagging or due:
        sweep(SWEEP_EVERY)
        stamp.touch()


def _modified(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
