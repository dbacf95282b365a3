"""The kernel of a failed step that stays for a while, for whoever wants to look inside."""

from __future__ import annotations

from workbench.model.frozen import dataclass

WHILE = 1800.0
"""Seconds that a kernel is kept when nobody says how long."""


@dataclass(frozen=True)
class Kept:
    """A kernel that is kept: whose it is, where, and until when (UTC as ISO 8601).

    ``folder`` is the attempt's (absolute), ``cell`` the index of the cell that failed in its executed notebook,
    ``cell_id`` and ``number`` what the notebook and people call that cell. ``pid`` is the process that looks after the
    kernel on ``host``, and ``born`` when that began, in seconds since 1970: together they name no other process.
    """

    id: str
    run: str
    step: str
    notebook: str
    folder: str
    cell: int
    cell_id: str
    number: int
    kernel: str
    pid: int
    born: float
    host: str
    since: str
    until: str
