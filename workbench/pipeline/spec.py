"""``pipelines/*.yaml`` read strictly into a frozen ``Pipeline``; every fault is told with its line and column."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from workbench.documents import Document, Section, load_yaml
from workbench.model.errors import InvalidName, NotFound, SpecError, WorkbenchError, did_you_mean
from workbench.model.names import parse_dataset, parse_name
from workbench.model.notification import Notify
from workbench.model.pipeline import (
    MISSING,
    Fan,
    Parameter,
    ParameterType,
    Pipeline,
    ReportSpec,
    StepOptions,
    StepSpec,
)
from workbench.pipeline.annotations import GRAMMAR, Unsupported, parse_text
from workbench.pipeline.contract import name_fault
from workbench.pipeline.keys import DEFAULT_KEYS, PARAMETER_KEYS, PIPELINE_KEYS, REPORT_KEYS, STEP_KEYS, names
from workbench.pipeline.options import read_options
from workbench.pipeline.partitions import read_partitions
from workbench.pipeline.scope import check_references
from workbench.pipeline.substitution import whole_reference
from workbench.pipeline.triggers import with_triggers
from workbench.pipeline.values import Refused, accept, infer

FOLDER = "pipelines"


def pipeline_names(root: Path) -> tuple[str, ...]:
    """The names of the project's pipelines, sorted."""
    return tuple(sorted(path.stem for path in (root / FOLDER).glob("*.yaml") if path.is_file()))


def load_pipeline(root: Path, name: str) -> Pipeline:
    """The pipeline called ``name``. Raises InvalidName, NotFound (WB-PIP-601), SpecError (WB-CFG-62x, WB-CFG-63x)."""
    try:
        parse_name(name, "pipeline")
    except InvalidName as error:
        error.next = error.next or _meant(root, name)
        raise
    path = f"{FOLDER}/{name}.yaml"
    try:
        content = (root / path).read_bytes()
    except FileNotFoundError:
        known = pipeline_names(root)
        meant = did_you_mean(name, known)
        raise NotFound(
            "WB-PIP-601",
            f'there is no pipeline "{name}"',
            cause=(f"known: {', '.join(known)}." if known else f"{FOLDER}/ holds none.") + meant,
            next="correct the name" if meant else f"write {path}",
        ) from None
    except OSError as error:
        raise SpecError(
            "WB-CFG-620",
            f"{path}:1:1: cannot be read",
            cause=error.strerror or str(error),
            next="check its permissions",
        ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SpecError("WB-CFG-620", f"{path}:{line}:1: not valid YAML", cause="it is not text in UTF-8") from None
    return parse_pipeline(text, path, name)


def notify_of(root: Path, name: str) -> Notify | None:
    """What the file of a pipeline says of messages, nothing where it is wrong; None when there is no such file."""
    if name not in pipeline_names(root):
        return None
    try:
        return load_pipeline(root, name).notify or Notify()
    except WorkbenchError:
        return Notify()


def _meant(root: Path, name: str) -> str:
    """The mend for a file that was named in place of its pipeline, or that no pipeline can be called like."""
    stem = Path(name.replace("\0", "")).stem
    if stem not in pipeline_names(root):
        return ""
    return f"rename {FOLDER}/{name}.yaml" if stem == name else f'leave the folder and the ending away: "{stem}"'


def single(root: Path, notebook: Path | str) -> Pipeline:
    """The pipeline of one step that ``wb run NOTEBOOK`` runs; it takes the parameters of the notebook itself.

    The path may be relative to the project or to the current folder, or absolute. Raises NotFound (WB-NB-600), with the
    notebook that was meant; what else is wrong with the file is told when it is read.
    """
    path = _inside(root, Path(notebook))
    if _absent(root, path):
        known = [file.relative_to(root).as_posix() for file in sorted((root / path).parent.glob("*.ipynb"))]
        meant = did_you_mean(path, known).strip()
        raise NotFound("WB-NB-600", f"{path}: there is no such notebook", cause=meant, next="check the path")
    stem = re.sub(r"[^a-z0-9_]+", "_", path.rpartition("/")[2].removesuffix(".ipynb").lower()).strip("_")
    name = (stem if stem[:1].isalpha() else f"notebook_{stem}".rstrip("_"))[:63]
    return Pipeline(name, path, (StepSpec(name, path),))


def _inside(root: Path, path: Path) -> str:
    """``path`` relative to the project where it lies in it, else as it is, for ``read_notebook`` to refuse."""
    for place in (root / path, Path.cwd() / path):
        absolute = Path(os.path.normpath(place))
        if absolute.is_file() and absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
    return path.as_posix()


def _absent(root: Path, path: str) -> bool:
    """Whether ``path`` names a place in the project at which nothing is."""
    inside = "\0" not in path and Path(os.path.normpath(root / path)).is_relative_to(root)
    return inside and not os.path.lexists(root / path)


def is_single(pipeline: Pipeline) -> bool:
    """Whether ``pipeline`` was made by ``single``."""
    return pipeline.path.endswith(".ipynb")


def parse_pipeline(text: str, path: str, name: str) -> Pipeline:
    """The pipeline that ``text`` describes; ``name`` is what its file is called. Raises SpecError."""
    document = load_yaml(text, path)
    if document.data is None:
        raise document.error("WB-CFG-626", "the file is empty", next='begin with "name:" and "steps:"')
    top = document.section((), names(PIPELINE_KEYS))
    if top.text("name") != name:
        raise top.error(
            "WB-CFG-627",
            f'the pipeline is called "{top["name"]}" but its file "{name}.yaml"',
            "name",
            next="give both the same name",
        )
    defaults = read_options(top.section("defaults", names(DEFAULT_KEYS)), StepOptions())
    declared = tuple(_parameter(top.section("parameters"), key) for key in top.section("parameters"))
    partitions, parameters = read_partitions(top, declared)
    steps = top.section("steps") if top.require("steps") is not None else {}
    if not isinstance(steps, Section) or not steps:
        raise top.error("WB-CFG-626", '"steps" holds no step', "steps", key=True)
    pipeline = Pipeline(
        name,
        path,
        tuple(_step(steps, key, defaults) for key in steps),
        parameters,
        top.text("description", ""),
        partitions,
        top.duration("timeout", None),
        top.whole("concurrency", 0, minimum=1) if "concurrency" in top else None,
    )
    _check_after(pipeline, document)
    check_references(pipeline, document)
    return with_triggers(pipeline, top)


def _named(section: Section, key: str, word: str) -> str:
    try:
        return parse_name(key, word)
    except InvalidName as error:
        raise section.error("WB-CFG-628", error.what, key, key=True, cause=error.cause) from None


def _parameter(section: Section, name: str) -> Parameter:
    if fault := name_fault(name):
        raise section.error("WB-CFG-628", f"{name!a} cannot be a parameter", name, key=True, cause=fault)
    value = section[name]
    if not isinstance(value, dict):
        return Parameter(name, *_typed(section, None, value, (name,)))
    entry = section.section(name, names(PARAMETER_KEYS))
    if "type" not in entry and "default" not in entry:
        raise entry.error("WB-CFG-626", f'parameter "{name}" needs a type or a default')
    kind = _type(entry) if "type" in entry else None
    default = entry.get("default", MISSING)
    return Parameter(name, *_typed(entry, kind, default, ("default",)), entry.text("help", ""))


def _type(entry: Section) -> ParameterType:
    try:
        return parse_text(entry.text("type"))
    except Unsupported as error:
        raise entry.error("WB-CFG-625", str(error), "type", next=f"use one of: {GRAMMAR}") from None


def _typed(
    section: Section, kind: ParameterType | None, default: Any, path: tuple[str, ...]
) -> tuple[ParameterType, Any]:
    try:
        kind = kind or infer(default)
        return kind, default if default is MISSING else accept(kind, default)
    except Refused as error:
        raise section.error("WB-CFG-625", "the default does not fit the type", *path, cause=str(error)) from None


def _step(steps: Section, name: str, defaults: StepOptions) -> StepSpec:
    _named(steps, name, "step")
    if isinstance(steps[name], str):
        return StepSpec(name, _notebook(steps, name), options=defaults)
    entry = steps.section(name, names(STEP_KEYS))
    return StepSpec(
        name,
        _notebook(entry, "notebook"),
        parameters=dict(entry.section("parameters").data),
        reads=_datasets(entry, "reads"),
        writes=_datasets(entry, "writes"),
        after=entry.texts("after"),
        tags=entry.texts("tags"),
        options=read_options(entry, defaults),
        report=_report(entry),
        fan=_fan(entry),
    )


def _fan(entry: Section) -> Fan | None:
    most = entry.whole("max_parallel", 0, minimum=1) if "max_parallel" in entry else None
    if "foreach" not in entry:
        if most is not None:
            cause = "only a step that fans out has instances"
            raise entry.error("WB-CFG-626", '"max_parallel" needs "foreach"', "max_parallel", key=True, cause=cause)
        return None
    over = entry.section("foreach")
    if not over:
        raise entry.error("WB-CFG-626", '"foreach" names no parameter', "foreach", key=True)
    for name, value in over.items():
        if fault := name_fault(name):
            raise over.error("WB-CFG-628", f"{name!a} cannot be a parameter", name, key=True, cause=fault)
        if not isinstance(value, list) and not (isinstance(value, str) and whole_reference(value)):
            raise over.wrong(name, "a list, or a reference to one: ${parameter} or ${step.recorded}")
        if name in entry.section("parameters"):
            raise over.error("WB-CFG-621", f'"{name}" is given by "parameters" too', name, key=True)
    return Fan(dict(over.data), most)


def _notebook(section: Section, key: str) -> str:
    path = section.text(key)
    if not path.endswith(".ipynb"):
        raise section.wrong(key, "the path of a notebook, such as notebooks/clean.ipynb")
    return path


def _datasets(section: Section, key: str) -> tuple[str, ...]:
    names = section.texts(key)
    for index, name in enumerate(names):
        try:
            parse_dataset(name)
        except InvalidName as error:
            raise section.error("WB-CFG-628", error.what, key, index, cause=error.cause) from None
    return tuple(dict.fromkeys(names))


def _report(entry: Section) -> ReportSpec | None:
    value = entry.get("report")
    if value is None or isinstance(value, bool):
        return ReportSpec() if value else None
    section = entry.section("report", names(REPORT_KEYS))
    return ReportSpec(section.text("title", ""), section.flag("hide_code", True), section.flag("toc", True))


def _check_after(pipeline: Pipeline, document: Document) -> None:
    names = [step.name for step in pipeline.steps]
    for step in pipeline.steps:
        for index, name in enumerate(step.after):
            if name not in names or name == step.name:
                cause = "a step cannot wait for itself" if name == step.name else f"steps: {', '.join(names)}."
                hint = "" if name == step.name else did_you_mean(name, names)
                raise document.error(
                    "WB-CFG-629",
                    f'step "{step.name}" waits for "{name}", which is no other step',
                    ("steps", step.name, "after", index),
                    cause=cause + hint,
                )
