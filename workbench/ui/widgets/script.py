"""The scripts of widgets, which the build of the JupyterLab extension leaves beside this file.

A view goes without a widget where they were not built: what it keeps as HTML and text says the same.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from workbench.step import CONTEXT_VARIABLE

FOLDER = Path(__file__).parent / "static"


@cache
def built(file: str) -> str:
    """The text of ``quality.js``, say; empty where it was not built. It begins with an empty line."""
    path = FOLDER / file
    return f"\n{path.read_text(encoding='utf-8')}" if path.is_file() else ""  # one line alone is taken for a path


def forms(widget: Any) -> dict[str, Any]:
    """What shows a widget, by MIME type, without the text that stands in for it where there are none."""
    found = widget._repr_mimebundle_()
    data = found[0] if isinstance(found, tuple) else found
    return {mime: form for mime, form in (data or {}).items() if mime.startswith("application/")}


def moves(name: str) -> bool:
    """Whether the widget of that name can be shown: a kernel is there that people sit at, and its script was built.

    In a run nobody looks: what is left behind there has to tell all by itself.
    """
    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive else None
    return hasattr(shell, "kernel") and CONTEXT_VARIABLE not in os.environ and bool(built(f"{name}.js"))
