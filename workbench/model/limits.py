"""What an attempt may use of the machine, and how much of what it says is kept."""

from __future__ import annotations

from workbench.model.frozen import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of one attempt; None: as much as it wants. Times are in seconds, sizes in bytes.

    ``cell_timeout`` bounds each cell, ``start_timeout`` the wait for a kernel's first answer. A cell that is told to
    stop gets ``grace`` to end by itself before all of the step is killed. ``memory`` and ``processes``, which counts
    threads too, are for all that the step runs together. Of outputs, ``cell_output`` is kept for each cell and
    ``notebook_output`` for all of them, the beginning and the end of what there was. ``checkpoint`` bounds what a
    checkpoint takes on the disk, ``kept`` how many kernels of failed steps the project keeps at once.
    """

    cell_timeout: float | None = None
    start_timeout: float = 60.0
    grace: float = 10.0
    memory: int | None = None
    processes: int | None = None
    cell_output: int = 10_000_000
    notebook_output: int = 50_000_000
    checkpoint: int = 2_000_000_000
    kept: int = 2
