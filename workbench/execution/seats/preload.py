"""What the template imports ahead of its kernels, and what it had better not.

A kernel that has a module already must be like one that imports it itself. So a module is left to the kernels when
it belongs to the project, says something while it is imported, fails, or leaves threads behind that a fork lacks.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import site
import sys
import sysconfig
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.execution.seats.standing import listening

LONGEST = 60.0
"""Seconds that the import of one module may take; then the system ends the template, and the next one does without."""
HARMLESS_THREADS = ("jemalloc_bg_thd",)
"""Threads that their makers stop before a fork and do without after it."""
COMPANIONS = {
    "pandas": ("pandas.io.formats.html", "pandas.io.formats.string", "pyarrow.pandas_compat"),
    "workbench": (
        "workbench.step",
        "workbench.data.frames",
        "workbench.data.query",
        "workbench.data.stage",
        "workbench.quality.compiler",
    ),
}
"""What notebooks that import a library use of it, in all likelihood."""


@dataclass
class Preloaded:
    """``loaded``: module → seconds; ``left_out``: module → why kernels import it themselves."""

    loaded: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


class Unfit(Exception):
    """A module was imported that should not have been; only a new process can do without it."""

    def __init__(self, module: str, why: str) -> None:
        super().__init__(f"{module}: {why}")
        self.module = module
        self.why = why


def preload(names: list[str], avoid: Mapping[str, str], done: Preloaded) -> None:
    """Import what is fit among ``names``, but for what ``avoid`` gives reasons against; ``done`` is told.

    Names of things in modules may be among the names of modules. Raises Unfit when the process is spoilt.
    """
    for name in names:
        if name in done.loaded or name in done.left_out:
            continue
        if why := _known_against(name, avoid) or _reason_against(name):
            done.left_out[name] = why
        elif name in sys.modules:
            done.loaded[name] = 0.0
        elif _is_module(name):
            started = time.perf_counter()
            _load(name)
            done.loaded[name] = round(time.perf_counter() - started, 3)


def _known_against(name: str, avoid: Mapping[str, str]) -> str:
    """What ``avoid`` says of a module or of a package that it is in; empty when it says nothing."""
    parts = name.split(".")
    return next((avoid[above] for n in range(len(parts)) if (above := ".".join(parts[: n + 1])) in avoid), "")


def _reason_against(name: str) -> str:
    """Why a module is not even looked at closer; empty when nothing is known against it."""
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return ""
    spec = sys.modules[top].__spec__ if top in sys.modules else importlib.util.find_spec(top)
    if spec is None:
        return "it is not installed"
    places = [spec.origin] if spec.has_location and spec.origin else list(spec.submodule_search_locations or ())
    if top != "workbench" and not all(_is_installed(Path(place)) for place in places):
        return "it is not installed in this environment, but lies in a folder of its own"
    return ""


def _is_installed(place: Path) -> bool:
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
    if site.ENABLE_USER_SITE:
        folders.add(site.getusersitepackages())
    return any(place.is_relative_to(folder) for folder in folders)


def _is_module(name: str) -> bool:
    """Whether a dotted name is a module, and not a thing in one; imports the packages above it."""
    parent, _, _ = name.rpartition(".")
    if parent and parent not in sys.modules:
        if not _is_module(parent):
            return False
        _load(parent)
    if parent and not hasattr(sys.modules[parent], "__path__"):
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _load(name: str) -> None:
    """Import a module as a cell would; raises Unfit when a cell would show something else than nothing."""
    with warnings.catch_warnings(record=True) as warned, _time_limit(), listening() as said:
        try:
            exec(f"import {name}", {"__name__": "__main__"})
        except BaseException as error:
            raise Unfit(name, f"importing it raises {type(error).__name__}") from error
        if threads := surviving_threads():
            raise Unfit(name, f"it starts threads that a fork lacks ({', '.join(threads)})")
        if said():
            raise Unfit(name, "it prints when it is imported")
        filters = warnings.filters[:]  # a library may have added some of its own
    if warned:
        raise Unfit(name, "it warns when it is imported")
    set_filters(filters)


def set_filters(filters: Sequence[Any]) -> None:
    """Let ``filters`` decide what becomes of warnings."""
    with warnings.catch_warnings():
        warnings.resetwarnings()  # tells the interpreter, which keeps what it has found before
    warnings.filters[:] = filters  # type: ignore[index]


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    """Be ended by the system when the block takes too long; nothing else ends an import that hangs in C."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def surviving_threads() -> list[str]:
    """The names of threads of this process that are still there after a fork, in the parent.

    Some libraries end theirs before a fork, and start them again when they need them.
    """
    if len(_threads()) == 1:
        return []
    if (pid := os.fork()) == 0:
        os._exit(0)
    with contextlib.suppress(ChildProcessError):  # it may be collected by the system
        os.waitpid(pid, 0)
    return [name for name in _threads()[1:] if name not in HARMLESS_THREADS]


def _threads() -> list[str]:
    names = []
    for task in sorted(Path("/proc/self/task").iterdir(), key=lambda task: int(task.name)):
        with contextlib.suppress(OSError):
            names.append((task / "comm").read_text().strip())
    return names
