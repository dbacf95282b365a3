"""Whether a step is tried again, and when: by the cause of what went wrong, named in its ``retries:``."""

from __future__ import annotations

import builtins
import random
from collections.abc import Mapping
from typing import Any

from workbench.model.frozen import dataclass
from workbench.model.pipeline import Retries
from workbench.model.run import Cause

CAUSES: Mapping[str, Cause] = {
    "WB-RUN-120": Cause.CONFLICT,
    "WB-RUN-122": Cause.WORKER_LOST,
    "WB-RUN-190": Cause.CANCELLED,
    "WB-RUN-191": Cause.CANCELLED,
    "WB-DAT-320": Cause.CONFLICT,
    "WB-DAT-340": Cause.CONFLICT,
    "WB-DB-501": Cause.CONFLICT,
    "WB-INT-995": Cause.START_FAILED,
}
"""The cause that an error's code stands for where a supervisor did not name one (``faults``): ``STORAGE`` for the areas
below, ``ERROR`` for every other code."""
STORAGE = ("WB-DSK-", "WB-DB-")
"""How the codes begin that say that a disk, a bucket or the store failed us."""
_CAUSES = frozenset(cause.value for cause in Cause)
ONCE_MORE = frozenset({Cause.START_FAILED, Cause.WORKER_LOST, Cause.KERNEL_DIED})
"""Causes that are tried once more without being asked to, when not one cell had begun."""


@dataclass(frozen=True)
class Failure:
    """Why an attempt did not succeed, and whether any of its cells ``began``.

    ``told`` is the cause as whoever found the error names it: a ``Cause``, the class of the exception that a cell
    raised, or nothing, where the code of the error says it all.
    """

    error: Mapping[str, Any]
    told: str = ""
    began: bool = True

    @property
    def cause(self) -> Cause:
        if self.told:
            return Cause(self.told) if self.told in _CAUSES else Cause.ERROR
        code = str(self.error.get("code", ""))
        return CAUSES.get(code) or (Cause.STORAGE if code.startswith(STORAGE) else Cause.ERROR)

    @property
    def raised(self) -> str:
        """The class of the exception that a cell raised, if that was it."""
        return "" if self.told in _CAUSES else self.told

    @property
    def named(self) -> str:
        """What is kept of it: the class of the exception that a cell raised, else the cause."""
        return self.raised or self.cause.value


@dataclass(frozen=True)
class Next:
    """The next try: after ``seconds``, the ``number``-th of ``of``."""

    seconds: float
    number: int
    of: int


def again(retries: Retries, failure: Failure, tries: int) -> Next | None:
    """The try after ``tries`` of them have ended, the last one with ``failure``; ``None`` when there is no other."""
    if tries <= retries.max and any(_covers(name, failure) for name in retries.on):
        return Next(_pause(retries, tries), tries + 1, retries.max + 1)
    if tries == 1 and not failure.began and failure.cause in ONCE_MORE:
        return Next(0.0, 2, max(retries.max + 1, 2))
    return None


def _covers(name: str, failure: Failure) -> bool:
    """Whether ``name``, a cause or a class of exceptions, is what happened; a class covers those derived from it."""
    name = name.rpartition(".")[2]  # kernels tell the bare name of a class
    if name in (failure.cause.value, failure.raised):
        return True
    wanted, raised = getattr(builtins, name, None), getattr(builtins, failure.raised or "_", None)
    if not isinstance(wanted, type) or not isinstance(raised, type):
        return False
    return issubclass(raised, wanted) and issubclass(wanted, BaseException)


def _pause(retries: Retries, tries: int) -> float:
    try:
        pause = min(retries.backoff * retries.factor ** (tries - 1), retries.longest)
    except OverflowError:
        pause = retries.longest
    return pause * random.uniform(1 - retries.jitter, 1 + retries.jitter)
