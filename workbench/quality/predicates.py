"""Each check on rows as an SQL expression that is true for the rows that break it, and never null."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from workbench.model.errors import did_you_mean
from workbench.model.quality import Check
from workbench.quality.relation import Relation, first_line, quoted

_FEW = 50
_NUMBERS = frozenset({"integer", "float", "decimal"})


class Unfit(Exception):
    """A check that cannot be evaluated on this data; the text says why."""


@dataclass
class Binder:
    """Values on their way into a query: each becomes a parameter, none becomes text of the query."""

    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        """The placeholder that stands for ``value``."""
        name = f"p{len(self.values)}_"
        self.values[name] = value
        return f"${name}"


def breaks(check: Check, relation: Relation, binder: Binder) -> str:
    """The expression that is true for the rows that break ``check``. Raises Unfit."""
    column = known(check.column, relation)
    return PREDICATES[check.kind](check.arguments, Target(column, relation), binder)


def known(column: str, relation: Relation) -> str:
    """``column``, which the data has. Raises Unfit with the nearest name otherwise."""
    if column not in relation.types:
        raise Unfit(f'there is no column "{column}".' + did_you_mean(column, relation.types))
    return column


@dataclass(frozen=True)
class Target:
    """The column that a predicate is about."""

    name: str
    relation: Relation

    @property
    def sql(self) -> str:
        return quoted(self.name)

    @property
    def type(self) -> str:
        return self.relation.types[self.name]

    @property
    def family(self) -> str:
        return self.relation.family(self.name)

    def value(self, value: Any, binder: Binder) -> str:
        """A value to compare the column with, of the column's own type. Raises Unfit when it is of another kind."""
        plain, cast = self._converted(value)
        return f"CAST({binder.bind(plain)} AS {cast})"

    def among(self, values: list[Any], binder: Binder) -> str:
        """Whether the column is one of ``values``.

        Many are joined with, as an IN list is searched from its start for every row. Raises Unfit.
        """
        if len(values) <= _FEW:
            return f"{self.sql} IN ({', '.join(self.value(value, binder) for value in values)})"
        converted = [self._converted(value) for value in values]
        casts = {cast for _, cast in converted}
        cast = casts.pop() if len(casts) == 1 else self.type
        return f"{self.sql} IN (SELECT unnest(CAST({binder.bind([plain for plain, _ in converted])} AS {cast}[])))"

    def _converted(self, value: Any) -> tuple[Any, str]:
        if self.family not in _VALUES:
            raise Unfit(f'column "{self.name}" is {self.type}, which does not compare with values')
        try:
            plain, cast = _VALUES[self.family](value)
        except (ValueError, TypeError, InvalidOperation):
            raise Unfit(f'{value!r} does not compare with column "{self.name}", which is {self.type}') from None
        return plain, cast or self.type


def _not_null(_: Mapping[str, Any], target: Target, __: Binder) -> str:
    missing = f"{target.sql} IS NULL"
    return f"({missing} OR isnan({target.sql}))" if target.family == "float" else missing


def _not_missing(given: Mapping[str, Any], target: Target, binder: Binder) -> str:
    missing = _not_null(given, target, binder)
    values = [value for value in given["values"] if value is not None]
    return f"({missing} OR coalesce({target.among(values, binder)}, false))" if values else missing


def _one_of(given: Mapping[str, Any], target: Target, binder: Binder) -> str:
    values = [value for value in given["values"] if value is not None]
    return f"coalesce(NOT ({target.among(values, binder)}), false)"


def _between(given: Mapping[str, Any], target: Target, binder: Binder) -> str:
    """In DuckDB's order NaN is above everything, so that a NaN would pass where the upper end is open."""
    if target.family == "boolean":
        raise Unfit(f'column "{target.name}" is BOOLEAN, which has no order')
    broken = [f"isnan({target.sql})"] if target.family == "float" else []
    for key, strict, loose in (("min", "<=", "<"), ("max", ">=", ">")):
        bound = given.get(key)
        if bound is None or (isinstance(bound, float) and math.isinf(bound) and (bound > 0) == (key == "max")):
            continue
        operator = strict if given.get(f"exclusive_{key}") else loose
        if target.family == "integer" and isinstance(bound, float) and not bound.is_integer():
            bound, operator = (math.ceil(bound), "<") if key == "min" else (math.floor(bound), ">")
        broken.append(f"{target.sql} {operator} {target.value(bound, binder)}")
    return f"coalesce({' OR '.join(broken)}, false)" if broken else "false"


def _matches(given: Mapping[str, Any], target: Target, binder: Binder) -> str:
    _text(target, "matches")
    pattern = binder.bind(given["pattern"])
    import duckdb

    try:
        target.relation.rows(f"SELECT regexp_full_match('', {pattern}) AS fine", binder.values)
    except duckdb.Error as error:
        raise Unfit(f"{given['pattern']} is not a regular expression of RE2: {first_line(error)}") from error
    return f"coalesce(NOT regexp_full_match({target.sql}, {pattern}), false)"


def _length(given: Mapping[str, Any], target: Target, binder: Binder) -> str:
    _text(target, "length")
    ends = (("min", "<"), ("max", ">"))
    broken = [f"length({target.sql}) {operator} {binder.bind(given[key])}" for key, operator in ends if key in given]
    return f"coalesce({' OR '.join(broken)}, false)"


def _multiple_of(given: Mapping[str, Any], target: Target, binder: Binder) -> str:
    """A tenth has no exact binary form, so that a float may miss a multiple by as much as its precision."""
    if target.family not in _NUMBERS:
        raise Unfit(f'column "{target.name}" is {target.type}, multiple_of is for numbers')
    step = binder.bind(given["step"])
    ratio = f"(CAST({target.sql} AS DOUBLE) / {step})"
    slack = "greatest(1, abs({})) * {}".format(ratio, "1e-6" if target.type == "FLOAT" else "1e-12")
    return f"coalesce(isnan({ratio}) OR isinf({ratio}) OR abs({ratio} - round({ratio})) > {slack}, false)"


PREDICATES: dict[str, Callable[[Mapping[str, Any], Target, Binder], str]] = {
    "not_null": _not_null,
    "not_missing": _not_missing,
    "one_of": _one_of,
    "between": _between,
    "matches": _matches,
    "length": _length,
    "multiple_of": _multiple_of,
}
"""The kinds of check that hold or break row by row."""


def _text(target: Target, kind: str) -> None:
    if target.family != "text":
        raise Unfit(f'column "{target.name}" is {target.type}, {kind} is for text')


def _integer(value: Any) -> tuple[Any, str]:
    number = Decimal(_decimal(value)[0])
    if number != number.to_integral_value():
        return _decimal(value)
    return int(number), "BIGINT" if abs(number) < 2**63 else "HUGEINT"


def _float(value: Any) -> tuple[Any, str]:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return float(value), ""


def _decimal(value: Any) -> tuple[Any, str]:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError
    scale = max(0, -int(number.as_tuple().exponent))
    return format(number, "f"), f"DECIMAL({max(scale + 1, number.adjusted() + 1 + scale)}, {scale})"


def _string(value: Any) -> tuple[Any, str]:
    if not isinstance(value, str):
        raise TypeError
    return value, ""


def _date(value: Any) -> tuple[Any, str]:
    return date.fromisoformat(value).isoformat(), ""


def _time(value: Any) -> tuple[Any, str]:
    return time.fromisoformat(value).isoformat(), ""


def _timestamp(value: Any) -> tuple[Any, str]:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is not None:
        raise ValueError
    return moment.isoformat(), ""


def _timestamptz(value: Any) -> tuple[Any, str]:
    moment = datetime.fromisoformat(value)
    return moment.isoformat() + ("+00:00" if moment.tzinfo is None else ""), ""


def _boolean(value: Any) -> tuple[Any, str]:
    if not isinstance(value, bool):
        raise TypeError
    return value, ""


_VALUES: dict[str, Callable[[Any], tuple[Any, str]]] = {
    "integer": _integer,
    "float": _float,
    "decimal": _decimal,
    "text": _string,
    "date": _date,
    "time": _time,
    "timestamp": _timestamp,
    "timestamptz": _timestamptz,
    "boolean": _boolean,
}
"""Family of a column → what turns a plain value into (parameter, type to cast it to, or "" for the column's own)."""
