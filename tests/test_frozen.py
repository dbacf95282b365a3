"""Our frozen dataclasses do what the standard ones do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from workbench.model import frozen
from workbench.model.dataset import Column


def made_by(decorator: Callable[[type], type]) -> tuple[type, type, type]:
    """Three classes: with defaults, with nothing, and a child of the first with a method of its own."""

    @decorator
    class Point:
        """A place."""

        x: int
        y: int = 0
        tags: list[str] = dataclasses.field(default_factory=list)
        note: str = dataclasses.field(default="", compare=False, repr=False)

    @decorator
    class Nothing:
        """Nothing."""

    @decorator
    class Named(Point):
        """A place with a name."""

        name: str = "here"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Named) and self.name == other.name

    return Point, Nothing, Named


OURS = made_by(frozen.dataclass(frozen=True))
THEIRS = made_by(dataclasses.dataclass(frozen=True))


def told(act: Callable[[], Any]) -> str:
    """What comes of it, or the kind of what is raised and what it says."""
    try:
        return repr(act())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


ACTS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "defaults": lambda point, nothing, named: (point(1), named(1, name="there"), nothing()),
    "by name": lambda point, nothing, named: point(y=2, x=1, tags=["a"]),
    "lists of their own": lambda point, nothing, named: point(1).tags is point(1).tags,
    "too few": lambda point, nothing, named: point(),
    "too many": lambda point, nothing, named: point(1, 2, [], "", 5),
    "unknown name": lambda point, nothing, named: point(1, z=2),
    "equal": lambda point, nothing, named: (point(1) == point(1, note="other"), nothing() == nothing()),
    "unequal": lambda point, nothing, named: (point(1) == point(2), point(1) == named(1), point(1) == 1),
    "equal in its own way": lambda point, nothing, named: named(1) == named(2),
    "hash": lambda point, nothing, named: hash(point(1, tags=())) == hash(point(1, tags=(), note="other")),
    "hash of a list": lambda point, nothing, named: hash(point(1)),
    "hash of nothing": lambda point, nothing, named: hash(nothing()) == hash(nothing()),
    "set": lambda point, nothing, named: setattr(point(1), "x", 2),
    "delete": lambda point, nothing, named: delattr(point(1), "x"),
    "replace": lambda point, nothing, named: dataclasses.replace(point(1), y=3),
    "as a dict": lambda point, nothing, named: dataclasses.asdict(named(1)),
    "copy": lambda point, nothing, named: copy.deepcopy(point(1, tags=["a"])),
    "names to match": lambda point, nothing, named: named.__match_args__,
    "in itself": lambda point, nothing, named: (lambda one: one.tags.append(one) or one)(point(1)),
}


@pytest.mark.parametrize("act", ACTS)
def test_the_same_comes_of_both(act: str) -> None:
    assert told(lambda: ACTS[act](*OURS)) == told(lambda: ACTS[act](*THEIRS))


def test_a_noun_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(Column("x", "long"))) == Column("x", "long")


def test_what_would_not_be_frozen_is_refused() -> None:
    with pytest.raises(AssertionError, match="standard decorator"):
        frozen.dataclass(frozen=False)
