"""What Linux lets a process arrange about its parent and its descendants; elsewhere these do nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_CHILD_SUBREAPER, _SET_PDEATHSIG = 36, 1


def die_with_parent(parent: int) -> None:
    """Be killed as soon as the thread of process ``parent`` that started this one ends; at once if it is gone."""
    if _prctl(_SET_PDEATHSIG, signal.SIGKILL) and os.getppid() != parent:
        os._exit(1)


def adopt_descendants() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> bool:
    return sys.platform == "linux" and bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)
