"""The codec of what differs: two runs against each other, and tests against what they expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.model.comparison import change_of
from workbench.ui.codec import Json, run_row, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.model.comparison import CellPair, Comparison
    from workbench.testing.freezing import Frozen
    from workbench.testing.verdict import Result
    from workbench.ui import run_shapes


def comparison(of: Comparison) -> run_shapes.Comparison:
    """``before, after, items, steps, change``; of a picture its sizes and the ``share`` of its pixels that differ."""
    steps = [_changes(value(step)) | {"change": step.change.value} for step in of.steps]
    return {
        "before": run_row(of.before),
        "after": run_row(of.after),
        "change": of.change,
        "items": _changes(value(of.items)),
        "steps": steps,
    }


def cells(of: Iterable[CellPair]) -> list[run_shapes.CellPair]:
    """Cells on both sides, as a step of a comparison has them."""
    return [_changes(value(one)) for one in of]


def _changes(plain: Any) -> Any:
    """Pictures without their bytes, and each pair of values with the change that it is."""
    match plain:
        case {"share": _, "difference": _}:
            return {key: item for key, item in plain.items() if key in ("size_before", "size_after", "share")}
        case {"name": name, "before": before, "after": after}:
            return {"name": name, "change": change_of(before, after).value, "before": before, "after": after}
        case dict():
            return {key: _changes(item) for key, item in plain.items()}
        case list():
            return [_changes(item) for item in plain]
    return plain


def tests(of: Iterable[Result]) -> Json:
    """``tests, passed``; each test is ``test, passed, updated, seconds, differences, error, traceback, executed``."""
    results = list(of)
    return {"tests": [_test(result) for result in results], "passed": all(result.passed for result in results)}


def _test(of: Result) -> Json:
    differences = [
        {"where": one.where, "expected": one.expected, "found": one.found, "rows": _changes(value(one.grid))}
        for one in of.differences
    ]
    return {
        "test": of.case.id,
        "folder": str(of.case.folder),
        "passed": of.passed,
        "updated": of.updated,
        "seconds": of.seconds,
        "differences": differences,
        "error": value(of.error),
        "traceback": list(of.traceback),
        "executed": str(of.executed) if of.executed else None,
    }


def frozen(of: Frozen) -> Json:
    """``test, folder, sampled, varies``: which rows of each dataset were kept, and what is not compared."""
    return {
        "test": of.case.id,
        "folder": str(of.case.folder),
        "sampled": dict(of.sampled),
        "varies": list(of.varies),
    }
