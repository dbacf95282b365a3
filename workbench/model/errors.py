"""Every error a person can meet, in one tree.

WorkbenchError                 exit 1   something we explain
├── UsageError                 exit 2   wrong usage or input
│   ├── NotebookError                   a notebook cannot be read or run         WB-NB-6xx
│   ├── ParameterError                  a parameter is unknown, missing, ill typed  WB-PAR-6xx
│   ├── SpecError                       a TOML or YAML file is wrong, with its place  WB-CFG-6xx
│   ├── GraphError                      steps do not fit together                WB-PIP-6xx
│   ├── InvalidName                     a name that nothing may bear             WB-NAM-3xx
│   ├── FrameError                      a frame that a table cannot hold         WB-DAT-3xx
│   └── MissingExtra                    an optional library is not installed     WB-EXT-9xx
├── NotFound                   exit 3   no such project, pipeline, dataset, run
├── Denied                     exit 4   not permitted
├── Conflict                   exit 5   busy, or changed by somebody else
├── StepFailed                 exit 1   a step did not succeed                   WB-RUN-1xx
├── Withheld                   exit 1   a gate held data back                    WB-CHK-7xx
├── StorageError               exit 1   disk full, damaged, read-only            WB-DSK-3xx, WB-DB-5xx
├── InternalError              exit 1   a fault of ours                          WB-INT-999
└── Interrupted                exit 130 stopped by the user                      WB-RUN-190

Each message says what failed, where, what is kept, and what to do next. All of them pickle.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, ClassVar


class WorkbenchError(Exception):
    """Something went wrong that we can explain.

    ``code`` is stable (``WB-RUN-101``) and documented in ``docs/errors.md``; ``what`` names the thing that failed
    and its place; ``cause``, ``kept`` and ``next`` say why, what is safe, and how to mend it; ``detail`` holds
    further lines (a contract, a list of kernels).
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        code: str,
        what: str,
        *,
        cause: str = "",
        kept: str = "",
        next: str = "",
        detail: Iterable[str] = (),
    ) -> None:
        super().__init__(code, what)
        self.code = code
        self.what = what
        self.cause = cause
        self.kept = kept
        self.next = next
        self.detail = tuple(detail)

    def __str__(self) -> str:
        text = f"{self.code}: {self.what}"
        if self.cause:
            text += f" - {self.cause}"
        text = _sentence(text)
        if self.kept:
            text += " " + _sentence(self.kept)
        if self.next:
            text += " Next: " + self.next
        return "\n".join([text, *self.detail])

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """The error as plain JSON values: ``code, what, cause, kept, next, detail``."""
        return {
            "code": self.code,
            "what": self.what,
            "cause": self.cause,
            "kept": self.kept,
            "next": self.next,
            "detail": list(self.detail),
        }


class UsageError(WorkbenchError):
    """Wrong usage or input; nothing was started."""

    exit_code = 2


class NotebookError(UsageError):
    """A notebook that cannot be read, or cannot be run here."""


class ParameterError(UsageError):
    """A parameter that the notebook's contract refuses."""


class SpecError(UsageError):
    """A fault in ``workbench.toml``, a pipeline file or a contract; ``what`` begins with ``file:line:column``."""


class GraphError(UsageError):
    """Steps that do not fit together: a cycle, two writers, an unknown dataset, a computed name."""


class InvalidName(UsageError):
    """A name outside ``[a-z][a-z0-9_]*``, the alphabet of datasets, pipelines, steps and environments."""


class FrameError(UsageError):
    """A frame that an Iceberg table cannot hold faithfully; the column is named."""


class NotFound(WorkbenchError):
    """No such project, pipeline, step, dataset, column, snapshot or run."""

    exit_code = 3


class Denied(WorkbenchError):
    """Not permitted."""

    exit_code = 4


class Conflict(WorkbenchError):
    """Busy, or changed by somebody else in the meantime; nothing of ours was applied."""

    exit_code = 5


class StepFailed(WorkbenchError):
    """A step ended in any other way than success."""


class Withheld(WorkbenchError):
    """A gate held data back; the last good snapshot stays current."""


class StorageError(WorkbenchError):
    """The disk or the store failed us."""


class InternalError(WorkbenchError):
    """A fault of ours: a law of the house was about to be broken."""


class MissingExtra(UsageError):
    """An optional library is needed and not installed."""


class Interrupted(WorkbenchError):
    """Stopped by the user."""

    exit_code = 130


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """``' Did you mean "clean"?'`` when a choice is close to ``name``, else ``''``."""
    close = get_close_matches(name, list(choices), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + "."


def _rebuild(cls: type[WorkbenchError], fields: dict[str, Any]) -> WorkbenchError:
    return cls(fields.pop("code"), fields.pop("what"), **fields)
