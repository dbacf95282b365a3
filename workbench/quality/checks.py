"""The checks there are, as constructors; importing this loads nothing but the nouns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from workbench.model.errors import UsageError, did_you_mean
from workbench.model.quality import Check, Severity

OPERATORS: dict[str, str] = {
    "mustBe": "=",
    "mustNotBe": "≠",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": "≥",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "≤",
    "mustBeBetween": "between",
    "mustNotBeBetween": "not between",
}
"""The conditions that a count can be held to, by their ODCS names; both "between" include their ends."""


def not_null(column: str, *, severity: str = "error", name: str = "") -> Check:
    """No row is null in ``column``; a NaN counts as null. Raises UsageError (WB-CHK-702)."""
    return _check("not_null", column, {}, severity, name)


def not_missing(column: str, values: Iterable[Any], *, severity: str = "error", name: str = "") -> Check:
    """No row is null, or one of ``values`` that stand for "nothing" (``""``, ``"n/a"``). Raises UsageError."""
    return _check("not_missing", column, {"values": _values("not_missing", values)}, severity, name)


def unique(*columns: str, severity: str = "error", name: str = "") -> Check:
    """No two rows agree in all of ``columns``; rows with a null in one of them are not compared. Raises UsageError."""
    if not columns:
        raise _refuse("unique needs at least one column")
    for column in columns:
        _text("unique", column)
    if len(columns) == 1:
        return _check("unique", columns[0], {}, severity, name)
    return Check("unique", "", {"columns": list(columns)}, _severity(severity), name or f"unique({', '.join(columns)})")


def between(
    column: str,
    low: Any = None,
    high: Any = None,
    *,
    exclusive_low: bool = False,
    exclusive_high: bool = False,
    severity: str = "error",
    name: str = "",
) -> Check:
    """Every value lies from ``low`` to ``high``, both included unless told otherwise; ``None`` leaves an end open.

    Numbers, texts, dates, times and datetimes compare, each with a column of its kind. A null passes, a NaN fails.
    Raises UsageError.
    """
    if low is None and high is None:
        raise _refuse("between needs a lower or an upper bound")
    ends = {"min": _plain("between", low), "max": _plain("between", high)}
    _ordered("between", ends["min"], ends["max"])
    flags = {"exclusive_min": exclusive_low, "exclusive_max": exclusive_high}
    arguments = {key: value for key, value in ends.items() if value is not None}
    return _check("between", column, arguments | {key: True for key, on in flags.items() if on}, severity, name)


def one_of(column: str, values: Iterable[Any], *, severity: str = "error", name: str = "") -> Check:
    """Every value is one of ``values``; a null passes. Raises UsageError."""
    return _check("one_of", column, {"values": _values("one_of", values)}, severity, name)


def matches(column: str, pattern: str, *, severity: str = "error", name: str = "") -> Check:
    """Every text matches ``pattern`` (RE2 syntax) from its first to its last character; a null passes.

    Raises UsageError.
    """
    _text("matches", pattern, "a regular expression")
    return _check("matches", column, {"pattern": pattern}, severity, name)


def length(
    column: str, low: int | None = None, high: int | None = None, *, severity: str = "error", name: str = ""
) -> Check:
    """Every text has ``low`` to ``high`` characters; a null passes. Raises UsageError."""
    arguments = _limits("length", low, high)
    return _check("length", column, arguments, severity, name)


def multiple_of(column: str, step: Any, *, severity: str = "error", name: str = "") -> Check:
    """Every number is a whole multiple of ``step``; a null passes, a NaN fails. Raises UsageError."""
    if isinstance(step, bool) or not isinstance(step, int | float) or not math.isfinite(step) or step <= 0:
        raise _refuse("multiple_of needs a number above 0")
    return _check("multiple_of", column, {"step": step}, severity, name)


def row_count(low: int | None = None, high: int | None = None, *, severity: str = "error", name: str = "") -> Check:
    """There are ``low`` to ``high`` rows, both included. Raises UsageError."""
    return Check("row_count", "", _limits("row_count", low, high), _severity(severity), name or "row_count()")


def fresh(column: str, max_age: timedelta | float, *, severity: str = "error", name: str = "") -> Check:
    """The newest value of a date or time column is at most ``max_age`` (seconds, or a timedelta) old.

    Times without a zone are taken as UTC. No value at all fails. Raises UsageError.
    """
    seconds: Any = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
        raise _refuse("fresh needs a maximum age above 0, in seconds or as a timedelta")
    return _check("fresh", column, {"max_age": float(seconds)}, severity, name)


def schema(columns: Mapping[str, str], *, severity: str = "error", name: str = "") -> Check:
    """The dataset has these columns, each of its ODCS logical type (``""`` for any); further ones may be there."""
    return Check("schema", "", {"columns": dict(columns)}, _severity(severity), name or "schema()")


BUILTIN_CHECKS: dict[str, Callable[..., Check]] = {
    "not_null": not_null,
    "not_missing": not_missing,
    "unique": unique,
    "between": between,
    "one_of": one_of,
    "matches": matches,
    "length": length,
    "multiple_of": multiple_of,
    "row_count": row_count,
    "fresh": fresh,
    "schema": schema,
}
"""Kind → constructor; ``model.quality.Check.kind`` is a key of this."""


def columns_of(check: Check) -> tuple[str, ...]:
    """The columns a check looks at, none for a check on the whole dataset."""
    if check.column:
        return (check.column,)
    named = check.arguments.get("columns", ()) if check.kind == "unique" else ()
    return tuple(named)


def expectation(check: Check) -> str:
    """What a check demands, in words: ``"from 0 to 120"``, ``"no nulls"``."""
    given = check.arguments
    match check.kind:
        case "not_null":
            text = "no nulls"
        case "not_missing":
            text = "no nulls, none of " + _listed(given["values"])
        case "unique":
            text = "no duplicates"
        case "between":
            text = _span(given, "above" if given.get("exclusive_min") else "from", given.get("exclusive_max", False))
        case "one_of":
            text = "one of " + _listed(given["values"])
        case "matches":
            text = f"matches {given['pattern']}"
        case "length":
            text = "length " + _span(given, "from", False)
        case "multiple_of":
            text = f"a multiple of {given['step']:g}"
        case "row_count":
            text = _span(given, "from", False) + " rows" if "min" in given or "max" in given else "rows"
        case "fresh":
            text = f"at most {shown_age(given['max_age'])} old"
        case "schema":
            text = f"{len(given['columns'])} promised columns"
        case _:
            text = check.kind
    return _with_condition(check, text)


def shown_age(seconds: float) -> str:
    """A duration in its two largest units: ``"2 days 3 h"``, ``"45 min"``, ``"1.2 s"``."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} day{'s' * (days != 1)}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min"


def _with_condition(check: Check, text: str) -> str:
    must = check.arguments.get("must")
    if not must:
        return text
    value, unit = must["value"], " %" if must.get("unit") == "percent" else ""
    shown = " and ".join(f"{end:,}" for end in value) if isinstance(value, list) else f"{value:,}"
    what = "rows" if check.kind == "row_count" else f"rows that break “{text}”"
    return f"{what} {OPERATORS[must['operator']]} {shown}{unit}"


def _span(given: Mapping[str, Any], lower: str, exclusive_high: bool) -> str:
    low, high = given.get("min"), given.get("max")
    if low is None:
        return f"{'below' if exclusive_high else 'at most'} {_shown(high)}"
    if high is None:
        return f"{'above' if lower == 'above' else 'at least'} {_shown(low)}"
    if low == high:
        return f"exactly {_shown(low)}"
    return f"{lower} {_shown(low)} to {'below ' if exclusive_high else ''}{_shown(high)}"


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _listed(values: list[Any]) -> str:
    shown = ", ".join(repr(value) if isinstance(value, str) else str(value) for value in values[:8])
    return shown + (f" … ({len(values):,} values)" if len(values) > 8 else "")


def _check(kind: str, column: str, arguments: Mapping[str, Any], severity: str, name: str) -> Check:
    _text(kind, column)
    return Check(kind, column, dict(arguments), _severity(severity), name or f"{kind}({column})")


def _text(kind: str, value: Any, what: str = "the name of a column") -> None:
    if not isinstance(value, str) or not value:
        raise _refuse(f"{kind} needs {what}, not {value!r}")


def _severity(text: str) -> Severity:
    try:
        return Severity(text)
    except ValueError:
        known = [str(severity) for severity in Severity]
        raise _refuse(f'severity "{text}" is none of {", ".join(known)}.' + did_you_mean(str(text), known)) from None


def _values(kind: str, values: Iterable[Any]) -> list[Any]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise _refuse(f"{kind} needs a list of values, not {values!r}")
    plain = [_plain(kind, value) for value in values]
    if not [value for value in plain if value is not None]:
        raise _refuse(f"{kind} needs at least one value")
    return sorted(plain, key=repr) if isinstance(values, set | frozenset) else plain


def _limits(kind: str, low: Any, high: Any) -> dict[str, int]:
    if low is None and high is None:
        raise _refuse(f"{kind} needs a lower or an upper bound")
    limits = {"min": low, "max": high}
    for limit in limits.values():
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise _refuse(f"{kind} needs whole numbers from 0, not {limit!r}")
    _ordered(kind, low, high)
    return {key: limit for key, limit in limits.items() if limit is not None}


def _ordered(kind: str, low: Any, high: Any) -> None:
    numbers = isinstance(low, int | float) and isinstance(high, int | float)
    if (numbers or (isinstance(low, str) and isinstance(high, str))) and low > high:
        raise _refuse(f"{kind}: the lower bound {low} is above the upper bound {high}")


def _plain(kind: str, value: Any) -> Any:
    match value:
        case float() if math.isnan(value):
            raise _refuse(f"{kind} cannot compare with NaN")
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
    if hasattr(value, "item") and callable(value.item):
        return _plain(kind, value.item())
    raise _refuse(f"{kind} cannot compare with a {type(value).__name__}")


def _refuse(cause: str) -> UsageError:
    return UsageError("WB-CHK-702", "a check is not written right", cause=cause)
