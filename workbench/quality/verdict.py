"""From what was measured for a check to whether it holds, in words that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from workbench.model.errors import did_you_mean
from workbench.model.frozen import dataclass
from workbench.model.quality import Check
from workbench.quality.checks import shown_age

LOGICAL: dict[str, frozenset[str]] = {
    "string": frozenset({"text", "other"}),
    "integer": frozenset({"integer"}),
    "number": frozenset({"integer", "float", "decimal"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "timestamp": frozenset({"timestamp", "timestamptz"}),
    "time": frozenset({"time"}),
    "array": frozenset({"list"}),
    "object": frozenset({"struct"}),
}
"""ODCS logical type → the families of columns that keep its promise."""

HOLDS: dict[str, Callable[[float, Any], bool]] = {
    "mustBe": lambda measured, value: measured == value,
    "mustNotBe": lambda measured, value: measured != value,
    "mustBeGreaterThan": lambda measured, value: measured > value,
    "mustBeGreaterOrEqualTo": lambda measured, value: measured >= value,
    "mustBeLessThan": lambda measured, value: measured < value,
    "mustBeLessOrEqualTo": lambda measured, value: measured <= value,
    "mustBeBetween": lambda measured, value: value[0] <= measured <= value[1],
    "mustNotBeBetween": lambda measured, value: not value[0] <= measured <= value[1],
}


@dataclass(frozen=True)
class Verdict:
    """Whether a check holds, what was seen, and how many rows break it."""

    holds: bool
    observed: str
    failing: int = 0


def judge(check: Check, value: Any, rows: int, now: datetime) -> Verdict:
    """The verdict on a check; ``value`` is a count of failing rows unless its kind has an own measure."""
    match check.kind:
        case "row_count":
            return _row_count(check, rows)
        case "fresh":
            return _fresh(check, value, now)
        case "schema":
            return _schema(check, value)
        case "unique":
            return _unique(check, value, rows)
    return Verdict(_within(check, value, rows), f"{value:,} of {rows:,} rows", value)


def _within(check: Check, failing: int, rows: int) -> bool:
    """Whether so many failing rows are allowed; none are, unless the check says otherwise."""
    must = check.arguments.get("must")
    if not must:
        return failing == 0
    percent = must.get("unit") == "percent"
    measured = (100 * failing / rows if rows else 0.0) if percent else failing
    return HOLDS[must["operator"]](measured, must["value"])


def _row_count(check: Check, rows: int) -> Verdict:
    low, high = check.arguments.get("min"), check.arguments.get("max")
    must = check.arguments.get("must")
    holds = (low is None or rows >= low) and (high is None or rows <= high)
    return Verdict(holds and (not must or HOLDS[must["operator"]](rows, must["value"])), f"{rows:,} rows")


def _unique(check: Check, value: Mapping[str, int], rows: int) -> Verdict:
    """Failing are all rows that share their key; a condition counts those beyond the first of each key."""
    shared, keys = value["rows"], value["keys"]
    observed = f"{shared:,} rows share {keys:,} key{'s' * (keys != 1)}" if shared else "no duplicates"
    return Verdict(_within(check, shared - keys, rows), observed, shared)


def _fresh(check: Check, newest: int | None, now: datetime) -> Verdict:
    if newest is None:
        return Verdict(False, "no value")
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=newest)
    at = moment.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")
    age = ((now if now.tzinfo else now.replace(tzinfo=UTC)) - moment).total_seconds()
    told = f"{shown_age(age)} old" if age >= 0 else f"{shown_age(-age)} ahead"
    return Verdict(age <= check.arguments["max_age"], f"newest {at}, {told}")


def _schema(check: Check, families: Mapping[str, str]) -> Verdict:
    faults = []
    for name, logical in check.arguments["columns"].items():
        if name not in families:
            faults.append(f'no column "{name}"' + did_you_mean(name, families))
        elif logical and families[name] not in LOGICAL[logical]:
            faults.append(f'"{name}" is {families[name]}, not {logical}')
    return Verdict(not faults, "; ".join(faults) or "all there")
