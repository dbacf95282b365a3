"""What happens while a step runs, one event a line in its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from workbench.model.frozen import dataclass

EVENT_MIME = "application/vnd.workbench.event+json"
"""The MIME type of the cell output that carries an event from the kernel to the journal."""


class Kind(StrEnum):
    """The kinds of event; what ``data`` holds is written beside each."""

    ATTEMPT_STARTED = "attempt_started"
    """``step, notebook, cells`` (how many)"""
    KERNEL_READY = "kernel_ready"
    """``pid, seconds``"""
    CELL_STARTED = "cell_started"
    """``cell, id, number``: index in the executed notebook, and what people call it (model.run.CellRun)"""
    OUTPUT = "output"
    """``cell, output`` (an nbformat output)"""
    CELL_ENDED = "cell_ended"
    """``cell, id, state, seconds, peak_bytes, dropped`` (bytes of outputs)"""
    READ = "read"
    """a model.dataset.Read as a dict"""
    STAGED = "staged"
    """a model.dataset.StagedWrite as a dict"""
    CHECKED = "checked"
    """``dataset, results``: wb.check outcomes as dicts"""
    METRIC = "metric"
    """``name, value``"""
    RECORD = "record"
    """``name, value``"""
    CHECKPOINT = "checkpoint"
    """``cell, bytes, names`` (how many), ``left_out`` (name → why), ``error`` (why there is none, or empty)"""
    RESUMED = "resumed"
    """``cell`` (the last one that was restored, or None), ``why_not`` (why the notebook begins at the top)"""
    KEPT = "kept"
    """``id, until`` (the kernel stays, UTC as ISO 8601), ``why_not`` (why it does not, though that was asked for)"""
    ATTEMPT_ENDED = "attempt_ended"
    """``error`` (a WorkbenchError as a dict, or None), ``cause`` (see model.run.Attempt), ``cells``"""


@dataclass(frozen=True)
class Event:
    """One line of a journal; ``seq`` counts from 1 in each journal, ``at`` is UTC as ISO 8601."""

    seq: int
    at: str
    kind: Kind
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """What a face is told while a run goes on: a step changed its state, or an event happened in it.

    Exactly one of ``state`` (a model.run.State) and ``event`` is set; ``message`` is the reason or the error's text.
    """

    run: str
    step: str
    state: str = ""
    message: str = ""
    event: Event | None = None
