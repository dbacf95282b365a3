"""Fingerprints: the named components that decide whether a step has to run again.

Outputs, execution counts and metadata do not count, nor do comments, blank lines and layout of Python cells: a cell is
the digest of its syntax tree (of its text in another language) and of the tags that change how it is executed. Markdown
counts for reports only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from workbench.model.pipeline import Cell, Notebook, ReportSpec, StepSpec
from workbench.model.plan import Fingerprint
from workbench.pipeline.modules import Modules
from workbench.pipeline.rendering import TAG as INJECTED
from workbench.pipeline.values import show


def fingerprint(
    step: StepSpec, notebook: Notebook, parameters: Mapping[str, Any], modules: Modules, environment: Mapping[str, str]
) -> Fingerprint:
    """The fingerprint of a step without its inputs; ``parameters`` are all values, defaults included."""
    return Fingerprint(
        code=notebook.code,
        imports=modules.files,
        parameters={name: show(value) for name, value in parameters.items()},
        environment=environment,
        docs=_docs(step, notebook),
    )


def with_parameters(bare: Fingerprint, parameters: Mapping[str, Any], report: ReportSpec | None) -> Fingerprint:
    """A fingerprint that was made without parameters, with those of an instance and with the title of its report."""
    docs = {**bare.docs, "title": report.title} if report else bare.docs
    shown = {name: show(value) for name, value in parameters.items()}
    return Fingerprint(bare.code, bare.imports, shown, bare.inputs, bare.environment, docs, bare.version)


def _docs(step: StepSpec, notebook: Notebook) -> dict[str, str]:
    """What a report shows beside its outputs: text, settings, the order of all, and the code unless it is hidden."""
    if step.report is None:
        return {}
    shown = [cell for cell in notebook.cells if _is_shown(cell, step.report.hide_code)]
    found = {cell.id: _digest(cell.source) for cell in shown}
    found["title"] = step.report.title
    found["settings"] = f"hide_code={step.report.hide_code} toc={step.report.toc}"
    found["order"] = _digest(" ".join(cell.id for cell in notebook.cells if cell.source))
    return found


def _is_shown(cell: Cell, hide_code: bool) -> bool:
    return bool(cell.source) and INJECTED not in cell.tags and (cell.kind != "code" or not hide_code)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
