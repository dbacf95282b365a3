"""What a route is: a method, a path, and a function whose signature says what it takes and what it gives."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, get_type_hints

from workbench.model.errors import UsageError
from workbench.model.frozen import dataclass
from workbench.ui.server import values, wide

Action = Literal["read", "write"]


@dataclass(frozen=True)
class Route:
    """One thing that can be asked: ``function(project, **values)`` answers it, in a thread.

    ``path`` names its values in braces. Every other argument of the function is a parameter of the query, but for
    ``body``, which is the JSON document sent along; its types are those of ``values``, its result is one of ``shapes``.
    """

    method: Literal["GET", "POST"]
    path: str
    function: Callable[..., Any]
    action: Action = "read"
    status: int = 200

    @cached_property
    def hints(self) -> Mapping[str, Any]:
        return get_type_hints(self.function, include_extras=True)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the values in the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @cached_property
    def query(self) -> Mapping[str, Any]:
        """Parameter of the query → its type."""
        given = {"project", "folder", "live", "host", "body", "return", *self.names}
        return {name: hint for name, hint in self.hints.items() if name not in given}

    @cached_property
    def required(self) -> frozenset[str]:
        """The parameters of the query that have to be there."""
        known = inspect.signature(self.function).parameters
        return frozenset(name for name in self.query if known[name].default is inspect.Parameter.empty)

    @property
    def wants_project(self) -> bool:
        """Whether it says anything of the project, rather than of the server."""
        return "project" in self.hints

    @property
    def wants_folder(self) -> bool:
        """Whether it needs the folder that the project is looked for in, where there may be none."""
        return "folder" in self.hints

    @property
    def wants_live(self) -> bool:
        """Whether it says anything of what is told as it happens."""
        return "live" in self.hints

    @property
    def wants_host(self) -> bool:
        """Whether it needs the Jupyter server around it."""
        return "host" in self.hints

    @property
    def body(self) -> type | None:
        return self.hints.get("body")

    @property
    def answer(self) -> Any:
        return self.hints["return"]

    @cached_property
    def widened(self) -> wide.Rewrite | None:
        """What writes the wide numbers of an answer as texts; ``None`` where it has none."""
        return wide.texts(self.answer)

    @property
    def about(self) -> str:
        return inspect.cleandoc(self.function.__doc__ or "")

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The values in a path, as texts; ``None`` when it is not this one's."""
        own = self.path.split("/")
        if len(own) != len(segments):
            return None
        pairs = list(zip(own, segments, strict=True))
        if any(part != given for part, given in pairs if not part.startswith("{")):
            return None
        return {part[1:-1]: given for part, given in pairs if part.startswith("{")}

    def arguments(self, path: Mapping[str, str], query: Mapping[str, Sequence[str]], document: Any) -> dict[str, Any]:
        """What to call the function with. Raises UsageError (WB-WEB-803 to 805), InvalidName."""
        found = {name: values.read(self.hints[name], name, text) for name, text in path.items()}
        for name, texts in query.items():
            if name not in self.query:
                raise values.unknown(name, self.query, "parameter")
            if len(texts) != 1:
                raise UsageError("WB-WEB-804", f"the parameter {name} is given {len(texts)} times")
            found[name] = values.read(self.query[name], name, texts[0])
        for name in self.required - found.keys():
            raise UsageError("WB-WEB-804", f"the parameter {name} is missing")
        if self.body is not None:
            found["body"] = values.body(self.body, document)
        elif document not in (None, {}):
            raise UsageError("WB-WEB-804", "nothing is to be sent along here", cause="this takes no document")
        return found
