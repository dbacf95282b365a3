"""Instances: what a step becomes that fans out, or that is planned for several partitions at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from workbench.model.errors import GraphError, ParameterError
from workbench.model.pipeline import Notebook, StepSpec
from workbench.pipeline.parameters import coerce, refusal, unknown
from workbench.pipeline.substitution import in_text, recorded, substitute
from workbench.pipeline.values import show

LONGEST_LABEL = 60
_UNSAFE = re.compile(r"[^\w.+:=@~ -]")
MOST = 10_000
"""Instances that one step may have, unless the project says otherwise."""


def instance_names(base: str, values: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """``delays[EWR,2]`` for each list of values; the names suit as names of folders and differ, whatever the case."""
    taken: set[str] = set()
    names: list[str] = []
    for row in values:
        name = f"{base}[{','.join(map(_label, row))}]"
        if name.casefold() in taken:
            name = f"{name[:-1]}~{_digest([*row, len(names)])}]"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def combinations(axes: Mapping[str, Sequence[Any]], base: str, most: int) -> Iterable[tuple[Any, ...]]:
    """All combinations of the values, the last axis running fastest. Raises GraphError (WB-PIP-642) for too many."""
    refuse_many(prod(len(values) for values in axes.values()), base, axes, most)
    return product(*axes.values())


def refuse_many(count: int, base: str, axes: Mapping[str, Sequence[Any]], most: int) -> None:
    """Raise GraphError (WB-PIP-642) for more instances than ``most``."""
    if count > most:
        times = " × ".join(f"{len(values):,} of {name}" for name, values in axes.items())
        raise GraphError(
            "WB-PIP-642",
            f"step {base} would become {count:,} steps",
            cause=f"{times}; at most {most:,} are",
            kept="Nothing was started.",
            next="take fewer values, or raise run.max_instances in workbench.toml",
        )


def fan_axes(
    base: str, over: Mapping[str, Any], values: Mapping[str, Any], notebook: Notebook
) -> dict[str, tuple[Any, ...]]:
    """The values of each key of ``foreach:``, typed by the notebook, each once.

    ``values`` hold what its references mean, recorded values as ``step.name``. Raises GraphError (WB-PIP-643) for what
    is no list, ParameterError (WB-PAR-612) for what the notebook does not take.
    """
    declared = {parameter.name: parameter for parameter in notebook.parameters}
    where = f"step {base} ({notebook.path})"
    found: dict[str, tuple[Any, ...]] = {}
    for name, written in over.items():
        if name not in declared:
            raise refusal(where, [unknown(name, declared)], notebook.parameters)
        items = substitute(written, values)
        if not isinstance(items, list | tuple):
            raise GraphError(
                "WB-PIP-643",
                f"step {base} cannot fan out over {name}",
                cause=f"{written} is {show(items)}, and a list is needed",
                next="give a list",
            )
        typed: dict[str, Any] = {}
        for item in items:
            try:
                accepted = coerce(declared[name], item)
            except ParameterError as error:
                raise refusal(where, [f"foreach: {error.what}: {error.cause}"], notebook.parameters) from None
            typed.setdefault(show(accepted), accepted)
        found[name] = tuple(typed.values())
    return found


def sources(step: StepSpec) -> dict[str, tuple[str, ...]]:
    """Step → what it records that ``step`` fans out over."""
    return recorded(step.fan.over) if step.fan else {}


def refuse_overwriting(step: StepSpec, notebook: Notebook, writes: Sequence[str], column: str) -> None:
    """Raise GraphError (WB-PIP-644) when each instance of a step would replace what the others wrote.

    ``column`` is a name that tells the instances apart.
    """
    for dataset in writes:
        places = [reference for reference in notebook.writes if reference.dataset == dataset]
        if places and all(reference.mode == "overwrite" for reference in places):
            place = f"{notebook.path}, cell {places[0].cell + 1}, line {places[0].line}"
            raise GraphError(
                "WB-PIP-644",
                f"the instances of step {step.name} would replace what each other wrote",
                cause=f"{dataset} is overwritten whole at {place}",
                kept="Nothing was started.",
                next=f'write with mode="partition", by="{column}", or with mode="append"',
            )


def _label(value: Any) -> str:
    """A value as it stands in a name: what no folder should be called is replaced, and told apart by a digest."""
    text = "none" if value is None else in_text(value)
    safe = _UNSAFE.sub("_", text).strip()[:LONGEST_LABEL]
    return safe if safe == text and safe else f"{safe}~{_digest([value])}"


def _digest(values: Sequence[Any]) -> str:
    return hashlib.sha256("\0".join(map(show, values)).encode(errors="surrogatepass")).hexdigest()[:6]
