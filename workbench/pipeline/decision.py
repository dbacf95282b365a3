"""Run, skip or decide later, and why, in a sentence a person understands; pure comparison of fingerprints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from workbench.model.frozen import dataclass
from workbench.model.names import short_id
from workbench.model.pipeline import Cell, Notebook
from workbench.model.plan import Action, Change, Fingerprint, Past, Reason

_SHOWN_CHANGES = 3
_SHOWN_CODE = 48


@dataclass(frozen=True)
class Situation:
    """All that decides about one step.

    ``fingerprint`` holds the inputs that are settled, by dataset → snapshot id; ``unsettled`` maps each input that a
    step before it may still change to that step.
    """

    notebook: Notebook
    fingerprint: Fingerprint
    past: Past | None
    writes: tuple[str, ...] = ()
    unsettled: Mapping[str, str] = field(default_factory=dict)
    force: bool = False


def decide(situation: Situation) -> tuple[Action, Reason]:
    """What to do with a step. The codes of the reason are ``forced``, ``first_run``, ``changed``, ``input_changed``,
    ``outputs_gone``, ``waits`` and ``unchanged``.
    """
    past = situation.past
    if situation.force:
        return Action.RUN, Reason("forced", "forced")
    if past is None:
        return Action.RUN, Reason("first_run", "first run")
    changes = _settled(situation, past.fingerprint)
    if changes:
        own = any(change.component != "inputs" for change in changes)
        return Action.RUN, Reason("changed" if own else "input_changed", explain(changes, situation.notebook), changes)
    if not past.outputs_live:
        return Action.RUN, Reason("outputs_gone", _gone(situation.writes))
    if situation.unsettled:
        return Action.DECIDE, Reason("waits", _waits(situation.unsettled))
    since = f" since run {short_id(past.run)}" if past.run else ""
    return Action.SKIP, Reason("unchanged", f"unchanged{since}")


def explain(changes: tuple[Change, ...], notebook: Notebook) -> str:
    """The changes as one line: ``code changed: cell 4 (`df = …`); parameter day: 2013-01-15 → 2013-01-16``."""
    cells = {cell.id: cell for cell in notebook.cells}
    parts = list(dict.fromkeys(_sentence(change, cells) for change in changes))
    text = "; ".join(parts[:_SHOWN_CHANGES])
    rest = len(parts) - _SHOWN_CHANGES
    return text if rest <= 0 else f"{text}; and {rest} more {'change' if rest == 1 else 'changes'}"


def _settled(situation: Situation, before: Fingerprint) -> tuple[Change, ...]:
    changes = situation.fingerprint.changes_since(before)
    return tuple(
        change
        for change in changes
        if not (change.component == "inputs" and change.subject in situation.unsettled and change.detail == "removed")
    )


def _sentence(change: Change, cells: Mapping[str, Cell]) -> str:
    subject, detail = change.subject, change.detail
    match change.component, detail:
        case "code", "removed":
            return "code changed: a cell was removed"
        case "code", "in another order":
            return "code changed: its cells are in another order"
        case "code", _:
            verb = "new" if detail == "added" else "changed"
            return f"code {verb}: {_cell(cells.get(subject))}"
        case "imports", "added":
            return f"module {subject} is now imported"
        case "imports", "removed":
            return f"module {subject} is no longer imported"
        case "inputs", "added":
            return f"input {subject} is now read"
        case "inputs", "removed":
            return f"input {subject} is no longer read"
        case "inputs", _:
            return f"input {subject} is new"
        case "docs", _:
            named = {"settings": "settings", "title": "title"}.get(subject, "text")
            return f"the {named} of the report changed"
        case "version", _:
            return "this release of Workbench compares steps in another way"
        case "parameters", "added" | "removed":
            return f"parameter {subject} was {detail}"
        case "environment", "added" | "removed":
            return f"library {subject} was {detail}"
        case "parameters", _:
            return f"parameter {subject}: {detail}"
        case "imports", _:
            return f"module {subject} {detail}"
    return f"{subject} {detail}"


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "a cell"
    lines = (line.strip() for line in cell.source.splitlines())
    line = next((line for line in lines if line and not line.startswith("#")), "")
    shown = line if len(line) <= _SHOWN_CODE else line[: _SHOWN_CODE - 1] + "…"
    return f"cell {cell.index + 1} (`{shown}`)" if shown else f"cell {cell.index + 1}"


def _gone(writes: tuple[str, ...]) -> str:
    if not writes:
        return "its report is gone"
    if len(writes) == 1:
        return f"its output {writes[0]} is gone or was replaced"
    return f"of its outputs {', '.join(writes)} some are gone or were replaced"


def _waits(unsettled: Mapping[str, str]) -> str:
    steps = ", ".join(dict.fromkeys(unsettled.values()))
    datasets = list(unsettled)
    verb = "changes" if len(datasets) == 1 else "change"
    return f"waits for {steps}; reruns only if {' or '.join(datasets)} {verb}"
