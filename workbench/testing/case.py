"""A test of a step as files: which step, with which parameters, on which datasets, and what must come of it.

``tests/notebooks/<step>/<case>/`` holds ``case.yaml``, written by people and never changed by us after ``--freeze``;
``expected.yaml``, which ``--update`` writes anew; a file per dataset in ``inputs/``; and, where the rows that come out
are compared too, a file per dataset in ``expected/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from workbench.documents import Document, Section, load_yaml
from workbench.model.dataset import Column, Schema
from workbench.model.errors import InvalidName, NotFound, SpecError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.names import parse_dataset, parse_name

FOLDER = Path("tests", "notebooks")
CASE, EXPECTED, INPUTS, CONTENT = "case.yaml", "expected.yaml", "inputs", "expected"
ENDINGS = (".csv", ".parquet")
TOLERANCE = 1e-9
"""How far, as a part of itself, a number may lie from the expected one."""
_CASE_KEYS = ("pipeline", "notebook", "about", "parameters", "inputs", "ignore", "tolerance", "ordered", "frozen")
_EXPECTED_KEYS = ("values", "outputs", "fails")
_OUTPUT_KEYS = ("rows", "columns", "content")


@dataclass(frozen=True)
class ExpectedOutput:
    """What a dataset must be: its columns in order; how many rows, unless that varies; its rows, where a file has them.

    ``content`` is relative to the folder of the case.
    """

    schema: Schema
    rows: int | None = None
    content: str = ""


@dataclass(frozen=True)
class Expected:
    """What must come of a step: recorded values and outputs, or the exception that it ``fails`` with."""

    values: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, ExpectedOutput] = field(default_factory=dict)
    fails: str = ""


@dataclass(frozen=True)
class Case:
    """One test. ``folder`` is absolute; ``expected`` is ``None`` until there is an ``expected.yaml``.

    ``pipeline`` names the pipeline that has the step; a notebook that is in none is named by ``notebook``, relative to
    the project. ``inputs`` maps each dataset to its file, ``schemas`` some of them to their columns. ``ignore`` are
    recorded values that may be anything. ``ordered`` says that rows must come in the same order.
    """

    step: str
    name: str
    folder: Path
    pipeline: str = ""
    notebook: str = ""
    about: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Path] = field(default_factory=dict)
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    tolerance: float = TOLERANCE
    ordered: bool = False
    expected: Expected | None = None

    @property
    def id(self) -> str:
        """``clean::blizzard``."""
        return f"{self.step}::{self.name}"


def find(root: Path) -> tuple[Path, ...]:
    """The folders of all tests of a project, by step and name."""
    return tuple(sorted(path.parent for path in (root / FOLDER).glob(f"*/*/{CASE}")))


def choose(root: Path, names: Sequence[str] = ()) -> tuple[Case, ...]:
    """The tests that ``names`` mean, each a step, ``step::case`` or a pattern such as ``clean::*``; all without any.

    Raises NotFound (WB-TST-601) for a name that means none, and what ``read`` raises.
    """
    folders = {f"{folder.parent.name}::{folder.name}": folder for folder in find(root)}
    chosen: dict[str, Path] = {} if names else folders
    for name in names:
        meant = {one: folder for one, folder in folders.items() if _means(name, one)}
        if not meant:
            raise _unknown(name, folders)
        chosen |= meant
    return tuple(read(root, folder) for _, folder in sorted(chosen.items()))


def read(root: Path, folder: Path, step: str = "", name: str = "") -> Case:
    """The test in a folder, named by its path unless that is told. Raises SpecError with the place, and InvalidName."""
    place = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)
    document = _load(folder / CASE, f"{place}/{CASE}")
    top = document.section((), _CASE_KEYS)
    step = parse_name(step or folder.parent.name, "step")
    name = parse_name(name or folder.name, "case")
    if ("pipeline" in top) == ("notebook" in top):
        raise top.error("WB-CFG-626", 'give one of "pipeline" and "notebook"', next="name the pipeline of the step")
    files = _files(document, folder / INPUTS)
    return Case(
        step=step,
        name=name,
        folder=folder,
        pipeline=top.text("pipeline", ""),
        notebook=top.text("notebook", ""),
        about=top.text("about", ""),
        parameters=dict(top.section("parameters").data),
        inputs=files,
        schemas=_schemas(top, files),
        ignore=top.texts("ignore"),
        tolerance=top.number("tolerance", TOLERANCE, minimum=0),
        ordered=top.flag("ordered", False),
        expected=_expected(folder, f"{place}/{EXPECTED}"),
    )


def _load(path: Path, name: str) -> Document:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError("WB-CFG-620", f"{name}:1:1: cannot be read", cause=str(error)) from None
    document = load_yaml(text, name)
    return document if document.data is not None else Document(name, {})


def _expected(folder: Path, name: str) -> Expected | None:
    if not (folder / EXPECTED).exists():
        return None
    top = _load(folder / EXPECTED, name).section((), _EXPECTED_KEYS)
    outputs = top.section("outputs")
    found = {}
    for dataset in outputs:
        parse_dataset(dataset)
        entry = outputs.section(dataset, _OUTPUT_KEYS)
        rows = entry.whole("rows", 0) if "rows" in entry else None
        content = entry.text("content", "")
        if content and not (folder / content).is_file():
            raise entry.error("WB-CFG-625", f"there is no file {content}", "content", next="wb test NAME --update")
        found[dataset] = ExpectedOutput(_columns(entry), rows, content)
    return Expected(dict(top.section("values").data), found, top.text("fails", ""))


def _files(document: Document, folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*")):
        if path.suffix not in ENDINGS:
            continue
        try:
            dataset = parse_dataset(path.name.removesuffix(path.suffix))
        except InvalidName as error:
            raise document.error("WB-CFG-628", f"inputs/{path.name}: {error.what}", cause=error.cause) from None
        if dataset in found:
            raise document.error("WB-CFG-628", f"inputs/ holds {dataset} twice", next="keep one of its files")
        found[dataset] = path
    return found


def _schemas(top: Section, files: Mapping[str, Path]) -> dict[str, Schema]:
    section = top.section("inputs")
    for dataset in section:
        if dataset not in files:
            cause = f"inputs/ holds {', '.join(files) or 'nothing'}." + did_you_mean(dataset, files)
            raise section.error("WB-CFG-624", f"there is no file for {dataset}", dataset, key=True, cause=cause)
    return {dataset: _columns(section.section(dataset, ("columns",))) for dataset in section}


def _columns(entry: Section) -> Schema:
    columns = entry.section("columns")
    return Schema(tuple(Column(name, columns.text(name)) for name in columns))


def _means(name: str, test: str) -> bool:
    return fnmatchcase(test, name if "::" in name else f"{name}::*")


def _unknown(name: str, known: Iterable[str]) -> NotFound:
    names = list(known)
    steps = dict.fromkeys(one.partition("::")[0] for one in names)
    told = f"known: {', '.join(names[:20])}{' …' if len(names) > 20 else ''}." if names else "there is none yet."
    hint = did_you_mean(name, names if "::" in name else steps)
    return NotFound("WB-TST-601", f'there is no test "{name}"', cause=told + hint, next="wb test --freeze last STEP")
