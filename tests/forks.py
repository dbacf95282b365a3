"""Commands in forks of one process that has imported everything: a run costs its steps, and no start.

The process below ``Forks`` is alone in its ways of starting: what a command then does is what ``wb`` does, in a process
of its own that can be killed and stopped, with guardians, supervisors and kernels from a template as always.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from invariants import kept_processes
from runners import LOG, stop_between_writes, until
from typist import IMPORTED

HERE = "standing-"
"""How the file begins that a process makes which stands still; its number follows."""
PACKAGES = ("pyarrow", "workbench")
"""What the template imports ahead."""


class Forked:
    """A command that was typed; ``pid`` is its process, ``here`` a file that it makes where it shall stop."""

    def __init__(self, forks: Forks, pid: int, root: Path) -> None:
        self._forks = forks
        self.pid = pid
        self.root = root
        self.here = root / f"{HERE}{pid}"

    def wait(self) -> int:
        """How it ended: its exit code, negative for a signal."""
        return int(self._forks.ask(wait=self.pid))

    def send_signal(self, number: int) -> None:
        """Signal its process."""
        os.kill(self.pid, number)

    def go_on(self) -> None:
        """End its standstill."""
        self.here.unlink()
        self.send_signal(signal.SIGCONT)


class Forks:
    """Types commands: forks of one process below ours, which ends with the block."""

    def __enter__(self) -> Forks:
        tests = str(Path(__file__).parent)
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])},
        )
        self._template = self.ask()
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.left():
            with suppress(psutil.Error):
                process.kill()
        with self._process:
            pass

    def type(self, root: Path, *command: str, failpoint: str = "", below: str = "", mutant: str = "") -> Forked:
        """``wb COMMAND`` in the folder of a project.

        ``failpoint`` is where it dies or stops, ``below`` where the processes below it do; ``mutant`` is the name of a
        function ``module.name`` that changes its code first.
        """
        wanted = {"root": str(root), "command": command, "failpoint": failpoint, "below": below, "mutant": mutant}
        return Forked(self, int(self.ask(**wanted)), root)

    def ask(self, **question: Any) -> Any:
        """The answer of the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        if question:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def left(self) -> list[psutil.Process]:
        """The processes that still run of all commands and their steps."""
        below = psutil.Process(self._process.pid).children(recursive=True)
        return [process for process in below if process.pid != self._template and not _over(process)]

    def left_after(self, seconds: float, root: Path) -> list[str]:
        """What they are, as soon as there are none, at most ``seconds`` later.

        Without those of the kernels that the project in ``root`` is known to keep.
        """
        deadline = time.monotonic() + seconds
        while (left := set(self.left()) - set(kept_processes(root))) and time.monotonic() < deadline:
            time.sleep(0.01)
        return [str(process) for process in left]


@contextmanager
def stopped(command: Forked) -> Iterator[None]:
    """Wait until a command comes to the place where it stops, and stop all its threads; none of them in the store.

    What happens otherwise is row F35 of the table of faults.
    """
    until(command.here.exists)
    stop_between_writes(command, command.root)
    yield


def _over(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


# -- in the process below -----------------------------------------------------------------------------------------


def main() -> None:
    """Answer questions until there are none."""
    for name in IMPORTED:
        importlib.import_module(name)
    from workbench.execution.executor import Demand
    from workbench.execution.local import LocalExecutor
    from workbench.execution.processes.kinship import adopt_descendants

    adopt_descendants()  # so that nothing that a command leaves is overlooked

    class Shared(LocalExecutor):
        def close(self) -> None:
            self.settle()

    executor = Shared()
    executor.warm_up(Demand("", PACKAGES))
    _tell(executor._pool.template._process.pid)  # type: ignore[union-attr]
    for line in sys.stdin:
        question = json.loads(line)
        if "wait" in question:
            _tell(os.waitstatus_to_exitcode(os.waitpid(question["wait"], 0)[1]))
        elif pid := os.fork():
            _tell(pid)
        else:
            _be(question, executor)
    executor._pool.close()


def _tell(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


def _be(wanted: Mapping[str, Any], executor: Any) -> None:
    """Be a command; never returns."""
    status = 70
    try:
        from workbench import failpoints
        from workbench.project import Project
        from workbench.ui.cli.app import main as command

        os.chdir(wanted["root"])
        log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for descriptor in (1, 2):
            os.dup2(log, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if wanted["below"]:
            os.environ[failpoints.VARIABLE] = wanted["below"]
        else:
            Project._executor = lambda self, name=None: executor  # type: ignore[method-assign]
        if wanted["mutant"]:
            module, _, name = wanted["mutant"].rpartition(".")
            mutate: Callable[[], None] = getattr(importlib.import_module(module), name)
            mutate()
        failpoints._armed.update(failpoints.parse(wanted["failpoint"]))
        os.kill = _standing(os.kill)
        sys.argv[0] = "wb"
        command(wanted["command"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _standing(kill: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """``kill``, but the thread that would stop this process says so and waits; see ``stopped``."""

    def stand(pid: int, number: int) -> None:
        if number != signal.SIGSTOP:
            kill(pid, number)
            return
        Path(f"{HERE}{pid}").touch()
        while Path(f"{HERE}{pid}").exists():
            time.sleep(0.01)

    return stand


if __name__ == "__main__":
    main()
