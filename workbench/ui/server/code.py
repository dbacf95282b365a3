"""What the API answers while cells are written: names that fit, and who names the columns that they make."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.model.dataset import Snapshot
from workbench.model.errors import UsageError, WorkbenchError
from workbench.model.frozen import dataclass
from workbench.model.pipeline import Notebook, Pipeline, StepSpec
from workbench.pipeline import completing, spec, uses
from workbench.pipeline.notebook import read_notebook
from workbench.project import Project
from workbench.store.transaction import Transaction
from workbench.ui import notebook_shapes
from workbench.ui.server.notebooks import opened
from workbench.ui.server.values import Code, Count, NotebookPath

MOST = 50
"""Suggestions in one answer."""


@dataclass(frozen=True)
class CompletionRequest:
    """The source of a cell and where the cursor stands in it, in characters (code points)."""

    source: Code
    offset: Count


def completion(project: Project, body: CompletionRequest) -> notebook_shapes.Completion:
    """Names of datasets and columns that fit where the cursor stands: in ``wb.read("``, in SQL; elsewhere none."""
    if body.offset > len(body.source):
        raise UsageError("WB-WEB-804", f"the offset lies behind the {len(body.source)} characters of the source")
    wanted = completing.wanted(body.source, body.offset)
    with project.store.reading() as transaction:
        if wanted.kind == "dataset":
            found = _datasets(transaction, wanted.prefix)
        elif wanted.kind == "column":
            found = _columns(transaction, wanted.datasets, wanted.prefix)
        else:
            found = iter(())
        told = [one for _, one in zip(range(MOST), found, strict=False)]
    return {"kind": wanted.kind, "start": wanted.start, "end": body.offset, "suggestions": told}


def notes(project: Project, path: NotebookPath) -> notebook_shapes.ColumnNotes:
    """Beside each line that makes a column of a dataset that the notebook writes: steps and reports that name it."""
    read = opened(project, path)
    written = dict.fromkeys(one.dataset for one in read.writes if one.dataset)
    with project.store.reading() as transaction:
        columns = {name: _names(_newest(transaction, name)) for name in written}
    readers = list(_readers(project, set(written)))
    told: list[notebook_shapes.ColumnNote] = []
    for made in uses.made(read):
        for dataset in (name for name, known in columns.items() if made.column in known):
            naming = [
                (pipeline, step)
                for pipeline, step, other in readers
                if other.path != path and uses.names_column(other, dataset, made.column)
            ]
            if naming:
                told.append(
                    {
                        "cell": made.cell,
                        "line": made.line,
                        "column": made.column,
                        "dataset": dataset,
                        "steps": [f"{pipeline.name}.{step.name}" for pipeline, step in naming if not step.report],
                        "reports": [f"{pipeline.name}.{step.name}" for pipeline, step in naming if step.report],
                    }
                )
    return {"notes": told}


def _readers(project: Project, datasets: set[str]) -> Iterator[tuple[Pipeline, StepSpec, Notebook]]:
    """The steps of the project that read one of some datasets; what is wrong is passed over."""
    for name in spec.pipeline_names(project.root) if datasets else ():
        try:
            pipeline = spec.load_pipeline(project.root, name)
        except WorkbenchError:
            continue
        for step in pipeline.steps:
            try:
                read = read_notebook(project.root, step.notebook)
            except WorkbenchError:
                continue
            if any(one.dataset in datasets for one in read.reads):
                yield pipeline, step, read


def _datasets(transaction: Transaction, prefix: str) -> Iterator[notebook_shapes.Suggestion]:
    """Datasets that begin so, then those of which a part does."""
    names = transaction.datasets.names()
    text = prefix.lower()
    first = [name for name in names if name.startswith(text)]
    rest = [name for name in names if name not in first and text in name]
    for name in (*first, *rest):
        newest = transaction.datasets.newest(name)
        size = transaction.datasets.sizes([newest] if newest else []).get(newest or 0)
        yield {"text": name, "detail": f"version {size[0]}, {size[1]:,} rows" if size else "no data yet"}


def _columns(transaction: Transaction, datasets: tuple[str, ...], prefix: str) -> Iterator[notebook_shapes.Suggestion]:
    seen = set()
    for name in datasets:
        snapshot = _newest(transaction, name)
        for column in snapshot.schema.columns if snapshot else ():
            if column.name.lower().startswith(prefix.lower()) and column.name not in seen:
                seen.add(column.name)
                yield {"text": column.name, "detail": f"{column.type}, {name}"}


def _newest(transaction: Transaction, name: str) -> Snapshot | None:
    newest = transaction.datasets.newest(name)
    return None if newest is None else transaction.datasets.snapshot(newest)


def _names(snapshot: Snapshot | None) -> frozenset[str]:
    return frozenset(snapshot.schema.names) if snapshot else frozenset()
