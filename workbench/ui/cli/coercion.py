"""What people type, read without the library that typer would load for it: texts are texts.

typer reads every option through pydantic, whose import takes as long as planning a thousand steps. Most of ours are
texts, flags or left out; all else still goes the long way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

_TEXTS = (str, list[str])


def read_texts_at_once(command: Any, help_names: list[str]) -> None:
    """Let ``command``, made by typer, and those below it read texts by themselves; ``help_names`` ask for help."""
    try:
        from typer._coercion import RuntimeParam, build_runtime_param
    except ImportError:  # another typer, which may do well without
        return

    class Patient(RuntimeParam):
        """Reads nothing and texts; builds what typer would only for a value of another kind."""

        def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
            if self.annotation in _TEXTS or value is None:
                return super().coerce(value, param, ctx)
            return build_runtime_param(param.type_descriptor).coerce(value, param, ctx)

        def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
            return [str(item) for item in value] if param.multiple or param.nargs == -1 else str(value)

    for parameter in _parameters(command, typer.Context(command, help_option_names=help_names)):
        descriptor = getattr(parameter, "type_descriptor", None)
        if descriptor is not None and getattr(parameter, "_runtime_param", descriptor) is None:
            parameter._runtime_param = Patient(descriptor.parameter_info, descriptor.annotation)


def _parameters(command: Any, context: typer.Context) -> Iterator[Any]:
    yield from [*command.params, command.get_help_option(context)]
    for child in getattr(command, "commands", {}).values():
        yield from _parameters(child, context)
