"""A step added to the text of a pipeline file, whose other lines and comments stay letter by letter as they are."""

from __future__ import annotations

import re

from workbench.documents import load_yaml
from workbench.model.errors import SpecError, WorkbenchError
from workbench.model.pipeline import Pipeline
from workbench.pipeline.spec import FOLDER, parse_pipeline

_KEY = re.compile(r"steps[ \t]*:[ \t]*(?P<rest>[^#]*?)[ \t]*(?:#.*)?")


def new_pipeline(name: str, step: str, notebook: str) -> str:
    """The text of a pipeline of one step."""
    return f"name: {name}\nsteps:\n  {step}: {_scalar(notebook)}\n"


def with_step(text: str, name: str, step: str, notebook: str) -> str:
    """``text`` of the pipeline called ``name`` with one step more, the last of them.

    Raises SpecError: what is wrong with the file as it is; WB-CFG-632 when there is no sure way to add it.
    """
    path = f"{FOLDER}/{name}.yaml"
    before = parse_pipeline(text, path, name)
    if any(one.name == step for one in before.steps):
        place = load_yaml(text, path).place(("steps", step), key=True)
        raise SpecError(
            "WB-CFG-632", f'{place}: there is a step "{step}" already', next="give the new one another name"
        )
    for made in (_in_block(text, step, notebook), _in_flow(text, step, notebook)):
        if made is not None and _adds(before, made, name, step, notebook):
            return made
    raise SpecError(
        "WB-CFG-632",
        f"{path}: cannot add a step to this file by itself",
        cause="its steps are written in a way that would have to be written anew",
        kept="The file is unchanged.",
        next=f"add this line below steps: {step}: {notebook}",
    )


def _adds(before: Pipeline, text: str, name: str, step: str, notebook: str) -> bool:
    """Whether a text is the same pipeline with that one step more."""
    try:
        after = parse_pipeline(text, before.path, name)
    except WorkbenchError:
        return False
    *rest, last = after.steps
    return tuple(rest) == before.steps and last.name == step and last.notebook == notebook


def _in_block(text: str, step: str, notebook: str) -> str | None:
    """For steps that stand one below the other."""
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if _opens_block(line)), None)
    if start is None:
        return None
    indent, end = "", start + 1
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[:1].isspace():
            break
        indent = indent or line[: len(line) - len(line.lstrip())]
        end = number + 1
    if not indent:
        return None
    ending = "\r" if lines[start].endswith("\r") else ""
    lines.insert(end, f"{indent}{step}: {_scalar(notebook)}{ending}")
    if end == len(lines) - 1:  # the file had no newline at its end
        lines.append("")
    return "\n".join(lines)


def _opens_block(line: str) -> bool:
    found = _KEY.fullmatch(line.rstrip("\r"))
    return found is not None and not found["rest"]


def _in_flow(text: str, step: str, notebook: str) -> str | None:
    """For steps in braces on one line."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = _KEY.fullmatch(line.rstrip("\r"))
        if found and found["rest"].startswith("{") and found["rest"].endswith("}"):
            close = line.index("}", found.start("rest") + len(found["rest"]) - 1)
            lines[number] = f"{line[:close].rstrip()}, {step}: {_scalar(notebook)}{line[close:]}"
            return "\n".join(lines)
    return None


def _scalar(path: str) -> str:
    """A path as YAML: in quotes where it could be read as something else."""
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]*", path):
        return path
    return "'" + path.replace("'", "''") + "'"
