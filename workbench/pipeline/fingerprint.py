"""Fingerprints: the named components that decide whether a step has to run again.

Outputs, execution counts and metadata do not count, nor do comments, blank lines and layout of Python cells: a cell is
the digest of its syntax tree (of its text in another language) and of the tags that change how it is executed. Markdown
counts for reports only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.model.pipeline import Cell, Notebook, ReportSpec, StepSpec
from workbench.model.plan import Fingerprint
from workbench.pipeline.cells import parse
from workbench.pipeline.installed import kernel_environment
from workbench.pipeline.modules import Modules, local_modules
from workbench.pipeline.rendering import TAG as INJECTED
from workbench.pipeline.values import show

_BEHAVIOUR = ("parameters", "raises-exception", "skip-execution")


def fingerprint(
    step: StepSpec, notebook: Notebook, parameters: Mapping[str, Any], modules: Modules, environment: Mapping[str, str]
) -> Fingerprint:
    """The fingerprint of a step without its inputs; ``parameters`` are all values, defaults included."""
    return Fingerprint(
        code=_code(notebook),
        imports=modules.files,
        parameters={name: show(value) for name, value in parameters.items()},
        environment=environment,
        docs=_docs(step, notebook),
    )


def with_parameters(bare: Fingerprint, parameters: Mapping[str, Any], report: ReportSpec | None) -> Fingerprint:
    """A fingerprint that was made without parameters, with those of an instance and with the title of its report."""
    docs = {**bare.docs, "title": report.title} if report else bare.docs
    return replace(bare, parameters={name: show(value) for name, value in parameters.items()}, docs=docs)


def surroundings(root: Path, notebook: Notebook) -> tuple[Modules, Mapping[str, str]]:
    """The project's modules behind a notebook, and the environment that all of them together need."""
    modules = local_modules(root, notebook.path, notebook.imports)
    return modules, kernel_environment(notebook.kernel, notebook.language, modules.imported)


def _code(notebook: Notebook) -> dict[str, str]:
    found = {}
    for cell in notebook.cells:
        if cell.kind != "code" or INJECTED in cell.tags:
            continue
        tags = [tag for tag in _BEHAVIOUR if tag in cell.tags]
        if notebook.language == "python":
            parsed = parse(cell.source)
            empty, digest = parsed.empty, parsed.digest
        else:
            empty, digest = not cell.source, _digest(cell.source)
        if not empty or tags:
            found[cell.id] = "+".join([digest, *tags])
    return found


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
