"""What came of a step against what must come of it: every difference, said so that one can act on it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.model.comparison import Change, Grid
from workbench.model.dataset import Schema
from workbench.model.frozen import dataclass
from workbench.model.plain import to_plain
from workbench.reports import grids
from workbench.testing import fixtures
from workbench.testing.case import Case, ExpectedOutput

if TYPE_CHECKING:
    import pyarrow as pa

    from workbench.testing.running import Outcome, Output

MOST_ROWS = 20_000
"""Rows of a content that are compared one by one."""


@dataclass(frozen=True)
class Difference:
    """One thing that came out otherwise: where, what was expected and what was found, as text.

    ``grid`` shows rows that differ, where rows were compared.
    """

    where: str
    expected: str
    found: str
    grid: Grid | None = None

    def __str__(self) -> str:
        if self.grid is not None:
            return f"{self.where}: {self.found}, against {self.expected}"
        return f"{self.where}: expected {self.expected}, came out as {self.found}"


@dataclass(frozen=True)
class Result:
    """How a test ended. ``updated``: the differences were accepted; ``executed`` is where the notebook is kept.

    ``error`` is that of the step, or of the test itself when it could not be carried out.
    """

    case: Case
    differences: tuple[Difference, ...] = ()
    error: Mapping[str, Any] | None = None
    traceback: tuple[str, ...] = ()
    seconds: float = 0.0
    updated: bool = False
    executed: Path | None = field(default=None)

    @property
    def passed(self) -> bool:
        return self.updated or (not self.differences and self.error is None)


def judge(case: Case, outcome: Outcome) -> tuple[Difference, ...]:
    """Every difference between what a test expects and what came out; an error that nobody expected is none of them."""
    expected = case.expected
    if expected is None:
        return (Difference("expected.yaml", "a file", "none; accept what comes out with wb test --update"),)
    if expected.fails:
        if outcome.error is None:
            return (Difference("the step", f"it fails with {expected.fails}", "it succeeded"),)
        if outcome.cause == expected.fails or outcome.error.get("code") == expected.fails:
            return ()
        found = f"it failed with {outcome.cause or outcome.error.get('code')}"
        return (Difference("the step", f"it fails with {expected.fails}", found),)
    if outcome.error is not None:
        return ()
    return (*_values(case, expected.values, outcome.values), *_outputs(case, outcome))


def _values(case: Case, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    for name in [*expected, *(name for name in found if name not in expected)]:
        if name in case.ignore:
            continue
        where = f"value {name}"
        if name not in found:
            yield Difference(where, shown(expected[name]), "nothing: it was not recorded")
        elif name not in expected:
            yield Difference(where, "nothing", shown(found[name]))
        elif not alike(expected[name], to_plain(found[name]), case.tolerance):
            yield Difference(where, shown(expected[name]), shown(found[name]))


def _outputs(case: Case, outcome: Outcome) -> Iterator[Difference]:
    assert case.expected is not None
    expected = case.expected.outputs
    for name in [*expected, *(name for name in outcome.outputs if name not in expected)]:
        if name not in outcome.outputs:
            yield Difference(f"output {name}", "it is written", "it was not written")
        elif name not in expected:
            yield Difference(f"output {name}", "nothing", f"a dataset of {outcome.outputs[name].table.num_rows:,} rows")
        else:
            yield from _output(case, name, expected[name], outcome.outputs[name])


def _output(case: Case, name: str, expected: ExpectedOutput, found: Output) -> Iterator[Difference]:
    where = f"output {name}"
    yield from _schema(where, expected.schema, found.schema)
    if expected.rows is not None and expected.rows != found.table.num_rows:
        yield Difference(f"{where}, rows", f"{expected.rows:,}", f"{found.table.num_rows:,}")
    if expected.content:
        table = fixtures.read(case.folder / expected.content, expected.schema)
        if grid := content(table, found.table, tolerance=case.tolerance, ordered=case.ordered):
            counted = ((change, number) for change, number in sorted(grid.counts.items()) if change != Change.SAME)
            told = ", ".join(f"{number:,} row{'s' * (number > 1)} {change}" for change, number in counted)
            yield Difference(f"{where}, content", f"the rows of {expected.content}", told, grid)


def _schema(where: str, expected: Schema, found: Schema) -> Iterator[Difference]:
    old = {column.name: column.type for column in expected.columns}
    new = {column.name: column.type for column in found.columns}
    for name in [*old, *(name for name in new if name not in old)]:
        if old.get(name) != new.get(name):
            yield Difference(f"{where}, column {name}", old.get(name, "none"), new.get(name, "none"))
    if old == new and list(old) != list(new):
        yield Difference(f"{where}, columns", ", ".join(old), ", ".join(new))


def content(expected: pa.Table, found: pa.Table, *, tolerance: float, ordered: bool) -> Grid | None:
    """The rows that differ, ``None`` when none does; columns that only one side has count only where that is said."""
    names = [name for name in expected.column_names if name in found.column_names]
    old, new = ([list(row.values()) for row in table.select(names).to_pylist()] for table in (expected, found))
    if not ordered:
        old, new = sorted(old, key=_key), sorted(new, key=_key)
    same = [alike(one, other, tolerance) for one, other in zip(old, new, strict=False)]
    if len(old) == len(new) and all(same):
        return None
    texts = [[[_cell(value) for value in row] for row in side[:MOST_ROWS]] for side in (old, new)]
    texts[1] = [texts[0][n] if n < len(same) and same[n] else row for n, row in enumerate(texts[1])]
    return grids.compare(grids.Table(names, texts[0]), grids.Table(names, texts[1]))


def alike(expected: Any, found: Any, tolerance: float) -> bool:
    """Whether two values are the same, numbers within the tolerance."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, float | int) and isinstance(found, float | int):
        if math.isnan(expected) or math.isnan(found):
            return math.isnan(expected) and math.isnan(found)
        if isinstance(expected, int) and isinstance(found, int):
            return expected == found
        return math.isclose(expected, found, rel_tol=tolerance, abs_tol=tolerance * 1e-3)
    if isinstance(expected, list) and isinstance(found, list):
        pairs = zip(expected, found, strict=False)
        return len(expected) == len(found) and all(alike(one, other, tolerance) for one, other in pairs)
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        same = expected.keys() == found.keys()
        return same and all(alike(value, found[key], tolerance) for key, value in expected.items())
    return bool(expected == found)


def shown(value: Any) -> str:
    """A value on one line."""
    from workbench.testing.written import flow

    return flow(to_plain(value))


def _key(row: list[Any]) -> list[tuple[int, Any]]:
    """What rows are sorted by; numbers to six digits, so that a small difference moves none."""
    return [
        (0, 0) if value is None else (1, float(f"{value:.6g}")) if _is_number(value) else (2, str(value))
        for value in row
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not math.isnan(value)


def _cell(value: Any) -> str:
    return "null" if value is None else '""' if value == "" else str(value)
