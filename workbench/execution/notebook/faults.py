"""What can go wrong while a notebook runs, each as an error that names the cell, and as a cause that retries know."""

from __future__ import annotations

import signal

from workbench.execution.notebook.stopping import Why
from workbench.execution.order import Order
from workbench.execution.processes.watch import Limit, Verdict
from workbench.model.errors import InternalError, NotebookError, StepFailed, WorkbenchError
from workbench.model.frozen import dataclass
from workbench.model.run import Cause, CellRun

NOTHING = "Nothing of this step was published."
CLEAN_EXITS = ("", "0", "None", "False")
"""What SystemExit says when a notebook left without complaint."""
MEMORY_ERRORS = ("MemoryError", "_ArrayMemoryError", "ArrowMemoryError", "OutOfMemoryException")
"""Exceptions of Python, NumPy, Arrow and DuckDB that tell of memory that was not there."""


@dataclass(frozen=True)
class Fault:
    """How an attempt failed; ``cause`` is a ``Cause``, or the class of the exception that a cell raised."""

    error: WorkbenchError
    cause: str


def place(order: Order, run: CellRun) -> str:
    """Where a cell is, for people: ``in cell 3 of notebooks/clean.ipynb``."""
    return f"in cell {run.number} of {order.notebook}"


def raised(order: Order, run: CellRun, name: str, value: str) -> Fault:
    """A cell raised the exception of class ``name`` with the text ``value``."""
    where = place(order, run)
    if name == "StdinNotImplementedError":
        error = StepFailed(
            "WB-RUN-140",
            f"keyboard input was asked for {where}",
            cause="a step runs without a keyboard",
            kept=NOTHING,
            next="make it a parameter",
        )
        return Fault(error, name)
    error = StepFailed(
        "WB-RUN-104", f"{name} {where}", cause=_first_line(value), kept=NOTHING, next=f"open {order.output}"
    )
    return Fault(error, Cause.OUT_OF_MEMORY if name in MEMORY_ERRORS else name)


def left(order: Order, run: CellRun, value: str) -> Fault:
    """A cell ended the notebook; ``value`` is what it gave to ``sys.exit``."""
    clean = value in CLEAN_EXITS
    error = StepFailed(
        "WB-RUN-103",
        f"the notebook left {place(order, run)}",
        cause=f"SystemExit({_first_line(value)}); the cells after it did not run",
        kept=NOTHING,
        next="let the notebook run to its end, or put the rest under a condition"
        + ("; where leaving early is right, say `early_exit: ok`" if clean else ""),
    )
    return Fault(error, "SystemExit")


def died(order: Order, run: CellRun, status: int | None) -> Fault:
    """The kernel died in a cell; ``status`` is its exit status, negative for a signal, None when nobody knows."""
    if status is None:
        cause = "the process is gone"
    elif status < 0:
        cause = f"signal {-status} ({signal.Signals(-status).name})"
        if status == -signal.SIGKILL:
            cause += ", which is also what the system sends when memory runs out"
    else:
        cause = f"exit status {status}"
    what = f"kernel died {place(order, run)}"
    return Fault(StepFailed("WB-RUN-101", what, cause=cause, kept=NOTHING, next=f"see {order.log}"), Cause.KERNEL_DIED)


def convicted(order: Order, run: CellRun, verdict: Verdict) -> Fault:
    """The guardian ended the step, since it used more of the machine than it may."""
    where = place(order, run)
    if verdict.limit is Limit.PROCESSES:
        error = StepFailed(
            "WB-RUN-130",
            f"too many processes {where}",
            cause=f"{verdict.used} processes and threads, where {verdict.allowed} are allowed; all were ended",
            kept=NOTHING,
            next="start fewer at once, or raise `processes:` of the step",
        )
        return Fault(error, Cause.LIMIT)
    error = StepFailed(
        "WB-RUN-102",
        f"memory ran out {where}",
        cause=f"the step used {size(verdict.used)}, where {size(verdict.allowed)} are allowed",
        kept=NOTHING,
        next="read fewer columns or rows at a time, or raise `memory:` of the step",
    )
    return Fault(error, Cause.OUT_OF_MEMORY)


def out_of_memory(order: Order, run: CellRun) -> Fault:
    """The system killed the kernel, since the machine had no memory left."""
    error = StepFailed(
        "WB-RUN-102",
        f"memory ran out {place(order, run)}",
        cause="the machine had none left, and the system killed the kernel",
        kept=NOTHING,
        next="read fewer columns or rows at a time, run fewer steps at once, or give the step a limit by `memory:`",
    )
    return Fault(error, Cause.OUT_OF_MEMORY)


def silent(order: Order, run: CellRun, seconds: float) -> Fault:
    """The kernel replied, and the last outputs of the cell did not come within ``seconds``."""
    error = StepFailed(
        "WB-RUN-112",
        f"outputs never arrived {place(order, run)}",
        cause=f"the kernel replied, then sent nothing for {seconds:g} s",
        kept=NOTHING,
        next="print less, or write to a file",
    )
    return Fault(error, Cause.LIMIT)


def stopped(order: Order, run: CellRun | None, why: Why) -> Fault:
    """The step was told to stop, in a cell, before one, or before its kernel answered (``run`` is None)."""
    where = place(order, run) if run is not None else f"while {order.notebook} waited for its kernel"
    if why is Why.CANCELLED:
        error: WorkbenchError = StepFailed(
            "WB-RUN-190", f"interrupted {where}", kept=NOTHING, next="run the pipeline again"
        )
        return Fault(error, Cause.CANCELLED)
    if why is Why.CELL_TIME:
        error = StepFailed(
            "WB-RUN-111",
            f"a cell took too long {where}",
            cause=f"each cell may take {_seconds(order.limits.cell_timeout or 0)}",
            kept=NOTHING,
            next="make it faster, or raise `cell_timeout:` of the step",
        )
        return Fault(error, Cause.TIMEOUT)
    error = StepFailed(
        "WB-RUN-110",
        f"time was up {where}",
        cause=f"the step may take {_seconds(order.timeout)}",
        kept=NOTHING,
        next="make it faster, or raise `timeout:` of the step",
    )
    return Fault(error, Cause.TIMEOUT)


def no_start(order: Order, fault: Exception) -> Fault:
    """The kernel did not start, or never answered, not a second one either."""
    error = NotebookError(
        "WB-RUN-142",
        f"the kernel {order.kernel} did not start for {order.notebook}",
        cause=_first_line(str(fault)) or type(fault).__name__,
        kept=NOTHING,
        next=f"see {order.log}, then run `wb doctor`",
    )
    return Fault(error, Cause.START_FAILED)


def unforeseen(order: Order, fault: Exception) -> Fault:
    """Something of ours broke."""
    cause = f"{type(fault).__name__}: {fault}"
    return Fault(InternalError("WB-INT-999", f"step {order.step} could not be supervised", cause=cause), Cause.ERROR)


def size(count: int) -> str:
    """Bytes for people: ``1.3 GB``."""
    for unit, power in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= power:
            return f"{count / power:.3g} {unit}"
    return f"{count} bytes"


def _seconds(value: float) -> str:
    return f"{value:g} s"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:300]
