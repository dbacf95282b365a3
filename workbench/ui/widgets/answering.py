"""A widget that says of each question that it came, so that its script can tell people when the kernel has ended."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets


class Answering(anywidget.AnyWidget):
    """``asked`` counts what the script has told us, ``heard`` is how much of that has come here."""

    asked = traitlets.Int().tag(sync=True)
    heard = traitlets.Int().tag(sync=True)

    @traitlets.observe("asked")
    def _hear(self, change: Any) -> None:
        self.heard = change["new"]
