"""What a request may say: each value of a path, a query or a body has a type, and what is not of it is refused."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from workbench.model.errors import UsageError, did_you_mean
from workbench.model.names import parse_dataset, parse_name

MOST_PAGE = 200
"""Items in one answer."""
MOST_TEXT = 500
"""Characters of a text in a query."""
MOST_CODE = 100_000
"""Characters of a cell that is sent along."""
MOST_SOURCE = 1_000_000
"""Characters of the text of a file."""
MOST_GROUPS = 5000
"""Characters of the names of groups, all together."""
_NODE = re.compile(r"(?:(?:step|report):)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*(?:\[[^\x00-\x1f\x7f/]{1,400}\])?")
_STEP = re.compile(r"[a-z][a-z0-9_]{0,62}(\[[^\x00-\x1f\x7f/]{1,400}\])?")
_RUN = re.compile(r"[A-Za-z0-9_@~-]{1,160}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True, eq=False)
class Says:
    """How a value is read; ``schema`` is what JSON Schema says of it beside its type."""

    read: Callable[[str], Any]
    schema: Mapping[str, Any]


def _page(text: str, least: int, most: int) -> int:
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise UsageError("WB-WEB-804", f"{_shown(text)} is no number from {least} to {most}")
    return int(text)


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise UsageError("WB-WEB-804", f"{_shown(text)} is no {what}")
        return text

    return read


def _text(text: str, most: int = MOST_TEXT) -> str:
    if len(text) > most or "\x00" in text:
        raise UsageError("WB-WEB-804", f"a text has at most {most} characters, none of them NUL")
    return text


def _code(text: str) -> str:
    if len(text) > MOST_CODE or "\x00" in text:
        raise UsageError("WB-WEB-804", f"a cell has at most {MOST_CODE:,} characters here, none of them NUL")
    return text


def _notebook(text: str) -> str:
    """A path below the project; that no link leads out of it is seen to when it is read."""
    parts = _text(text).split("/")
    if not text.endswith(".ipynb") or any(part in ("", ".", "..") for part in parts) or "\\" in text or ":" in parts[0]:
        raise UsageError("WB-WEB-804", f"{_shown(text)} is no path of a notebook below the project")
    return text


def _source(text: str) -> str:
    if len(text) > MOST_SOURCE:
        raise UsageError("WB-WEB-804", f"a text has at most {MOST_SOURCE:,} characters")
    return text


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise UsageError("WB-WEB-804", f"{_shown(text)} is neither true nor false")
    return text == "true"


DatasetName = Annotated[str, Says(parse_dataset, {"pattern": r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"})]
PipelineName = Annotated[str, Says(lambda text: parse_name(text, "pipeline"), {"pattern": "^[a-z][a-z0-9_]*$"})]
EnvironmentName = Annotated[str, Says(lambda text: parse_name(text, "environment"), {"pattern": "^[a-z][a-z0-9_]*$"})]
RunName = Annotated[str, Says(_matching(_RUN, "run"), {"pattern": _RUN.pattern})]
StepName = Annotated[str, Says(_matching(_STEP, "step"), {"maxLength": 466})]
ReportId = Annotated[
    str, Says(_matching(re.compile("[A-Za-z0-9]{1,64}"), "report"), {"pattern": "^[A-Za-z0-9]{1,64}$"})
]
NotebookPath = Annotated[str, Says(_notebook, {"maxLength": MOST_TEXT, "pattern": r"\.ipynb$"})]
ColumnName = Annotated[str, Says(_text, {"maxLength": MOST_TEXT})]
Code = Annotated[str, Says(_code, {"maxLength": MOST_CODE})]
Digest = Annotated[str, Says(_matching(re.compile("[0-9a-f]{64}"), "digest"), {"pattern": "^[0-9a-f]{64}$"})]
Text = Annotated[str, Says(_text, {"maxLength": MOST_TEXT})]
Source = Annotated[str, Says(_source, {"maxLength": MOST_SOURCE})]
Groups = Annotated[str, Says(lambda text: _text(text, MOST_GROUPS), {"maxLength": MOST_GROUPS})]
NodeName = Annotated[str, Says(_matching(_NODE, "node of a graph"), {"pattern": f"^({_NODE.pattern})$"})]
Limit = Annotated[int, Says(lambda text: _page(text, 1, MOST_PAGE), {"minimum": 1, "maximum": MOST_PAGE})]
Offset = Annotated[int, Says(lambda text: _page(text, 0, 1_000_000), {"minimum": 0, "maximum": 1_000_000})]
Depth = Annotated[int, Says(lambda text: _page(text, 1, 50), {"minimum": 1, "maximum": 50})]
Count = Annotated[int, Says(lambda text: _page(text, 0, 999_999_999), {"minimum": 0, "maximum": 999_999_999})]
Flag = Annotated[bool, Says(_flag, {})]


def read(hint: Any, name: str, text: str) -> Any:
    """A value of a path or a query. Raises UsageError (WB-WEB-804), InvalidName."""
    hint = without_none(hint)
    if get_origin(hint) is Annotated:
        return next(each for each in get_args(hint)[1:] if isinstance(each, Says)).read(text)
    if isinstance(hint, type) and issubclass(hint, Enum):
        known = [str(each.value) for each in hint]
        if text not in known:
            cause = f"it is one of {', '.join(known)}." + did_you_mean(text, known)
            raise UsageError("WB-WEB-804", f"{name} cannot be {_shown(text)}", cause=cause)
        return hint(text)
    raise TypeError(f"{name}: nothing reads {hint}")


def without_none(hint: Any) -> Any:
    """``int`` for ``int | None``."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = [each for each in get_args(hint) if each is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return hint


def body(cls: type, given: Any) -> Any:
    """A value of the dataclass ``cls`` from a JSON document. Raises UsageError (WB-WEB-803, 804), InvalidName."""
    if not isinstance(given, dict):
        raise UsageError("WB-WEB-804", "the body is no JSON object")
    hints = get_type_hints(cls, include_extras=True)
    for name in given:
        if name not in hints:
            raise unknown(name, hints, "field")
    assert is_dataclass(cls)
    for field in fields(cls):
        if field.name not in given and field.default is MISSING and field.default_factory is MISSING:
            raise UsageError("WB-WEB-804", f'the field "{field.name}" is missing')
    return cls(**{name: _field(hints[name], name, value) for name, value in given.items()})


def unknown(name: str, known: Mapping[str, Any], what: str) -> UsageError:
    """A field or parameter that there is not."""
    told = f"known: {', '.join(known)}." if known else "none is known here."
    return UsageError("WB-WEB-803", f"there is no {what} {_shown(name)}", cause=told + did_you_mean(name, known))


def _field(hint: Any, name: str, value: Any) -> Any:
    inner = without_none(hint)
    if value is None and inner is not hint:
        return None
    if inner is Any:
        return value
    if isinstance(inner, type) and issubclass(inner, Enum):
        if not isinstance(value, str):
            raise UsageError("WB-WEB-804", f"{name} has to be a text")
        return read(inner, name, value)
    if get_origin(inner) is Annotated:
        kind = get_args(inner)[0]
        if type(value) is not kind:
            raise UsageError("WB-WEB-804", f"{name} has to be of type {kind.__name__}")
        return read(inner, name, str(value).lower() if kind is bool else str(value))
    if get_origin(inner) is tuple:
        if not isinstance(value, list) or len(value) > MOST_PAGE:
            raise UsageError("WB-WEB-804", f"{name} has to be a list of at most {MOST_PAGE}")
        return tuple(_field(get_args(inner)[0], name, item) for item in value)
    if get_origin(inner) in (dict, Mapping):
        if not isinstance(value, dict):
            raise UsageError("WB-WEB-804", f"{name} has to be an object")
        return value
    raise TypeError(f"{name}: nothing reads {hint}")


def _shown(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= 80 else shown[:77] + "..."
