"""Runs of a small pipeline while somebody kills and stops their processes, and what was acknowledged of them.

Everything goes through public doors: ``wb run`` in processes of its own, the trees of processes as the system shows
them, a log of what the commands said. What comes out is judged by ``invariants``.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import invariants
import psutil
from projects import lay_out, notebook

from workbench.model.errors import WorkbenchError
from workbench.project import Project

ROLES = ("runner", "template", "guardian", "supervisor", "kernel")
"""Processes of a run, each started by the one before."""
WEIGHTS = (3, 1, 2, 2, 3)
TAG = "CHAOS_COMMAND"
LEASE = 2.0
STUCK_AFTER, ORPHAN_AFTER = 10.0, 2.0
"""Seconds after its owner died that something may count as running, and that a process may go on."""
AT_WORK = "SELECT state FROM attempt WHERE folder = ? AND state IN ('claimed', 'running')"
"""What a kill must end soon; an attempt that is staged is in the hands of the runner."""
ROLE_PATIENCE = 4.0
"""Seconds that an act waits for a process of its role, before one above it suffers it."""
HANGS_AFTER = 180.0
"""Seconds without an act after which a command that has not ended counts as hung."""

PIPELINE = """
name: chain
parameters: {token: {type: int}}
defaults: {retries: {max: 9, on: [kernel_died, worker_lost, start_failed, conflict], backoff: 1s, factor: 1}}
steps:
  twins: notebooks/twins.ipynb
  sum: {notebook: notebooks/sum.ipynb, report: {title: Sum}}
  log: {notebook: notebooks/log.ipynb, after: [twins]}
"""
TWINS = notebook(
    "import pyarrow as pa, workbench as wb",
    "import subprocess\nleft_behind = subprocess.Popen(['sleep', '600'], start_new_session=True)",
    'table = pa.table({"token": [token] * 1000})\nwb.write(table, "pair.left", mode="overwrite")',
    'wb.write(table, "pair.right", mode="overwrite")',
    parameters="token: int",
)
"""Its child detaches itself, and must not outlive it either."""
SUM = notebook(
    "#md # Sum",
    "import workbench as wb",
    'left, right = wb.read("pair.left", "arrow"), wb.read("pair.right", "arrow")\nassert left == right',
    'wb.write(left[:1], "pair.sum", mode="overwrite")',
)
LOG = notebook(
    "import pyarrow as pa, workbench as wb",
    'wb.write(pa.table({"token": [token]}), "pair.log", mode="append")',
    parameters="token: int",
)


def scratch(root: Path) -> Path:
    """A project with a pipeline of three steps: two outputs that belong together, a report, a log that grows."""
    files = {"workbench.toml": f'name = "chaos"\n[run]\nlease = "{LEASE:.0f}s"\n'}
    return lay_out(root, {"chain": PIPELINE}, {"twins": TWINS, "sum": SUM, "log": LOG}, files)


@dataclass(frozen=True)
class Act:
    """What is done to a process: ``kill``, or ``stop`` for some seconds; ``after`` counts from the act before."""

    after: float
    role: str
    kind: str
    seconds: float = 0.0


def script(rng: random.Random, count: int, span: float) -> Iterator[Act]:
    """Acts of which each follows the one before within ``span`` seconds; three of four kill."""
    for _ in range(count):
        (role,) = rng.choices(ROLES, WEIGHTS)
        after, seconds = rng.uniform(0, span), LEASE * rng.uniform(1.3, 2.0)
        yield Act(after, role, "stop", seconds) if rng.random() < 0.25 else Act(after, role, "kill")


class Acts(deque[Act]):
    """Acts still to come; ``last`` is when the one before was done, as a reading of ``time.monotonic``."""

    last = 0.0

    @property
    def due(self) -> bool:
        return bool(self) and time.monotonic() - self.last >= self[0].after


@dataclass
class Figures:
    """What was done and seen; times in seconds."""

    acts: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    acknowledged: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    tokens: list[int] = field(default_factory=list)
    orphans: list[float] = field(default_factory=list)
    stuck: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)


@dataclass
class Command:
    """A command that was typed, and where its answer is written; every process below it bears its ``tag``."""

    process: subprocess.Popen[bytes]
    tag: str
    answer: Path


def type_wb(root: Path, number: int, *arguments: str) -> Command:
    """Type ``wb`` in the folder of a project; its answer goes to ``out-<number>.json``, the rest to ``err-…``."""
    tag, answer = f"{root}#{number}#", root / f"out-{number}.json"
    with answer.open("wb") as out, (root / f"err-{number}.log").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench", *arguments],
            cwd=root,
            env={**os.environ, TAG: tag},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    return Command(process, tag, answer)


class Nemesis:
    """Carries out runs, one token each, and its acts upon them; may be used by several threads."""

    def __init__(self, root: Path, rng: random.Random, patience: float = 1.0) -> None:
        """``patience`` lengthens the time after which something counts as stuck or left behind."""
        self.root = root
        self._stuck_after, self._orphan_after = STUCK_AFTER * patience, ORPHAN_AFTER * patience
        self.figures = Figures()
        self._rng = rng
        self._lock = threading.Lock()

    def carry_out(self, token: int, acts: Acts) -> None:
        """Type ``wb run`` for a token until it is acknowledged; what is left of ``acts`` then stays in there."""
        acts.last = acts.last or time.monotonic()
        for _ in range(60):
            command = self._type(token)
            self._disturb(command, acts)
            self._see_it_gone(command)
            if command.process.returncode == 0:
                self._acknowledge(token, json.loads(command.answer.read_text(encoding="utf-8")))
                return
            self._count_end(command)
        self._fault(f"token {token} was not acknowledged after 60 commands")

    def _type(self, token: int) -> Command:
        with self._lock:
            self.figures.commands += 1
            number = self.figures.commands
        return type_wb(self.root, number, "run", "chain", "-p", f"token={token}", "--json")

    def _acknowledge(self, token: int, document: Mapping[str, Any]) -> None:
        outputs = {
            output["dataset"]: (output["version"], output["id"])
            for step in document["steps"]
            if step["state"] == "succeeded"
            for output in step["outputs"]
        }
        with self._lock:
            self.figures.acknowledged[document["id"]] = outputs
            self.figures.tokens.append(token)
            self.figures.ends["acknowledged"] += 1

    def _count_end(self, command: Command) -> None:
        code = command.process.returncode
        end = "killed" if code == -signal.SIGKILL else f"exit {code}"
        with contextlib.suppress(ValueError, KeyError, TypeError):
            document = json.loads(command.answer.read_text(encoding="utf-8"))
            errors = [document.get("error"), *(step.get("error") for step in document.get("steps", ()))]
            end += " " + ", ".join(sorted({error["code"] for error in errors if error}))
        with self._lock:
            self.figures.ends[end] += 1

    def _fault(self, told: str) -> None:
        with self._lock:
            self.figures.faults.append(told)
        print(f"FAULT: {told}", file=sys.stderr, flush=True)

    # -- the acts ------------------------------------------------------------------------------------------------

    def _disturb(self, command: Command, acts: Acts) -> None:
        """Do what is due until the command has ended; watch that no attempt outlives those who carry it out."""
        began = time.monotonic()
        watched: dict[str, float] = {}
        while command.process.poll() is None:
            if time.monotonic() - max(began, acts.last) > HANGS_AFTER:
                self._fault(f"a command hung with {', '.join(map(_name, tagged(command.tag)))}")
                command.process.kill()
            if acts.due and (folder := self._do(command, acts)):
                watched.setdefault(folder, time.monotonic())
            self._look_at(watched)
            time.sleep(0.05)

    def _do(self, command: Command, acts: Acts) -> str:
        """Carry out the first act, if there is somebody to suffer it; the folder of the attempt that this must end."""
        act = acts[0]
        waited = time.monotonic() - acts.last - act.after
        victim = _victim(command, act.role, self._rng, nearest=waited > ROLE_PATIENCE)
        if victim is None:
            return ""
        role, process = victim
        folder = "" if role in ("runner", "template") else attempt_of(process)
        try:
            process.send_signal(signal.SIGSTOP if act.kind == "stop" else signal.SIGKILL)
        except psutil.Error:
            return ""
        acts.popleft()
        acts.last = time.monotonic()
        with self._lock:
            self.figures.acts[f"{act.kind} {role}"] += 1
        if act.kind == "kill":
            return folder
        until = time.monotonic() + act.seconds
        while time.monotonic() < until and process.is_running() and command.process.poll() is None:
            time.sleep(0.05)
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGCONT)
        acts.last = time.monotonic()
        return ""

    def _look_at(self, watched: dict[str, float]) -> None:
        """Note how long attempts were at work whose processes were killed; forget those that are over."""
        for folder, began in list(watched.items()):
            seconds = time.monotonic() - began
            open_ = _open(self.root, AT_WORK, folder)
            if open_ and seconds < HANGS_AFTER:
                continue
            del watched[folder]
            self._note_stuck(seconds, f"{folder} was {open_ or 'open'}")

    def _see_it_gone(self, command: Command) -> None:
        """A command has ended: its processes go, and what it held gets a final state when somebody looks."""
        ended, seen = time.monotonic(), list[psutil.Process]()
        while left := tagged(command.tag):
            seen = left
            if time.monotonic() - ended > HANGS_AFTER:
                break
            time.sleep(0.05)
        seconds = time.monotonic() - ended
        with self._lock:
            self.figures.orphans.append(seconds)
        if seconds > self._orphan_after:
            names = ", ".join(map(_name, seen))
            self._fault(f"processes went on {seconds:.1f} s after their command had ended: {names}")
        held = "SELECT run.state FROM run JOIN owner ON owner.id = run.owner WHERE owner.pid = ? AND ended_at = ''"
        while open_ := _open(self.root, held, command.process.pid):
            with contextlib.suppress(WorkbenchError), Project.open(self.root):
                pass
            if time.monotonic() - ended > HANGS_AFTER:
                break
        self._note_stuck(time.monotonic() - ended, f"the run of a command that ended was {open_ or 'open'}")

    def _note_stuck(self, seconds: float, what: str) -> None:
        with self._lock:
            self.figures.stuck.append(seconds)
        if seconds > self._stuck_after:
            self._fault(f"{what} {seconds:.1f} s after who carried it out was gone")


def judge(root: Path, figures: Figures) -> list[str]:
    """What is wrong in the end: with the project, what was acknowledged, and the log that each token is in once."""
    found = [*figures.faults, *invariants.faults(root), *invariants.missing(root, figures.acknowledged)]
    counts = Counter(_logged(root))
    for token in figures.tokens:
        if counts[token] != 1:
            found.append(f"token {token} was acknowledged, and is {counts[token]} times in the log")
    found += [f"token {token} is {count} times in the log" for token, count in counts.items() if count > 1]
    return found


def _logged(root: Path) -> Iterator[int]:
    import pyarrow.parquet as pq

    with Project.open(root) as project:
        inputs = project.resolve("prod", ["pair.log"])
    for file in inputs["pair.log"].files if inputs else ():
        yield from pq.read_table(file.path).column("token").to_pylist()


# -- processes ---------------------------------------------------------------------------------------------------


def _victim(command: Command, role: str, rng: random.Random, nearest: bool) -> tuple[str, psutil.Process] | None:
    """A process of that role, rather one that is at work; or one of the ``nearest`` above it of which there is one."""
    there = of_roles(command)
    for name in reversed(ROLES[: ROLES.index(role) + 1]) if nearest else (role,):
        if found := there.get(name):
            busy = [process for process in found if attempt_of(process)]
            return name, rng.choice(busy if busy and rng.random() < 0.8 else found)
    return None


def of_roles(command: Command) -> dict[str, list[psutil.Process]]:
    """The processes of a command by role: what it was typed as, and what the forks of its template call themselves."""
    found: dict[str, list[psutil.Process]] = {"runner": [psutil.Process(command.process.pid)]}
    for process in tagged(command.tag):
        with contextlib.suppress(psutil.Error):
            role = process.name().removeprefix("wb-")
            if role in ROLES[1:]:
                found.setdefault(role, []).append(process)
    return found


def attempt_of(process: psutil.Process) -> str:
    """The folder of the attempt that a process, or one below it, is at work for; as the store names it.

    All of them but the guardian print to the log in that folder.
    """
    with contextlib.suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(OSError):
                log = Path(f"/proc/{each.pid}/fd/1").readlink().as_posix()
                if log.endswith("/kernel.log"):
                    return log.partition("/.workbench/")[2].rpartition("/")[0]
    return ""


def tagged(tag: str) -> list[psutil.Process]:
    """The processes of a command that are alive."""
    return [process for process in psutil.process_iter() if _tagged(process, tag)]


def _tagged(process: psutil.Process, tag: str) -> bool:
    try:
        return process.environ().get(TAG) == tag and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return f"{process.pid} {process.status()} {' '.join(process.cmdline())[:60]}"
    return f"{process.pid} gone"


def _open(root: Path, query: str, value: Any) -> list[str]:
    """The states of rows that have not ended, read as anybody may."""
    file = root / ".workbench" / "store.db"
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'run'").fetchone():
            return []  # who was to make the tables was killed
        return [state for (state,) in connection.execute(query, (value,))]
