"""What a clean run of a notebook will not like, found in its cells, execution counts and outputs; nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from workbench.model.frozen import dataclass
from workbench.model.pipeline import Cell
from workbench.model.promotion import Place, Remark, Weight
from workbench.pipeline import references
from workbench.pipeline.cells import parse
from workbench.pipeline.flow import GIVEN, Flow, flow

_ASKS = frozenset({"input", "getpass.getpass", "getpass", "breakpoint", "pdb.set_trace", "ipdb.set_trace"})
_MOVES = frozenset({"os.chdir"})
_READS = frozenset(
    f"read_{kind}"
    for kind in ("csv", "parquet", "json", "excel", "feather", "table", "pickle", "orc", "xml", "hdf", "ipc")
) | frozenset(f"scan_{kind}" for kind in ("csv", "parquet", "ndjson", "ipc"))
_WRITES = frozenset(
    f"{verb}_{kind}"
    for verb in ("to", "write")
    for kind in ("csv", "parquet", "json", "excel", "feather", "pickle", "orc", "xml", "hdf", "ipc", "ndjson")
)
_HOME = re.compile(r"/home/|/Users/|/root/|~/|[A-Za-z]:[\\/]")
_INSTALLS = re.compile(r"[%!]{1,2}\s*(?:\S*python\S*\s+-m\s+)?(?:pip|conda|mamba|uv)\s+(?:pip\s+)?install\b")
_MOST = 200
"""Remarks of one notebook; whoever has more begins with these."""


@dataclass(frozen=True)
class Ran:
    """What the file says of the last run of a code cell; ``count`` is its execution count, 0 where it has none."""

    count: int = 0
    outputs: int = 0
    error: str = ""


def remarks(cells: Sequence[Cell], ran: Mapping[int, Ran], found: references.References) -> tuple[Remark, ...]:
    """All remarks on a Python notebook, by cell; ``ran`` is by the index of a cell."""
    code = [cell for cell in cells if cell.kind == "code" and references.SKIPPED not in cell.tags]
    every = [*_state(code), *order(code, ran), *_names(found)]
    for cell in code:
        every += [*_calls(cell), *_magics(cell), *_outcome(cell, ran.get(cell.index, Ran()))]
    unique = dict.fromkeys(every)
    return tuple(sorted(unique, key=lambda one: (one.cell or 10**9, one.line))[:_MOST])


def files(cells: Iterable[Cell]) -> tuple[Place, ...]:
    """The files that cells name literally in calls of pandas, polars or ``open``."""
    found: dict[Place, None] = {}
    for cell in cells:
        for node in _nodes(cell):
            if isinstance(node, ast.Call) and (place := _place(node, cell)):
                found[place] = None
    return tuple(found)


def unmet(cells: Sequence[Cell]) -> Iterator[tuple[int, str, int, list[int]]]:
    """What cells need that no cell before them makes: position, name, line, and the later positions that make it.

    Positions are those in ``cells``. Names that could come from ``from x import *`` or ``%run`` are let pass.
    """
    flows = [flow(cell.source) for cell in cells]
    known: set[str] = set()
    anything = False
    for at, one in enumerate(flows):
        for name, line in one.needs.items():
            if name not in known and not anything and not (one.open and name not in _made(flows)):
                yield at, name, line, [later for later in range(at + 1, len(flows)) if name in flows[later].makes]
        known.update(one.makes)
        anything = anything or one.open
    for at, one in enumerate(flows):
        for name, line in one.later.items():
            if name not in known and name not in GIVEN and not anything:
                yield at, name, line, []


def _made(flows: Sequence[Flow]) -> set[str]:
    return {name for one in flows for name in one.makes}


def _state(code: Sequence[Cell]) -> Iterator[Remark]:
    """Names that are there only because of what was run and is gone, or stands further down."""
    for at, name, line, later in unmet(code):
        number = code[at].index + 1
        if later:
            maker = code[later[0]].index + 1
            text = f"{name} is used here, but made further down, in cell {maker}"
            yield Remark("out_of_order", Weight.BLOCKS, number, line, text, f"move cell {maker} before this one")
        else:
            text = f"{name} is used here, and no cell makes it: it was left in memory by a cell that is gone"
            yield Remark("hidden_state", Weight.BLOCKS, number, line, text, f"write again the line that makes {name}")


def order(code: Sequence[Cell], ran: Mapping[int, Ran]) -> Iterator[Remark]:
    """In what order the cells were run last, as far as their counts tell."""
    counts = {cell.index: ran[cell.index].count for cell in code if cell.index in ran and ran[cell.index].count}
    if not counts:
        return
    highest, before = 0, 0
    for cell in code:
        count = counts.get(cell.index, 0)
        if not count and cell.source.strip():
            text = "it was not run since the kernel started, while others were"
            yield Remark("not_run", Weight.WARNS, cell.index + 1, 0, text, "run all cells anew, from the top")
        elif count and count < highest:
            text = f"it was run before cell {before}, which stands above it (In [{count}], In [{highest}])"
            yield Remark("ran_before", Weight.WARNS, cell.index + 1, 0, text, "run all cells anew, from the top")
        if count > highest:
            highest, before = count, cell.index + 1
    gone = highest - len(set(counts.values()))
    if gone > 0:
        text = f"of {highest} executions {gone} are not of these cells as they stand: they ran again, or are gone"
        yield Remark("other_executions", Weight.TELLS, 0, 0, text, "a clean run shows whether anything hangs on them")


def _names(found: references.References) -> Iterator[Remark]:
    """Datasets whose names only running the cell would tell."""
    for key, named in (("reads", found.reads), ("writes", found.writes)):
        for one in named:
            if one.computed:
                verb = "read" if key == "reads" else "written"
                text = f"the dataset that is {verb} here is computed: {one.computed[:80]}"
                mend = f"write the name as text, or list it under {key}: in the pipeline"
                yield Remark("computed_name", Weight.WARNS, one.cell + 1, one.line, text, mend)
    if not found.writes:
        yield Remark("no_output", Weight.TELLS, 0, 0, "it writes no dataset", 'wb.write(df, "namespace.name")')


def _calls(cell: Cell) -> Iterator[Remark]:
    number = cell.index + 1
    for node in _nodes(cell):
        if isinstance(node, ast.Call):
            name = _dotted(node.func)
            if name in _ASKS:
                text = f"{name}() waits for somebody, and nobody is there in a run"
                yield Remark("waits", Weight.BLOCKS, number, node.lineno, text, "make what it asks for a parameter")
            elif name in _MOVES:
                text = "it leaves the folder that the step runs in"
                yield Remark("moves", Weight.WARNS, number, node.lineno, text, "name files from the project's folder")
            elif place := _place(node, cell):
                verb = "writes" if place.writes else "reads"
                text = f"{place.call} {verb} {place.path}, of which the catalog knows nothing"
                mend = "wb.write a dataset instead" if place.writes else "wb.read a dataset, where there is one"
                yield Remark("file", Weight.TELLS, number, node.lineno, text, mend)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _HOME.match(node.value):
            text = f"{node.value[:80]} is a place on one machine"
            yield Remark("own_path", Weight.WARNS, number, node.lineno, text, "name files from the project's folder")


def _magics(cell: Cell) -> Iterator[Remark]:
    for line, text in enumerate(cell.source.split("\n"), start=1):
        if _INSTALLS.match(text.strip()):
            yield Remark(
                "installs",
                Weight.WARNS,
                cell.index + 1,
                line,
                "it installs something at each run, another version tomorrow perhaps",
                "install it once, in the environment of the project",
            )
        elif text.strip().startswith("%cd"):
            told = "it leaves the folder that the step runs in"
            yield Remark("moves", Weight.WARNS, cell.index + 1, line, told, "name files from the project's folder")


def _outcome(cell: Cell, ran: Ran) -> Iterator[Remark]:
    if ran.error and "raises-exception" not in cell.tags:
        text = f"it ended with {ran.error} when it was run last"
        yield Remark("failed", Weight.BLOCKS, cell.index + 1, 0, text, "correct it, or tag it raises-exception")


def _place(node: ast.Call, cell: Cell) -> Place | None:
    name = _dotted(node.func)
    last = name.rpartition(".")[2]
    first = node.args[0] if node.args else None
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return None
    if name == "open":
        mode = node.args[1] if len(node.args) > 1 else next((w.value for w in node.keywords if w.arg == "mode"), None)
        text = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
        return Place(first.value, "open", cell.index + 1, node.lineno, bool(set(text) & set("wax+")))
    if "." in name and last in _READS | _WRITES:
        return Place(first.value, last, cell.index + 1, node.lineno, last in _WRITES)
    return None


def _dotted(node: ast.expr) -> str:
    """``pd.read_csv``; of ``f(x).to_csv`` what is known, ``().to_csv``."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value) or '()'}.{node.attr}"
    return ""


def _nodes(cell: Cell) -> Iterator[ast.AST]:
    tree = parse(cell.source).tree if cell.kind == "code" and references.SKIPPED not in cell.tags else None
    return iter(()) if tree is None else ast.walk(tree)
