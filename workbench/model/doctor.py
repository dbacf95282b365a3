"""What a check-up of the project found."""

from __future__ import annotations

from workbench.model.frozen import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether a run can go on with it, what was seen, and how to mend it when it cannot.

    ``warning`` is a miss that no run needs: it is told with its mend, and nothing fails for it.
    """

    subject: str
    ok: bool
    detail: str
    mend: str = ""
    warning: bool = False
