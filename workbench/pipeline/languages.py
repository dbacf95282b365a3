"""Parameters of notebooks that are not in Python: found and written through papermill's translators.

Only what cannot become code in any of those languages is written: null, booleans, 64-bit integers, finite floats, and
ASCII texts without quotes, ``\\``, ``$``, ``` ` ``` and control characters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from workbench.model.errors import ParameterError
from workbench.model.pipeline import MISSING, Kind, Parameter, ParameterType

_LINE = re.compile(
    r"""\s*(?:val|var|let|const)?\s*\$?(?P<name>[A-Za-z]\w*)\s*(?:=|<-|:=)\s*
        (?P<value>"[^"\\$`]*"|'[^'\\$`]*'|[^\s"'#;]+)\s*;?\s*(?:(?:\#|//|%)\s*(?P<help>.*))?""",
    re.VERBOSE | re.ASCII,
)
_WORDS: dict[str, Any] = {
    "true": True, "false": False, "null": None, "nothing": None, "none": None, "nil": None,
}  # fmt: skip
_TYPES = {"int": Kind.INT, "float": Kind.FLOAT, "str": Kind.STR, "bool": Kind.BOOL}
_SAFE_TEXT = re.compile(r"[A-Za-z0-9 .,:;/_+@=#%()\[\]{}*<>?!&|~^-]*", re.ASCII)


def inspect(source: str, language: str, kernel: str) -> tuple[Parameter, ...]:
    """The parameters of a cell, as papermill's translator for the language sees them.

    Where it has no inspection, every line ``name = literal`` (or ``<-``) declares one; its comment is the help.
    Values that only running the cell could settle are no parameters. Raises ParameterError (WB-PAR-616) for a
    language without a translator.
    """
    try:
        found = _translator(language, kernel).inspect({"source": source})
    except NotImplementedError:
        lines = (_LINE.fullmatch(line) for line in source.splitlines())
        found = [(line["name"], "", line["value"], (line["help"] or "").strip()) for line in lines if line]
    return tuple(
        Parameter(name, _kind(named, default), default, shown)
        for name, named, written, shown in found
        if (default := _literal(str(written))) is not MISSING
    )


def write(values: Mapping[str, Any], language: str, kernel: str) -> str:
    """The injected cell. Raises ParameterError: WB-PAR-611 for a value that is not simple, WB-PAR-616 as above."""
    for name, value in values.items():
        _refuse_unsafe(name, value, language)
    try:
        return str(_translator(language, kernel).codify(dict(values), comment="Parameters"))
    except NotImplementedError as error:
        raise ParameterError("WB-PAR-611", f"a parameter cannot be written in {language}", cause=str(error)) from None


def _translator(language: str, kernel: str) -> Any:
    from papermill.exceptions import PapermillException
    from papermill.translators import papermill_translators

    for word in (language, language.lower(), language.upper()):
        try:
            return papermill_translators.find_translator(kernel, word)
        except PapermillException:
            continue
    raise ParameterError(
        "WB-PAR-616",
        f'parameters are not supported for the language "{language}"',
        next="remove the tag parameters from its cell, or write the step in Python or R",
    )


def _literal(text: str) -> Any:
    """A literal that most languages write alike; MISSING for any other expression."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for read in (int, float):
        try:
            return read(text.rstrip("L"))
        except ValueError:
            continue
    return MISSING


def _kind(named: str, default: Any) -> ParameterType:
    kind = _TYPES.get(named) or _TYPES.get(type(default).__name__)
    return ParameterType(kind or Kind.ANY, optional=kind is None or default is None)


def _refuse_unsafe(name: str, value: Any, language: str) -> None:
    match value:
        case None | bool() | int():
            return
        case float() if math.isfinite(value):
            return
        case str() if _SAFE_TEXT.fullmatch(value):
            return
    raise ParameterError(
        "WB-PAR-611",
        f'parameter "{name}" cannot be written safely in {language}',
        cause="only null, booleans, integers, finite floats and plain ASCII texts without quotes, \\, $ and ` can",
        next="pass a simpler value, or write the step in Python",
    )
