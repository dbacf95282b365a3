"""The papermill engine: runs the cells, journals what happens as it happens, writes the notebook once at the end.

papermill and nbclient run the cells; states, files and failures are ours. Measured reasons: papermill saves the whole
notebook twice per cell without atomicity, and marks every cell completed after a timeout, a dead kernel or an
interrupt.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

from workbench.execution.journal import Journal, now
from workbench.execution.order import Order
from workbench.model.errors import NotebookError, StepFailed, WorkbenchError
from workbench.model.events import EVENT_MIME, Kind
from workbench.model.run import CellRun, CellState

START_TIMEOUT = 60
"""Seconds that a kernel may take until it answers."""
IOPUB_TIMEOUT = 60
"""Seconds to wait for the last outputs of a cell that has replied; nbclient's 4 are too few for chatty cells."""


LONGEST_SOCKET_FOLDER = 90
"""Characters; the system's limit for a socket's path is 104 to 108."""
KERNEL_KINDS = frozenset({Kind.READ, Kind.STAGED, Kind.CHECKED, Kind.METRIC, Kind.RECORD})
"""What a kernel may tell; all else is told by us."""


class Stopped(KeyboardInterrupt):
    """Raised in the supervisor by a signal: SIGINT when the run is cancelled, SIGALRM when the step's time is up.

    asyncio lets a KeyboardInterrupt through at once, where it would bury another exception in some task.
    """

    def __init__(self, time_is_up: bool) -> None:
        super().__init__()
        self.time_is_up = time_is_up


class Manager(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's manager without its files and its guesses about cell states."""

    def save(self, **kwargs: Any) -> None:
        """The executed notebook is written once, by the supervisor."""

    def autosave_cell(self) -> None:
        """See ``save``."""

    def notebook_complete(self, **kwargs: Any) -> None:
        """papermill would mark cells that never ran as completed."""
        self.cleanup_pbar()


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """Runs the cells of one notebook and knows, at any moment, the state of each."""

    def __init__(
        self, manager: Manager, order: Order, journal: Journal, finished: Callable[[Client], None], **traits: Any
    ) -> None:
        super().__init__(manager, **traits)
        self.order = order
        self.journal = journal
        self.finished = finished
        self.sockets = ""
        self.error: WorkbenchError | None = None
        self.memory: PeakMemory | None = None
        self.cell_runs = list(_numbered(self.nb.cells))

    def create_kernel_manager(self) -> Any:
        """A manager whose kernel is spoken to by sockets in the private folder ``sockets``, where that is possible.

        TCP ports are chosen first and bound later: kernels that start at once would take them from each other.
        """
        manager = super().create_kernel_manager()
        if os.name == "posix" and len(self.sockets) < LONGEST_SOCKET_FOLDER:
            manager.transport, manager.ip = "ipc", f"{self.sockets}/k"
        return manager

    def execute(self, **kwargs: Any) -> Any:
        """Run all cells; a failure of the notebook ends up in ``error``, it is not raised.

        ``finished`` is called with this client once no cell will run any more, while the kernel leaves.
        """
        self.reset_execution_trackers()
        started = time.monotonic()
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self.setup_kernel(**kwargs))
            except (RuntimeError, OSError) as error:
                self.error = _no_start(self.order, error)
            except KeyboardInterrupt as stop:
                self.error = stopped(self.order, None, stop)
            else:
                self._run_all(started)
            self.finished(self)
        return self.nb

    def _run_all(self, started: float) -> None:
        pid = getattr(getattr(self.km.provisioner, "process", None), "pid", None)
        self.memory = PeakMemory(pid)
        self.journal.append(Kind.KERNEL_READY, {"pid": pid, "seconds": round(time.monotonic() - started, 3)})
        self.papermill_execute_cells()
        if self.error is None:
            info = self.wait_for_reply(self.kc.kernel_info())
            self.nb.metadata["language_info"] = info["content"]["language_info"]
            self.set_widgets_metadata()
            self.kc.shutdown()
        else:
            self.shutdown_kernel = "immediate"

    def papermill_execute_cells(self) -> None:
        """Run the cells in order until one fails."""
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code":
                continue
            if self.skip_cells_with_tag in cell.metadata.get("tags", []):
                self._end(index, CellState.SKIPPED, None)
                continue
            if not self._run(index, cell):
                return

    def _run(self, index: int, cell: NotebookNode) -> bool:
        run = self.cell_runs[index] = replace(self.cell_runs[index], state=CellState.RUNNING, started_at=now())
        self.journal.append(Kind.CELL_STARTED, {"cell": index, "id": run.id, "number": run.number})
        started = time.monotonic()
        if self.memory:
            self.memory.reset()
        state = CellState.SUCCEEDED
        try:
            self.execute_cell(cell, index)
        except CellExecutionError as error:
            state, self.error = CellState.FAILED, _cell_failed(self.order, run, error)
        except CellTimeoutError:
            state, self.error = CellState.FAILED, _silent(self.order, run)
        except DeadKernelError:
            state, self.error = CellState.LOST, _died(self.order, run, self._exit_status())
        except KeyboardInterrupt as stop:
            state, self.error = CellState.LOST, stopped(self.order, run, stop)
        self._end(index, state, time.monotonic() - started)
        return self.error is None

    def _end(self, index: int, state: CellState, seconds: float | None) -> None:
        for output in self.nb.cells[index].outputs:
            if output.output_type == "stream":
                output.text = _overwritten(output.text)
        peak = self.memory.read() if self.memory and seconds is not None else None
        rounded = None if seconds is None else round(seconds, 3)
        run = replace(self.cell_runs[index], state=state, seconds=rounded, peak_bytes=peak)
        self.cell_runs[index] = run
        data = {"cell": index, "id": run.id, "state": str(state), "seconds": rounded, "peak_bytes": peak}
        self.journal.append(Kind.CELL_ENDED, data)

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Journal an output, and take out the ones that only carry an event for us."""
        out = super().output(outs, msg, display_id, cell_index)
        if out is None:
            return None
        carried = out.get("data", {}).pop(EVENT_MIME, None)
        if isinstance(carried, dict) and carried.get("kind") in KERNEL_KINDS:
            self.journal.append(Kind(carried["kind"]), {**carried.get("data", {}), "cell": cell_index})
            if not out["data"]:
                outs.pop()
                return None
        self.journal.append(Kind.OUTPUT, {"cell": cell_index, "output": out})
        _join_streams(outs)
        return out

    def _exit_status(self) -> int | None:
        process = getattr(self.km.provisioner, "process", None)
        return process.poll() if process is not None else None


class WorkbenchEngine(Engine):  # type: ignore[misc]
    """papermill's engine named ``workbench``; wants ``order``, ``journal`` and, for the client, ``finished``."""

    @classmethod
    def execute_notebook(
        cls, nb: NotebookNode, kernel_name: str, output_path: None = None, **kwargs: Any
    ) -> NotebookNode:
        manager = Manager(nb, output_path=None, progress_bar=False)
        manager.notebook_start()
        order: Order = kwargs["order"]
        client = Client(
            manager,
            order,
            kwargs["journal"],
            kwargs["finished"],
            kernel_name=kernel_name,
            startup_timeout=START_TIMEOUT,
            iopub_timeout=IOPUB_TIMEOUT,
        )
        environment = {**os.environ, **order.environment}
        private = tempfile.TemporaryDirectory(prefix="wb-", dir=order.environment.get("TMPDIR"))
        with order.log.open("ab") as log, private as client.sockets:
            client.execute(cwd=order.cwd, env=environment, stdout=log, stderr=log)
        manager.notebook_complete()
        return nb


def register() -> None:
    """Make the engine known to papermill as ``workbench``."""
    papermill_engines.register("workbench", WorkbenchEngine)


class PeakMemory:
    """The peak resident memory of a process between ``reset`` and ``read``; knows nothing outside Linux."""

    def __init__(self, pid: int | None) -> None:
        self._folder = Path(f"/proc/{pid}") if pid is not None else None

    def reset(self) -> None:
        if self._folder is not None:
            with contextlib.suppress(OSError):
                (self._folder / "clear_refs").write_text("5")

    def read(self) -> int | None:
        """Bytes, or None where the system does not tell."""
        if self._folder is None:
            return None
        with contextlib.suppress(OSError):
            for line in (self._folder / "status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return None


@contextlib.contextmanager
def stopping_on_signals(timeout: float) -> Iterator[None]:
    """Let SIGINT (cancelled) and the end of ``timeout`` seconds raise ``Stopped`` in the main thread, once."""

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        raise Stopped(time_is_up=number == signal.SIGALRM)

    before = signal.signal(signal.SIGINT, stop), signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGALRM, before[1])


def _join_streams(outs: list[NotebookNode]) -> None:
    """Let the newest output continue the one before it, where both are of one stream.

    nbclient's own ``coalesce_streams`` takes time by the square of a line's length: minutes for 200 KB.
    """
    if len(outs) > 1 and all(out.output_type == "stream" for out in outs[-2:]) and outs[-2].name == outs[-1].name:
        newest = outs.pop()
        outs[-1].text += newest.text


def _overwritten(text: str) -> str:
    """The text as a terminal shows it: what follows a carriage return takes the place of its line."""
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def _numbered(cells: Sequence[NotebookNode]) -> Iterator[CellRun]:
    injected = 0
    for index, cell in enumerate(cells):
        injected += "injected-parameters" in cell.metadata.get("tags", [])
        yield CellRun(index, cell.get("id", str(index)), injected=injected)


def _place(order: Order, run: CellRun) -> str:
    return f"in cell {run.number} of {order.notebook}"


NOTHING = "Nothing of this step was published."


def _cell_failed(order: Order, run: CellRun, error: CellExecutionError) -> WorkbenchError:
    where = _place(order, run)
    if error.ename == "SystemExit":
        return StepFailed(
            "WB-RUN-103",
            f"the notebook left {where}",
            cause=f"SystemExit({error.evalue}); the cells after it did not run",
            kept=NOTHING,
            next="let the notebook run to its end, or put the rest under a condition",
        )
    if error.ename == "StdinNotImplementedError":
        return StepFailed(
            "WB-RUN-105",
            f"keyboard input was asked for {where}",
            cause="a step runs without a keyboard",
            kept=NOTHING,
            next="make it a parameter",
        )
    return StepFailed(
        "WB-RUN-104",
        f"{error.ename} {where}",
        cause=_first_line(error.evalue),
        kept=NOTHING,
        next=f"open {order.output}",
    )


def _died(order: Order, run: CellRun, status: int | None) -> WorkbenchError:
    if status is not None and status < 0:
        cause = f"signal {-status} ({signal.Signals(-status).name})"
        if status == -signal.SIGKILL:
            cause += ", which is also what the system sends when memory runs out"
    else:
        cause = f"exit status {status}" if status is not None else "the process is gone"
    return StepFailed(
        "WB-RUN-101", f"kernel died {_place(order, run)}", cause=cause, kept=NOTHING, next=f"see {order.log}"
    )


def _silent(order: Order, run: CellRun) -> WorkbenchError:
    return StepFailed(
        "WB-RUN-112",
        f"outputs never arrived {_place(order, run)}",
        cause=f"the kernel replied, then sent nothing for {IOPUB_TIMEOUT} s",
        kept=NOTHING,
        next="print less, or write to a file",
    )


def stopped(order: Order, run: CellRun | None, stop: KeyboardInterrupt) -> WorkbenchError:
    """The error for a step that was told to stop, in a cell or before the first."""
    where = _place(order, run) if run is not None else f"while {order.notebook} waited for its kernel"
    if isinstance(stop, Stopped) and stop.time_is_up:
        return StepFailed(
            "WB-RUN-110",
            f"time was up {where}",
            cause=f"the step may take {order.timeout:g} s",
            kept=NOTHING,
            next="make it faster, or raise `timeout:` of the step",
        )
    return StepFailed("WB-RUN-190", f"interrupted {where}", kept=NOTHING, next="run the pipeline again")


def _no_start(order: Order, error: Exception) -> WorkbenchError:
    return NotebookError(
        "WB-NB-612",
        f"the kernel {order.kernel} did not start for {order.notebook}",
        cause=_first_line(str(error)) or type(error).__name__,
        kept=NOTHING,
        next=f"see {order.log}, then run `wb doctor`",
    )


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:300]
