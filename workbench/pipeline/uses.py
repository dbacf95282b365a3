"""Which steps name a column of a dataset, and where a notebook makes one: found in the cells, never by running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from workbench.model.frozen import dataclass
from workbench.model.pipeline import Notebook
from workbench.pipeline.cells import parse

_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Made:
    """A column that a cell gives values to: ``frame["column"] = …`` or ``.assign(column=…)``; ``cell`` is its id."""

    cell: str
    line: int
    column: str


def names_column(notebook: Notebook, dataset: str, column: str) -> bool:
    """Whether a notebook reads a dataset and names a column as that one is called, in code or in SQL."""
    if not any(one.dataset == dataset for one in notebook.reads):
        return False
    return any(
        column in cell.source and column in _words(cell.source) for cell in notebook.cells if cell.kind == "code"
    )


def made(notebook: Notebook) -> Iterator[Made]:
    """The columns that cells of a notebook give values to, in order, each cell and column once."""
    seen = set()
    for cell in notebook.cells:
        tree = parse(cell.source).tree if cell.kind == "code" else None
        for node in ast.walk(tree) if tree else ():
            for name, line in _columns(node):
                if (cell.id, name) not in seen:
                    seen.add((cell.id, name))
                    yield Made(cell.id, line, name)


def _columns(node: ast.AST) -> Iterator[tuple[str, int]]:
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(name)), ctx=ast.Store(), lineno=line):
            yield name, line
        case ast.Call(func=ast.Attribute(attr="assign" | "with_columns"), keywords=keywords):
            yield from ((word.arg, word.value.lineno) for word in keywords if word.arg)


def _words(source: str) -> set[str]:
    """The names and texts of a cell: attributes, keywords, texts and the words in them, as in SQL."""
    tree = parse(source).tree
    found: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                found.add(name)
            case ast.Constant(value=str(text)):
                found.add(text)
                found.update(_WORD.findall(text))
    return found
