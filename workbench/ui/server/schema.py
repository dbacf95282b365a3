"""From the types of answers to JSON Schema: a noun in its plain form, or a document as ``shapes`` has it."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from inspect import cleandoc
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from workbench.model import comparison
from workbench.model.dataset import Wide
from workbench.ui.server.values import Says

Json = dict[str, Any]
NAMES: dict[type, str] = {comparison.Change: "Difference"}
"""What a type is called here, where another one has its name."""
_PLAIN: dict[Any, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    date: {"type": "string"},
    datetime: {"type": "string"},
    Any: {},
    object: {},
}


class Schemas:
    """Gathers named types; ``of`` gives what refers to one, ``components`` are all that were asked for."""

    def __init__(self, prefix: str = "#/components/schemas/") -> None:
        self.components: dict[str, Json] = {}
        self._prefix = prefix
        self._owners: dict[str, type] = {}

    def of(self, hint: Any) -> Json:
        """The schema of values of a type. Raises TypeError for one that has no plain form."""
        if hint in _PLAIN:
            return dict(_PLAIN[hint])
        origin, inner = get_origin(hint), get_args(hint)
        if origin is Annotated and Wide in inner[1:]:
            return {"type": "string", "pattern": "^-?[0-9]+$"}
        if origin is Annotated:
            extra = next((dict(each.schema) for each in inner[1:] if isinstance(each, Says)), {})
            return {**self.of(inner[0]), **extra}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(each) for each in inner]}
        if origin is list or (origin is tuple and inner[-1] is Ellipsis):
            return {"type": "array", "items": self.of(inner[0])}
        if origin is tuple:
            parts = [self.of(each) for each in inner]
            return {"type": "array", "prefixItems": parts, "minItems": len(parts), "maxItems": len(parts)}
        if origin is not None and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if isinstance(hint, type):
            return self._named(hint)
        raise TypeError(f"{hint} has no plain form")

    def _named(self, cls: type) -> Json:
        name = NAMES.get(cls, cls.__name__)
        if name not in self._owners:
            self._owners[name] = cls
            self.components[name] = {}
            self.components[name] = self._described(cls)
        elif self._owners[name] is not cls:
            raise TypeError(f"{cls} and {self._owners[name]} bear the same name")
        return {"$ref": f"{self._prefix}{name}"}

    def _described(self, cls: type) -> Json:
        about = cleandoc(cls.__doc__ or "")
        if issubclass(cls, Enum):
            return {"type": "string", "enum": [each.value for each in cls], "description": about}
        hints = get_type_hints(cls, include_extras=True)
        if is_dataclass(cls):
            needed = [field.name for field in fields(cls)]
            hints = {name: hints[name] for name in needed}
        elif typing.is_typeddict(cls):
            needed = list(hints)
        else:
            raise TypeError(f"{cls} has no plain form")
        properties = {name: self.of(hint) for name, hint in hints.items()}
        return {
            "type": "object",
            "description": about,
            "properties": properties,
            "required": needed,
            "additionalProperties": False,
        }

    def of_body(self, cls: type) -> Json:
        """The schema of a document that a request sends: what has a default may be left out."""
        found = self._described(cls)
        assert is_dataclass(cls)
        optional = {
            field.name for field in fields(cls) if field.default is not MISSING or field.default_factory is not MISSING
        }
        needed = [name for name in found["required"] if name not in optional]
        self._owners[cls.__name__] = cls
        self.components[cls.__name__] = {**found, "required": needed}
        return {"$ref": f"{self._prefix}{cls.__name__}"}
