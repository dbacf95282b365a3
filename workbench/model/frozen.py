"""Frozen dataclasses whose ``__init__`` is compiled when the first is made: most of those a command knows never are.

The standard decorator compiles six functions for every class, which took a tenth of a short command's time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # checkers know it well
else:

    def dataclass(*, frozen: bool) -> Callable[[type], type]:
        """``dataclasses.dataclass(frozen=True)`` for classes without slots, keyword-only fields and __post_init__."""
        assert frozen, "the standard decorator makes those that are not frozen"
        return _made


def _made(cls: type) -> type:
    cls.__doc__ = cls.__doc__ or cls.__name__  # or the standard decorator writes a signature, which takes long
    dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    compared = [field.name for field in dataclasses.fields(cls) if field.compare]
    values = attrgetter(*compared) if compared else lambda noun: ()

    def init(self: Any, *given: Any, **named: Any) -> None:
        whole: Any = _initializer(cls)
        cls.__init__ = whole  # type: ignore[misc]
        whole(self, *given, **named)

    def equal(self: Any, other: object) -> bool:
        return bool(values(self) == values(other)) if other.__class__ is self.__class__ else NotImplemented

    own = dict(cls.__dict__)
    methods: dict[str, Callable[..., Any]] = {
        "__init__": init,
        "__eq__": equal,
        "__hash__": lambda self: hash(values(self)),
        "__repr__": _shown,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
    }
    for name, method in methods.items():
        if own.get(name) is None:  # a class with an __eq__ of its own has None for a hash
            setattr(cls, name, method)
    return cls


@recursive_repr()
def _shown(self: Any) -> str:
    told = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(told)})"


def _refuse(self: Any, name: str, *value: Any) -> None:
    raise FrozenInstanceError(f"cannot {'assign to' if value else 'delete'} field {name!r}")


def _initializer(cls: type) -> Callable[..., None]:
    """A function like the standard ``__init__`` of a frozen dataclass."""
    known: dict[str, Any] = {"set_": object.__setattr__, "missing_": MISSING}
    parameters, lines = ["self"], ["pass"]
    for field in dataclasses.fields(cls):
        name = value = field.name
        default = f"default_{name}_"
        if field.default_factory is not MISSING:
            known[default] = field.default_factory
            parameters.append(f"{name}=missing_")
            value = f"{default}() if {name} is missing_ else {name}"
        elif field.default is not MISSING:
            known[default] = field.default
            parameters.append(f"{name}={default}")
        else:
            parameters.append(name)
        lines.append(f"set_(self, {name!r}, {value})")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines), known)
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made
