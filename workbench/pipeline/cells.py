"""Code cells as syntax trees: IPython's own lines made plain Python, each source parsed once."""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from functools import cached_property, lru_cache

from workbench.model.frozen import dataclass
from workbench.pipeline import sql_cell

_CODE_MAGICS = frozenset({"time", "timeit", "prun", "capture", "memit", "mprun", "lprun"})
"""Magics whose text, after their options, is Python."""

_MAGIC_LINE = re.compile(
    r"(?P<indent>\s*)(?P<target>[A-Za-z_][\w.,\s\[\]'\"]*=\s*)?(?P<magic>(?:%{1,2}|!{1,2}|\?{1,2}).*)"
)
_HELP_LINE = re.compile(r"(?P<indent>\s*)(?P<text>%{0,2}[A-Za-z_][\w.*]*\?{1,2})\s*")
_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_MAX_MAGICS = 200


@dataclass(frozen=True)
class Fault:
    """Why a source is no Python; ``line`` counts from 1 within the cell."""

    line: int
    message: str


@dataclass(frozen=True)
class Parsed:
    """A source as a tree, or as a fault; a cell in another language (``%%bash``) has neither.

    ``text`` is the Python that the tree was made from: line for line the source, with magics in calls of
    ``__magic__("…")``.
    """

    text: str
    tree: ast.Module | None = None
    fault: Fault | None = None

    @cached_property
    def digest(self) -> str:
        """Equal for sources that differ in comments, blank lines and layout only; of the text itself without a tree."""
        shown = self.text if self.tree is None else _shape(self.tree, self.text)
        return hashlib.sha256(shown.encode(errors="surrogatepass")).hexdigest()[:16]

    @property
    def empty(self) -> bool:
        """Whether it does nothing: no statement at all."""
        return not self.text.strip() if self.tree is None else not self.tree.body


@lru_cache(maxsize=4096)
def parse(source: str) -> Parsed:
    """The tree of one Python code cell, IPython syntax included; never raises."""
    text = _without_cell_magic(source)
    if text is None:
        return Parsed(source)
    for _ in range(_MAX_MAGICS):
        try:
            tree = _compile(text)
        except SyntaxError as error:
            line = min(error.lineno or 1, text.count("\n") + 1)
            mended = _without_magic(text, line)
            if mended is None:
                return Parsed(source, fault=Fault(line, error.msg or "invalid syntax"))
            text = mended
        except (ValueError, MemoryError, RecursionError) as error:
            return Parsed(source, fault=Fault(1, str(error) or "nested too deep"))
        else:
            return Parsed(text, tree)
    return Parsed(source, fault=Fault(1, "too many magics"))


def _compile(text: str) -> ast.Module:
    with warnings.catch_warnings():  # of a doubtful escape the kernel will tell; here it would only be noise
        warnings.simplefilter("ignore")
        tree = compile(text, "<cell>", "exec", flags=_FLAGS, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields of syntax nodes that follow from the others or mean nothing when the code runs."""


def _shape(tree: ast.Module, text: str) -> str:
    """The tree as text, without places; several times faster than ``ast.dump``, which is most of planning."""
    parts: list[str] = []
    try:
        _describe(tree, parts)
    except RecursionError:
        return text
    return "\n".join(parts)


def _describe(node: ast.AST, parts: list[str]) -> None:
    parts.append(type(node).__name__)
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            if name not in _SILENT:
                _describe(value, parts)
        elif isinstance(value, list):
            parts.append("[")
            for item in value:
                if isinstance(item, ast.AST):
                    _describe(item, parts)
                else:
                    parts.append(repr(item))
            parts.append("]")
        elif name not in _SILENT:
            parts.append(repr(value))


def _without_cell_magic(source: str) -> str | None:
    """``source`` with a leading ``%%time`` made a call, ``%%wb sql`` one of ours; None for another language."""
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    head = lines[first]
    if not head.startswith("%%"):
        return source
    name = re.match(r"%%(\w*)", head)
    if name is not None and name[1] == sql_cell.MAGIC:
        told = sql_cell.as_python(head, "\n".join(lines[first + 1 :]))
        return None if told is None else "\n" * first + told + "\n" * (len(lines) - first - 1)
    if name is None or name[1] not in _CODE_MAGICS:
        return None
    lines[first] = f"__magic__({head!r})"
    return "\n".join(lines)


def _without_magic(text: str, line: int) -> str | None:
    """``text`` with the IPython syntax on ``line`` made a call of ``__magic__``; None when there is none."""
    lines = text.split("\n")
    index = line - 1
    if found := _HELP_LINE.fullmatch(lines[index]):
        lines[index] = f"{found['indent']}__magic__({found['text']!r})"
        return "\n".join(lines)
    if not (found := _MAGIC_LINE.fullmatch(lines[index])):
        return None
    last = index
    while lines[last].endswith("\\") and last + 1 < len(lines):
        last += 1
    magic = "\n".join([found["magic"], *lines[index + 1 : last + 1]])
    lines[index] = f"{found['indent']}{found['target'] or ''}{_as_python(magic)}"
    lines[index + 1 : last + 1] = [""] * (last - index)
    return "\n".join(lines)


def _as_python(magic: str) -> str:
    """``%time f()`` → ``f()`` beside its name; any other magic → a call that keeps its text."""
    timed = re.fullmatch(r"%(\w+)\s+((?:-\w+(?:\s*\d+)?\s+)*)(.+)", magic)
    if timed and timed[1] in _CODE_MAGICS and _is_python(timed[3]):
        return f"{timed[3]}; __magic__({timed[1]!r})" if "#" not in timed[3] else timed[3]
    return f"__magic__({magic!r})"


def _is_python(text: str) -> bool:
    try:
        _compile(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
