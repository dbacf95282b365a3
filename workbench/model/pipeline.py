"""Pipelines as written, and notebooks as read: parameters, references to datasets, cells, imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any, Final

from workbench.model.frozen import dataclass
from workbench.model.notification import Notify
from workbench.model.schedule import DatasetTrigger, FileTrigger, Schedule


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
    """Where a notebook names a dataset; ``computed`` holds the expression when the name is not a literal.

    ``mode`` is that of a write, empty when it is computed too.
    """

    dataset: str
    cell: int
    line: int
    computed: str = ""
    mode: str = ""


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
    """A notebook read without running it; ``path`` is relative to the project, with forward slashes.

    ``code`` maps the id of each code cell that does something, in order, to a digest of what it does.
    """

    path: str
    kernel: str
    language: str
    cells: tuple[Cell, ...]
    parameters: tuple[Parameter, ...] = ()
    parameters_cell: int | None = None
    reads: tuple[Reference, ...] = ()
    writes: tuple[Reference, ...] = ()
    imports: tuple[str, ...] = ()
    code: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportSpec:
    """What the ``report:`` key of a step says; ``title`` may hold ``${parameter}``."""

    title: str = ""
    hide_code: bool = True
    toc: bool = True


@dataclass(frozen=True)
class Retries:
    """When and how often a failed attempt is tried again; naming causes says that the step may run more than once.

    ``max`` counts the tries after the first. ``on`` names causes (``model.run.Cause``) and classes of exceptions, such
    as ``ConnectionError``. Before try *n* + 1 (n = 1, 2, …) passes ``min(backoff · factor^(n-1), longest)`` seconds,
    times a random factor from ``1 - jitter`` to ``1 + jitter``.
    """

    max: int = 0
    on: tuple[str, ...] = ("kernel_died", "out_of_memory", "timeout", "worker_lost")
    backoff: float = 10.0
    factor: float = 2.0
    longest: float = 600.0
    jitter: float = 0.2


@dataclass(frozen=True)
class StepOptions:
    """How a step is run, beside what it computes; none of it decides whether it runs again.

    Times are in seconds, sizes in bytes; None stands for the project's default, or for no limit where it has none.
    ``memory`` and ``cpus`` are also what an executor must have free, ``requires`` names what a worker must offer.
    ``keep_failed`` is how long a failed step keeps its kernel; ``pickle`` lets checkpoints hold what only pickle saves;
    ``early_exit`` makes ``sys.exit(0)`` a success.
    """

    timeout: float | None = None
    cell_timeout: float | None = None
    retries: Retries = Retries()
    memory: int | None = None
    processes: int | None = None
    cpus: float = 1.0
    requires: tuple[str, ...] = ()
    keep_failed: float = 0.0
    pickle: bool = False
    early_exit: bool = False


@dataclass(frozen=True)
class Fan:
    """``foreach:`` of a step: one instance for each combination of values.

    ``over`` maps a parameter of the notebook to a list of values, or to text with ``${parameter}``, or with
    ``${step.name}`` for a value that another step records. ``max_parallel`` bounds the instances at work at once.
    In a plan ``values`` are what references stand for, and ``parameters`` those of the step that may hold some to keys.
    """

    over: Mapping[str, Any]
    max_parallel: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Every(StrEnum):
    """How far apart the partitions of a time are."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True)
class Partition:
    """One entry of ``partitions:``: a parameter whose values cut the data of a pipeline into parts.

    Either ``values`` lists them, or they are the days or hours (``every``) from ``start`` to ``end``, both inclusive,
    as ISO 8601 in ``timezone``; an empty ``end`` means up to now. A step that takes the parameter reads and writes, in
    datasets partitioned by a column of that name, only the part of its value.
    """

    name: str
    values: tuple[str, ...] = ()
    every: Every | None = None
    start: str = ""
    end: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True)
class StepSpec:
    """One step as the pipeline file has it; ``parameters`` values may hold ``${name}``."""

    name: str
    notebook: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    options: StepOptions = StepOptions()
    report: ReportSpec | None = None
    fan: Fan | None = None


@dataclass(frozen=True)
class Pipeline:
    """One ``pipelines/*.yaml``; ``path`` is relative to the project.

    ``timeout`` bounds a whole run, in seconds; ``concurrency`` its runs at once, the others wait in the queue.
    ``schedule`` and ``triggers`` say when it runs by itself, ``notify`` who is told.
    """

    name: str
    path: str
    steps: tuple[StepSpec, ...]
    parameters: tuple[Parameter, ...] = ()
    description: str = ""
    partitions: tuple[Partition, ...] = ()
    timeout: float | None = None
    concurrency: int | None = None
    schedule: Schedule | None = None
    triggers: tuple[FileTrigger | DatasetTrigger, ...] = ()
    notify: Notify | None = None
