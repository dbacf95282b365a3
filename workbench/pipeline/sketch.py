"""What the text of a pipeline file says so far: its steps and how they hang together, and every fault with its place.

Unlike a plan it is made of a text that need not be saved, and goes on behind a fault: what can be understood is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from workbench.documents import Document, load_yaml
from workbench.model.errors import GraphError, ParameterError, SpecError, WorkbenchError
from workbench.model.frozen import dataclass
from workbench.model.pipeline import Notebook, Parameter, Pipeline
from workbench.pipeline.graph import build
from workbench.pipeline.parameters import coerce, unknown
from workbench.pipeline.spec import parse_pipeline
from workbench.pipeline.substitution import recorded, references

_PLACED = re.compile(r":(\d{1,7}):(\d{1,7}): ")
_NAMED = re.compile(r"(?:^step |: )([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class SketchFault:
    """Something wrong, and where: line and column count from 1. ``step`` is the step that it is about, if any."""

    error: WorkbenchError
    line: int
    column: int
    step: str = ""


@dataclass(frozen=True)
class SketchStep:
    """A step as far as it can be understood.

    ``line`` and ``column`` are those of its name. ``before`` are the steps that it waits for without being given data
    by them, ``after`` those of them that the file names. ``given`` are the parameters it gives, ``parameters`` all that
    its notebook declares.
    """

    name: str
    notebook: str
    line: int
    column: int
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    given: Mapping[str, Any]
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Sketch:
    """The steps in the order of the file, and the faults by their place; ``readable`` is false for no YAML at all."""

    steps: tuple[SketchStep, ...]
    faults: tuple[SketchFault, ...]
    readable: bool = True


def sketch(text: str, path: str, name: str, read: Callable[[str], Notebook], known: Collection[str]) -> Sketch:
    """The sketch of ``text``, as that of the pipeline ``name``, whose file is at ``path``.

    ``read`` gives the notebook at a path, or raises a WorkbenchError; ``known`` are the datasets that exist already.
    """
    try:
        document = load_yaml(text, path)
    except SpecError as error:
        return Sketch((), (_placed(error),), readable=False)
    faults: list[SketchFault] = []
    pipeline: Pipeline | None = None
    try:
        pipeline = parse_pipeline(text, path, name)
    except WorkbenchError as error:
        faults.append(_placed(error))
    notebooks: dict[str, Notebook] = {}
    entries = dict(_entries(document))
    for step, entry in entries.items():
        if not entry["notebook"].endswith(".ipynb"):
            continue
        try:
            notebooks[step] = read(entry["notebook"])
        except WorkbenchError as error:
            key = ("notebook",) if isinstance(document.data["steps"][step], dict) else ()
            faults.append(_at(document, error, step, *key))
            continue
        faults += _misgiven(document, step, entry, notebooks[step])
    if pipeline is not None and len(notebooks) == len(pipeline.steps):
        try:
            build(pipeline, notebooks, known)
        except GraphError as error:
            faults.append(_about(document, error, entries))
    steps = tuple(_step(document, step, entry, notebooks.get(step), entries) for step, entry in entries.items())
    return Sketch(steps, tuple(sorted(faults, key=lambda fault: (fault.line, fault.column))))


def _entries(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The steps that have a notebook, each as a mapping of what can be understood of it."""
    data = document.data
    steps = data.get("steps") if isinstance(data, dict) else None
    for step, value in (steps if isinstance(steps, dict) else {}).items():
        entry = value if isinstance(value, dict) else {"notebook": value}
        if isinstance(entry.get("notebook"), str):
            yield step, entry


def _step(
    document: Document, name: str, entry: Mapping[str, Any], notebook: Notebook | None, names: Collection[str]
) -> SketchStep:
    line, column = document.keys["steps", name]
    given = entry.get("parameters")
    after = tuple(each for each in _texts(entry, "after") if each in names and each != name)
    sources = (each for each in recorded(entry.get("foreach")) if each in names and each != name)
    return SketchStep(
        name,
        entry["notebook"],
        line,
        column,
        _datasets(notebook.reads if notebook else (), _texts(entry, "reads")),
        _datasets(notebook.writes if notebook else (), _texts(entry, "writes")),
        tuple(dict.fromkeys((*after, *sources))),
        after,
        given if isinstance(given, dict) else {},
        notebook.parameters if notebook else (),
    )


def _misgiven(document: Document, step: str, entry: Mapping[str, Any], notebook: Notebook) -> Iterator[SketchFault]:
    """The parameters that a step gives and its notebook does not take, or not as they are."""
    given = entry.get("parameters")
    declared = {parameter.name: parameter for parameter in notebook.parameters}
    for name, value in (given if isinstance(given, dict) else {}).items():
        place = ("parameters", name)
        if name not in declared:
            cause = unknown(name, declared)
            error = ParameterError("WB-PAR-612", f"{notebook.path} takes no such parameter", cause=cause)
            yield _at(document, error, step, *place, key=True)
        elif not any(references(value)):
            try:
                coerce(declared[name], value)
            except ParameterError as refused:
                yield _at(document, refused, step, *place)


def _datasets(found: Sequence[Any], declared: Sequence[str]) -> tuple[str, ...]:
    literal = [reference.dataset for reference in found if not reference.computed]
    return tuple(dict.fromkeys([*literal, *declared]))


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key)
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))


def _placed(error: WorkbenchError) -> SketchFault:
    """A fault of a file, whose text says its place."""
    found = _PLACED.search(error.what)
    return SketchFault(error, int(found[1]), int(found[2])) if found else SketchFault(error, 1, 1)


def _at(document: Document, error: WorkbenchError, step: str, *path: str, key: bool = False) -> SketchFault:
    _, line, column = document.place(("steps", step, *path), key=key).rsplit(":", 2)
    return SketchFault(error, int(line), int(column), step)


def _about(document: Document, error: GraphError, names: Collection[str]) -> SketchFault:
    """A fault of the graph, at the first step that it names."""
    step = next((found for found in _NAMED.findall(error.what) if found in names), "")
    if step:
        return _at(document, error, step, key=True)
    line, column = document.keys[("steps",)]
    return SketchFault(error, line, column)
