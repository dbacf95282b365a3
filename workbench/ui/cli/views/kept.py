"""How a kernel that a failed step has kept is told of."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from workbench.model.kept import Kept
from workbench.ui.cli.words import clock_time, plain


def opened(kept: Kept, url: str) -> list[RenderableType]:
    """What was opened, until when it is there, and its address, on one line."""
    text = (
        f"The kernel of {plain(kept.step)}, as cell {kept.number} of {plain(kept.notebook)} left it. "
        f"It is kept until {clock_time(kept.until)}, and while this goes on; Ctrl-C ends JupyterLab."
    )
    return [Text(text), Text(url, no_wrap=True, overflow="ignore")]
