"""Pipelines as written, and notebooks as read: parameters, references to datasets, cells, imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class _Missing:
    """The default of a parameter that has none (``None`` is a value)."""

    def __repr__(self) -> str:
        return "required"

    def __reduce__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


class Kind(StrEnum):
    """The kinds of value a parameter can take."""

    ANY = "any"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STR = "str"
    DATE = "date"
    DATETIME = "datetime"
    PATH = "path"
    LITERAL = "literal"
    ENUM = "enum"
    LIST = "list"
    DICT = "dict"


@dataclass(frozen=True)
class Range:
    """Bounds of a number, both inclusive: ``limit: Annotated[int, Range(1, 10)] = 5`` in a ``parameters`` cell."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class ParameterType:
    """A type from the ``parameters`` cell or the pipeline file.

    ``items`` is the type of a list's items or a dict's values; ``choices`` the values of a Literal, or the member
    names of an Enum; ``minimum`` and ``maximum`` come from ``Annotated[int, Range(1, 10)]``, both inclusive;
    ``enum`` is the name of the Enum class in the notebook.
    """

    kind: Kind
    optional: bool = False
    items: ParameterType | None = None
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    enum: str = ""

    def __str__(self) -> str:
        match self.kind:
            case Kind.LITERAL:
                text = "one of " + ", ".join(repr(choice) for choice in self.choices)
            case Kind.ENUM:
                text = f"{self.enum}: one of " + ", ".join(self.choices)
            case Kind.LIST | Kind.DICT if self.items is not None:
                inner = str(self.items) if self.kind is Kind.LIST else f"str, {self.items}"
                text = f"{self.kind}[{inner}]"
            case _:
                text = str(self.kind)
        if self.minimum is not None or self.maximum is not None:
            low = "" if self.minimum is None else f"{self.minimum:g}"
            high = "" if self.maximum is None else f"{self.maximum:g}"
            text += f" {low}..{high}"
        return text + (" or None" if self.optional else "")


@dataclass(frozen=True)
class Parameter:
    """One typed value of a contract; ``default`` is MISSING when the caller must give it."""

    name: str
    type: ParameterType
    default: Any = MISSING
    help: str = ""

    @property
    def required(self) -> bool:
        return self.default is MISSING


@dataclass(frozen=True)
class Reference:
    """Where a notebook names a dataset; ``computed`` holds the expression when the name is not a literal."""

    dataset: str
    cell: int
    line: int
    computed: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook as it stands; ``source`` has its trailing whitespace removed."""

    index: int
    id: str
    kind: str
    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notebook:
    """A notebook read without running it; ``path`` is relative to the project, with forward slashes."""

    path: str
    kernel: str
    language: str
    cells: tuple[Cell, ...]
    parameters: tuple[Parameter, ...] = ()
    parameters_cell: int | None = None
    reads: tuple[Reference, ...] = ()
    writes: tuple[Reference, ...] = ()
    imports: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportSpec:
    """What the ``report:`` key of a step says; ``title`` may hold ``${parameter}``."""

    title: str = ""
    hide_code: bool = True
    toc: bool = True


@dataclass(frozen=True)
class StepSpec:
    """One step as the pipeline file has it; ``parameters`` values may hold ``${name}``.

    ``timeout`` is in seconds; None stands for the project's default.
    """

    name: str
    notebook: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    timeout: float | None = None
    report: ReportSpec | None = None


@dataclass(frozen=True)
class Pipeline:
    """One ``pipelines/*.yaml``; ``path`` is relative to the project."""

    name: str
    path: str
    steps: tuple[StepSpec, ...]
    parameters: tuple[Parameter, ...] = ()
    description: str = ""
