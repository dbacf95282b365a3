"""What Linux lets a process arrange about its parent and its descendants; elsewhere these do nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_CHILD_SUBREAPER, _SET_PDEATHSIG, _SET_NAME = 36, 1, 15


def die_with_parent(parent: int) -> None:
    """Be killed as soon as the thread of process ``parent`` that started this one ends; at once if it is gone."""
    if _prctl(_SET_PDEATHSIG, signal.SIGKILL) and os.getppid() != parent:
        os._exit(1)


def adopt_descendants() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def name_process(name: str) -> None:
    """Be called ``name`` (15 letters at most) by ``ps`` and ``top``."""
    _prctl(_SET_NAME, name.encode())


def _prctl(option: int, value: int | bytes) -> bool:
    return sys.platform == "linux" and bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)
