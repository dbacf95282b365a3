"""The papermill engine: runs the cells, journals what happens as it happens, writes the notebook once at the end.

papermill and nbclient run the cells; states, files and failures are ours. Measured reasons: papermill saves the whole
notebook twice per cell without atomicity, and marks every cell completed after a timeout, a dead kernel or an
interrupt.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

from workbench import failpoints
from workbench.execution.journal import Journal, now
from workbench.execution.notebook import faults, stay
from workbench.execution.notebook.checkpoints import CheckpointClient
from workbench.execution.notebook.faults import Fault
from workbench.execution.notebook.hearing import Ear
from workbench.execution.notebook.outputs import output_of
from workbench.execution.notebook.stopping import Stop, Why
from workbench.execution.order import Order
from workbench.execution.processes.memory import PeakMemory, mark
from workbench.model.events import Kind
from workbench.model.run import CellRun, CellState

START_TRIES = 2
"""Kernels that are started before one that never answers is held against the step."""
CANCEL_GRACE = 4.0
"""Seconds that a cell gets to end when the run is cancelled: less than for a timeout, since somebody waits."""
ALIVE_EVERY = 0.2
"""Seconds between two looks whether the kernel is alive."""
LEAVING = 20.0
"""Seconds that a kernel may take to leave; halfway it is asked by SIGTERM, at the end it is killed."""
IOPUB_TIMEOUT = 60
"""Seconds to wait for the last outputs of a cell that has replied; nbclient's 4 are too few for chatty cells."""
LONGEST_SOCKET_FOLDER = 90
"""Characters; the system's limit for a socket's path is 104 to 108."""


class ReadyKernel(Protocol):
    """A kernel that answers, with the manager and the client to run cells with; ``info`` is what it says of itself."""

    manager: Any
    client: Any
    info: Mapping[str, Any]

    async def take(self, cwd: str, environment: Mapping[str, str], log: int, magic: bool) -> str:
        """Let the kernel stand where a step wants it; why it cannot, if another one is needed."""


class Manager(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's manager without its files and its guesses about cell states."""

    def save(self, **kwargs: Any) -> None:
        """The executed notebook is written once, by the supervisor."""

    def autosave_cell(self) -> None:
        """See ``save``."""

    def notebook_complete(self, **kwargs: Any) -> None:
        """papermill would mark cells that never ran as completed."""
        self.cleanup_pbar()


class Client(CheckpointClient):
    """Runs the cells of one notebook and knows, at any moment, the state of each; ``fault`` is what ended it, if any.

    ``finished`` is called with this client once no cell will run any more, while the kernel leaves.
    """

    km: Any
    kc: Any

    def __init__(
        self,
        manager: Manager,
        order: Order,
        journal: Journal,
        stop: Stop,
        finished: Callable[[Client], None],
        **traits: Any,
    ) -> None:
        super().__init__(manager, order, journal, on_cell_executed=self._replied, **traits)
        self.stop = stop
        self.finished = finished
        self.private = tempfile.TemporaryDirectory(prefix="wb-", dir=order.environment.get("TMPDIR"))
        self.info: Mapping[str, Any] | None = None
        self.cold = ""
        self.fault: Fault | None = None
        self.memory: PeakMemory | None = None
        self.cell_runs = list(_numbered(self.nb.cells))
        self.left = False
        self.stay: stay.Stay | None = None
        self._stopped: asyncio.Future[None]
        self.shutdown_kernel = "immediate"

    # -- the kernel ----------------------------------------------------------------------------------------------

    def create_kernel_manager(self) -> Any:
        """A manager whose kernel is spoken to by sockets in the folder ``private``, where that is possible.

        TCP ports are chosen first and bound later: kernels that start at once would take them from each other.
        """
        manager = super().create_kernel_manager()
        manager.client_factory = Ear
        manager.connection_file = f"{self.private.name}/kernel.json"
        if os.name == "posix" and len(self.private.name) < LONGEST_SOCKET_FOLDER:
            manager.transport, manager.ip = "ipc", f"{self.private.name}/k"
        return manager

    def execute(self, seat: ReadyKernel | None = None, **kwargs: Any) -> Any:
        """Run all cells; a failure of the notebook ends up in ``fault``, it is not raised.

        The kernel is the one of ``seat``, where it can serve, or one that is started for it.
        """
        return run_sync(self._execute)(seat, **kwargs)

    async def _execute(self, seat: ReadyKernel | None, **kwargs: Any) -> Any:
        self.reset_execution_trackers()
        with self.stop.heard() as self._stopped:
            if await self._take(seat, **kwargs) or await self._start(**kwargs):
                first = await self._resume(**kwargs)
                if first is not None:
                    await self.async_run_cells(first)
                    await self._part()
        self.finished(self)
        return self.nb

    def leave(self) -> None:
        """Wait until the kernel has left, and see to it that it does; nothing of it is needed any more."""
        if self.km is not None:
            process = getattr(self.km.provisioner, "process", None)
            if process is not None and self.shutdown_kernel == "graceful":
                for number in (signal.SIGTERM, signal.SIGKILL):
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(LEAVING / 2)
                    if process.poll() is None:
                        process.send_signal(number)
            self._cleanup_kernel()
        self.private.cleanup()

    async def _take(self, seat: ReadyKernel | None, **kwargs: Any) -> bool:
        """Let the kernel of ``seat`` serve this step; whether it does."""
        started = time.monotonic()
        if seat is None:
            return False
        magic = any(cell.cell_type == "code" and "workbench" in cell.source for cell in self.nb.cells)
        taking = asyncio.ensure_future(seat.take(kwargs["cwd"], kwargs["env"], kwargs["stderr"].fileno(), magic))
        if await self.wait(taking) is not None:
            await _cancel(taking)
            return False
        self.cold = taking.result()
        if not self.cold:
            self.km, self.kc, self.info = seat.manager, seat.client, seat.info
            self._ready(started)
        return not self.cold

    async def _start(self, **kwargs: Any) -> bool:
        """Start a kernel, and another one when the first never answers; whether one is ready."""
        started = time.monotonic()
        for tries_left in reversed(range(START_TRIES)):
            task = asyncio.ensure_future(self._start_one(**kwargs))
            if (why := await self.wait(task)) is not None:
                await _cancel(task)
                self.fault = faults.stopped(self.order, None, why)
                return False
            try:
                task.result()
            except (RuntimeError, OSError, NoSuchKernel) as error:
                self.km = self.kc = None
                if not tries_left or isinstance(error, NoSuchKernel):
                    self.fault = faults.no_start(self.order, error)
                    return False
            else:
                break
        self._ready(started)
        return True

    def _ready(self, started: float) -> None:
        pid = getattr(self.km.provisioner, "pid", None)
        self.memory = PeakMemory(pid)
        mark(pid)
        seconds = round(time.monotonic() - started, 3)
        told = {"pid": pid, "seconds": seconds, "warm": self.info is not None, "cold": self.cold}
        self.journal.append(Kind.KERNEL_READY, told)

    async def _start_one(self, **kwargs: Any) -> None:
        self.km = self.create_kernel_manager()
        await self.async_start_new_kernel(**kwargs)
        await self.async_start_new_kernel_client()

    async def _part(self) -> None:
        """Let the kernel go: in peace after a success, else it is killed."""
        if self.fault is not None:
            self.stay = await stay.ask(self)
            if self.stay is None:
                await self.km.provisioner.kill()
            return
        cold = self.info is None
        if self.info is None:
            self.info = await self._answer(self.kc.kernel_info())
        if self.info is not None:
            self.nb.metadata["language_info"] = self.info["language_info"]
            self.shutdown_kernel = "graceful"
            if cold and self.info.get("implementation") == "ipython":
                # the thread of the control channel would tell its end to one that ends before, and could wait for ever
                self.kc.shell_channel.send(self.kc.session.msg("shutdown_request", {"restart": False}))
            else:
                self.kc.shutdown()
        self.set_widgets_metadata()

    async def _answer(self, message: str) -> dict[str, Any] | None:
        """What the kernel replies to a message, if it does: all cells have succeeded, so it is of no account."""
        reply = asyncio.ensure_future(self.async_wait_for_reply(message))
        if await self.wait(reply) is None and reply.exception() is None:
            content: dict[str, Any] = reply.result()["content"]
            return content
        await _cancel(reply)
        return None

    async def _async_poll_kernel_alive(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_EVERY)
            try:
                await self._async_check_alive()
            except DeadKernelError:
                await asyncio.sleep(ALIVE_EVERY)  # its last words are under way
                if self.task_poll_for_reply is not None:
                    self.task_poll_for_reply.cancel()
                return

    # -- the cells -----------------------------------------------------------------------------------------------

    async def _resume(self, **kwargs: Any) -> int | None:
        """The cell to begin with; None when there is no kernel to run it."""
        firsts = [0]
        try:
            usable = await self.resume(firsts.append)
        except DeadKernelError:
            usable = False
        if not usable:
            await self._async_cleanup_kernel()
            if not await self._start(**kwargs):
                return None
        return firsts[-1]

    async def async_run_cells(self, first: int = 0) -> None:
        """Run the cells in order, from the one at ``first`` on, until one fails, or ends the notebook."""
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code" or index < first:
                continue
            if self.stop.why is not None:
                self.fault = faults.stopped(self.order, self.cell_runs[index], self.stop.why)
                return
            if self.left or self.skip_cells_with_tag in cell.metadata.get("tags", []):
                self._end(index, CellState.SKIPPED, None)
            elif not await self._run(index, cell):
                return

    async def _run(self, index: int, cell: NotebookNode) -> bool:
        run = self.cell_runs[index] = replace(self.cell_runs[index], state=CellState.RUNNING, started_at=now())
        self.journal.append(Kind.CELL_STARTED, {"cell": index, "id": run.id, "number": run.number})
        failpoints.reach("cell.begun")
        started = time.monotonic()
        self.hear(index)
        if self.memory:
            self.memory.reset()
        task = asyncio.ensure_future(self.async_execute_cell(cell, index))
        why = await self.wait(task, self.order.limits.cell_timeout)
        fate = self._ended(run, task) if why is None else self._interrupt(run, task, why)
        state = await fate
        seconds, dropped = time.monotonic() - started, self.heard(index)
        if self.left:
            self._bid_farewell(cell)
        self._end(index, state, seconds, dropped)
        failpoints.reach("cell.ended")
        if state is CellState.SUCCEEDED and self.fault is None:
            try:
                await self.keep(index)
            except DeadKernelError:
                self.fault = await self._died(run)
        return self.fault is None

    async def _ended(self, run: CellRun, task: asyncio.Future[Any]) -> CellState:
        """The state of a cell that has come to its own end; what went wrong goes to ``fault``."""
        try:
            task.result()
        except CellExecutionError as error:
            if error.ename == "SystemExit":
                return self._leave(run, error.evalue)
            self.fault = faults.raised(self.order, run, error.ename, error.evalue)
            return CellState.FAILED
        except CellTimeoutError:
            self.fault = faults.silent(self.order, run, IOPUB_TIMEOUT)
            return CellState.FAILED
        except DeadKernelError:
            self.fault = await self._died(run)
            return CellState.LOST
        return self._leave(run, "") if self.left else CellState.SUCCEEDED

    async def _died(self, run: CellRun) -> Fault:
        if verdict := self.stop.verdict():
            return faults.convicted(self.order, run, verdict)
        status = await self.km.provisioner.poll()
        if status == -signal.SIGKILL and self.memory and self.memory.ran_out():
            return faults.out_of_memory(self.order, run)
        return faults.died(self.order, run, status)

    async def _interrupt(self, run: CellRun, task: asyncio.Future[Any], why: Why) -> CellState:
        """Interrupt a cell, kill its kernel when it does not heed that; FAILED or LOST, by which of them ended it."""
        self.fault = faults.stopped(self.order, run, why)
        grace = self.order.limits.grace
        deadline = time.monotonic() + (min(grace, CANCEL_GRACE) if why is Why.CANCELLED else grace)
        await asyncio.wait({self._begun, task}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
        with contextlib.suppress(RuntimeError, OSError):  # the kernel is gone already
            await self.km.interrupt_kernel()
        await asyncio.wait({task}, timeout=max(0.0, deadline - time.monotonic()))
        if task.done() and not task.cancelled() and not isinstance(task.exception(), DeadKernelError):
            return CellState.FAILED
        await _cancel(task)
        with contextlib.suppress(RuntimeError, OSError):
            await self.km.shutdown_kernel(now=True)
        return CellState.LOST

    def _leave(self, run: CellRun, value: str) -> CellState:
        """The cell called ``sys.exit`` or ``exit``: the end of the notebook where the step allows it, else a fault."""
        if not self.order.early_exit or value not in faults.CLEAN_EXITS:
            self.fault = faults.left(self.order, run, value)
            return CellState.FAILED
        self.left = True
        return CellState.SUCCEEDED

    def _bid_farewell(self, cell: NotebookNode) -> None:
        """Let the outputs of a cell that left early say so, in place of the complaints of IPython."""
        if self.fault is not None:
            return
        advice = "UserWarning: To exit: use"
        cell.outputs = [
            output
            for output in cell.outputs
            if output.output_type != "error" and not (output.get("name") == "stderr" and advice in output.text)
        ]
        text = "The notebook ended here, as the step allows; the cells below were skipped.\n"
        cell.outputs.append(output_of("stream", name="stderr", text=text))

    def _replied(self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        """``exit`` and ``quit`` of IPython raise nothing: they end the kernel after the reply."""
        payload = execute_reply["content"].get("payload") or []
        self.left = self.left or any(item.get("source") == "ask_exit" for item in payload)

    def _end(self, index: int, state: CellState, seconds: float | None, dropped: int = 0) -> None:
        peak = self.memory.read() if self.memory and seconds is not None else None
        rounded = None if seconds is None else round(seconds, 3)
        run = replace(self.cell_runs[index], state=state, seconds=rounded, peak_bytes=peak, dropped=dropped)
        self.cell_runs[index] = run
        data = {
            "cell": index,
            "id": run.id,
            "state": str(state),
            "seconds": rounded,
            "peak_bytes": peak,
            "dropped": dropped,
        }
        self.journal.append(Kind.CELL_ENDED, data)

    async def wait(self, task: asyncio.Future[Any], seconds: float | None = None) -> Why | None:
        """Wait for ``task``, at most ``seconds``; why it has to end if it has not ended by itself."""
        await asyncio.wait({task, self._stopped}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return None if task.done() else self.stop.why or Why.CELL_TIME


class WorkbenchEngine(Engine):  # type: ignore[misc]
    """papermill's engine ``workbench``; wants ``order``, ``journal``, ``stop``, ``finished`` and ``seat``, or None."""

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
            kwargs["stop"],
            kwargs["finished"],
            kernel_name=kernel_name,
            startup_timeout=order.limits.start_timeout,
            iopub_timeout=IOPUB_TIMEOUT,
        )
        environment = {**os.environ, **order.environment}
        with order.log.open("ab") as log:
            client.execute(kwargs["seat"], cwd=order.cwd, env=environment, stdout=log, stderr=log)
        manager.notebook_complete()
        return nb


def register() -> None:
    """Make the engine known to papermill as ``workbench``."""
    papermill_engines.register("workbench", WorkbenchEngine)


async def _cancel(task: asyncio.Future[Any]) -> None:
    """End a task, whatever it then raises."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()


def _numbered(cells: Sequence[NotebookNode]) -> Iterator[CellRun]:
    injected = 0
    for index, cell in enumerate(cells):
        injected += "injected-parameters" in cell.metadata.get("tags", [])
        yield CellRun(index, cell.get("id", str(index)), injected=injected)
