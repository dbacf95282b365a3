"""What is done to the graph of a pipeline, as a change of the text of its file: the text stays the one source."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from workbench.documents import Path
from workbench.model.errors import Conflict, NotFound, UsageError, did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.names import parse_name
from workbench.pipeline.substitution import references
from workbench.pipeline.yaml_text import Rewriting

LONGEST_NAME = 63


class EditKind(StrEnum):
    """What an edit does: ``to`` is the notebook, the new name, the step waited for, or the parameter.

    ``add`` a step with a notebook, ``remove`` one, ``rename`` it, give it another ``notebook``, let it wait ``after``
    another, or be ``free`` of that, ``set`` one of its parameters, or ``unset`` it.
    """

    ADD = "add"
    REMOVE = "remove"
    RENAME = "rename"
    NOTEBOOK = "notebook"
    AFTER = "after"
    FREE = "free"
    SET = "set"
    UNSET = "unset"


@dataclass(frozen=True)
class Edited:
    """The new text, and what the step is called in it that the edit was about."""

    text: str
    step: str


def edit(text: str, path: str, kind: EditKind, step: str, to: str = "", value: Any = None) -> Edited:
    """``text``, which is that of the pipeline file at ``path``, after an edit of a step; see ``EditKind``.

    ``add`` makes up a name where ``step`` is empty. Raises SpecError (WB-CFG-62x) where the text cannot be read,
    NotFound (WB-PIP-650), Conflict (WB-PIP-652), UsageError (WB-PIP-651, 653), InvalidName.
    """
    made = _Editing(Rewriting(text, path), path)
    made.known(step if kind is not EditKind.ADD else "")
    match kind:
        case EditKind.ADD:
            step = made.add(step, to)
        case EditKind.REMOVE:
            made.remove(step)
        case EditKind.RENAME:
            made.rename(step, to)
            step = to
        case EditKind.NOTEBOOK:
            made.notebook(step, to)
        case EditKind.AFTER:
            made.after(step, to)
        case EditKind.FREE:
            made.free(step, to)
        case EditKind.SET:
            made.set(step, to, value)
        case EditKind.UNSET:
            made.unset(step, to)
    return Edited(made.text, step)


def step_name(notebook: str, taken: Collection[str]) -> str:
    """What a step with a notebook may be called where the names in ``taken`` are not free."""
    stem = re.sub(r"[^a-z0-9_]+", "_", notebook.rpartition("/")[2].removesuffix(".ipynb").lower()).strip("_")
    name = (stem if stem[:1].isalpha() else f"step_{stem}".rstrip("_"))[:LONGEST_NAME]
    number = 2
    found = name
    while found in taken:
        found = f"{name[: LONGEST_NAME - 5]}_{number}"
        number += 1
    return found


class _Editing:
    """The changes, on a text that is at hand."""

    def __init__(self, rewriting: Rewriting, path: str) -> None:
        self._of = rewriting
        self._path = path

    @property
    def text(self) -> str:
        return self._of.text

    @property
    def steps(self) -> Mapping[str, Any]:
        data = self._of.data
        steps = data.get("steps") if isinstance(data, dict) else None
        return steps if isinstance(steps, dict) else {}

    def known(self, step: str) -> None:
        """Raise NotFound (WB-PIP-650) when there is no such step."""
        if step and step not in self.steps:
            cause = f"steps: {', '.join(self.steps) or 'none'}." + did_you_mean(step, self.steps)
            what = f'{self._path} has no step "{step}"'
            raise NotFound("WB-PIP-650", what, cause=cause, kept="The text is as it was.")

    def add(self, step: str, notebook: str) -> str:
        _check_notebook(notebook)
        name = step or step_name(notebook, self.steps)
        self._free_name(name)
        if self._of.data is None:
            self._of.put(("name",), self._path.rpartition("/")[2].removesuffix(".yaml"))
        if isinstance(self._of.data, dict) and "steps" not in self._of.data:
            self._of.put(("steps",), None)
        self._of.put(("steps", name), notebook)
        return name

    def remove(self, step: str) -> None:
        with self._of.at_once():
            for other in self.steps:
                if other != step and step in self._waits(other):
                    self.free(other, step)
            self._of.drop(("steps", step))

    def rename(self, step: str, name: str) -> None:
        if name == step:
            return
        self._free_name(name)
        with self._of.at_once():
            for other in self.steps:
                self._rename_in(other, step, name)
            self._of.rename(("steps", step), name)

    def notebook(self, step: str, path: str) -> None:
        _check_notebook(path)
        short = isinstance(self.steps[step], str)
        self._of.put(("steps", step) if short else ("steps", step, "notebook"), path)

    def after(self, step: str, other: str) -> None:
        self.known(other)
        if not other or other == step:
            raise UsageError("WB-PIP-653", f'step "{step}" cannot wait for itself', kept="The text is as it was.")
        waits = self._waits(step)
        if other in waits:
            return
        place = ("steps", step, "after")
        if isinstance(self._entry(step).get("after"), list):
            self._of.put((*place, len(waits)), other)
        else:
            self._give(step, "after", [*waits, other])

    def free(self, step: str, other: str) -> None:
        waits = self._waits(step)
        if other not in waits:
            raise NotFound(
                "WB-PIP-650",
                f'step "{step}" does not name "{other}" in after:',
                cause="where data leads from one step to the other, their notebooks say so",
                kept="The text is as it was.",
            )
        place: Path = ("steps", step, "after")
        if len(set(waits)) == 1:
            self._of.drop(place)
            return
        if waits.count(other) > 1:
            self._of.put(place, [each for each in waits if each != other])
        else:
            self._of.drop((*place, waits.index(other)))

    def set(self, step: str, parameter: str, value: Any) -> None:
        given = self._entry(step).get("parameters")
        if isinstance(given, dict):
            self._of.put(("steps", step, "parameters", parameter), value)
        else:
            self._give(step, "parameters", {parameter: value})

    def unset(self, step: str, parameter: str) -> None:
        given = self._entry(step).get("parameters")
        if not isinstance(given, dict) or parameter not in given:
            what = f'step "{step}" gives no parameter "{parameter}"'
            raise NotFound("WB-PIP-650", what, kept="The text is as it was.")
        place: Path = ("steps", step, "parameters")
        self._of.drop(place if len(given) == 1 else (*place, parameter))

    # -- parts ---------------------------------------------------------------------------------------------------

    def _entry(self, step: str) -> Mapping[str, Any]:
        entry = self.steps[step]
        return entry if isinstance(entry, dict) else {}

    def _waits(self, step: str) -> list[Any]:
        waits = self._entry(step).get("after")
        return [waits] if isinstance(waits, str) else list(waits) if isinstance(waits, list) else []

    def _give(self, step: str, key: str, value: Any) -> None:
        """Set a key of a step, which may be no more than a notebook yet."""
        entry = self.steps[step]
        if isinstance(entry, str):
            self._of.put(("steps", step), {"notebook": entry, key: value})
        else:
            self._of.put(("steps", step, key), value)

    def _rename_in(self, step: str, old: str, new: str) -> None:
        """Let a step name another one by its new name: where it waits for it, and where it fans out over it."""
        entry = self._entry(step)
        place: Path = ("steps", step, "after")
        many = isinstance(entry.get("after"), list)
        for number, name in enumerate(self._waits(step)):
            if name == old:
                self._of.put((*place, number) if many else place, new)
        recorded = re.compile(rf"(?<!\$)\$\{{{re.escape(old)}\.")
        over = entry.get("foreach")
        for where in dict.fromkeys(at for name, at in references(over) if name.startswith(f"{old}.")):
            text: Any = over
            for key in where:
                text = text[key]
            self._of.put(("steps", step, "foreach", *where), recorded.sub(f"${{{new}.", text))

    def _free_name(self, name: str) -> None:
        parse_name(name, "step")
        if name in self.steps:
            raise Conflict("WB-PIP-652", f'{self._path} has a step "{name}" already', kept="The text is as it was.")


def _check_notebook(path: str) -> None:
    if not path.endswith(".ipynb"):
        raise UsageError(
            "WB-PIP-653",
            f"{ascii(path)[:200]} is no notebook",
            cause="a step has the path of one, such as notebooks/clean.ipynb",
            kept="The text is as it was.",
        )
