"""Names that fit where the cursor stands in a cell, for IPython's own completion: datasets and columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.model.errors import WorkbenchError
from workbench.pipeline import completing

MOST = 100
"""Names in one answer."""


def complete(context: Any) -> dict[str, Any]:
    """What IPython asks of a matcher (of its second kind): names, and the part of one that is there already.

    In the name of a dataset or a column nothing else is offered, such as files; elsewhere nothing is offered here.
    """
    from IPython.core.completer import SimpleCompletion

    offset = _offset(context.full_text, context.cursor_line, context.cursor_position)
    wanted = completing.wanted(context.full_text, offset)
    found = _found(wanted) if wanted.kind else iter(())
    names = [name for _, name in zip(range(MOST), found, strict=False)]
    return {
        "completions": [SimpleCompletion(text=name, type=wanted.kind) for name in names],
        "matched_fragment": wanted.prefix,
        "suppress": bool(names),
    }


def _offset(text: str, line: int, column: int) -> int:
    """The place of a cursor in a text, in characters."""
    before = text.split("\n")[:line]
    return sum(len(one) + 1 for one in before) + column


def _found(wanted: completing.Wanted) -> Iterator[str]:
    from workbench.step import session

    try:
        here = session()
        prefix = wanted.prefix.lower()
        if wanted.kind == "dataset":
            yield from (name for name in here.known if name.startswith(prefix))
            return
        for dataset in wanted.datasets:
            names = here.resolve(dataset, None).schema.names
            yield from (name for name in names if name.lower().startswith(prefix))
    except WorkbenchError:  # where there is no project, or no such dataset, there is nothing to offer
        return
