"""The ``quality:`` entries of a contract, and the constraints on its columns, as checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.documents import Section
from workbench.model.errors import SpecError, UsageError, did_you_mean
from workbench.model.quality import Check, Severity
from workbench.quality import checks
from workbench.quality.checks import OPERATORS

RULE_KEYS = (
    "id", "name", "description", "type", "metric", "arguments", *OPERATORS, "unit", "dimension", "severity", "method",
    "businessImpact", "scheduler", "schedule", "tags", "customProperties", "authoritativeDefinitions", "rule", "query",
    "engine", "implementation",
)  # fmt: skip
OPTION_KEYS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
    "format", "timezone", "defaultTimezone", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    "required",
)  # fmt: skip
_UNCHECKED_OPTIONS = ("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required")
_SEVERITIES = {"info": Severity.INFO, "warn": Severity.WARN, "warning": Severity.WARN, "error": Severity.ERROR}
_ARGUMENTS = {
    "nullValues": (),
    "missingValues": ("missingValues",),
    "invalidValues": ("validValues", "pattern"),
    "duplicateValues": ("properties",),
    "rowCount": (),
}
FORMATS = {
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s.]+",
    "ipv4": r"((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)",
}
"""The formats of text that columns are held to, as patterns."""


def rule(section: Section, column: str = "") -> Check | None:
    """The check of one ``quality:`` entry, ``None`` for a ``text`` one, which is meant for people.

    Raises SpecError: WB-CFG-643 for a rule that this version does not evaluate, WB-CFG-644 for one written wrong.
    """
    section.refuse_unknown(RULE_KEYS)
    kind = section.text("type", "library")
    if kind == "text":
        return None
    if kind in ("sql", "custom"):
        raise _not_evaluated(section, "type", f'a quality rule of type "{kind}" is not evaluated here')
    if kind != "library":
        raise _wrong(section, "type", f'"{kind}" is no type of rule.' + did_you_mean(kind, ("library", "text")))
    if "rule" in section:
        raise _wrong(section, "rule", 'write "metric" and one of its five names')
    check = _measure(section, section.text("metric"), column)
    condition = _condition(section)
    if condition is not None:
        check = replace(check, arguments={**check.arguments, "must": condition})
    return replace(
        check,
        severity=_severity(section),
        name=section.text("name", "") or check.name,
        description=section.text("description", ""),
    )


def constraints(section: Section, name: str, logical: str) -> list[Check]:
    """The checks that a column's own keys ask for: ``required``, ``unique``, ``enum`` and ``logicalTypeOptions``."""
    found = []
    if section.flag("required", False):
        found.append(checks.not_null(name))
    if section.flag("unique", False):
        found.append(checks.unique(name))
    if "enum" in section:
        found.append(_made(section, "enum", checks.one_of, name, section.items_at("enum")))
    return found + _options(section.section("logicalTypeOptions", OPTION_KEYS), name, logical)


def _options(options: Section, name: str, logical: str) -> list[Check]:
    for key in _UNCHECKED_OPTIONS:
        if key in options:
            raise _not_evaluated(options, key, f'"{key}" is not evaluated here')
    found = []
    if bounds := _bounds(options):
        low, high, open_low, open_high = bounds
        key = next(key for key in OPTION_KEYS if key in options)
        flags = {"exclusive_low": open_low, "exclusive_high": open_high}
        found.append(_made(options, key, checks.between, name, low, high, **flags))
    if "minLength" in options or "maxLength" in options:
        key = "minLength" if "minLength" in options else "maxLength"
        found.append(_made(options, key, checks.length, name, options.get("minLength"), options.get("maxLength")))
    if "multipleOf" in options:
        found.append(_made(options, "multipleOf", checks.multiple_of, name, options["multipleOf"]))
    if "pattern" in options:
        found.append(_made(options, "pattern", checks.matches, name, options["pattern"]))
    if logical == "string" and "format" in options:
        found.append(_format(options, name))
    return found


def _format(options: Section, name: str) -> Check:
    shape = options.text("format")
    if shape not in FORMATS:
        raise _not_evaluated(options, "format", f'the text format "{shape}" is not evaluated here')
    return replace(checks.matches(name, FORMATS[shape]), name=f"format({name}, {shape})")


def _bounds(options: Section) -> tuple[Any, Any, bool, bool] | None:
    """Lowest and highest value and whether each is itself excluded; ODCS 3.0 wrote ``exclusiveMinimum: true``."""
    ends: list[Any] = []
    for inclusive, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        strict = options.get(exclusive)
        if strict is None or isinstance(strict, bool):
            if strict and inclusive not in options:
                raise _wrong(options, exclusive, f'"true" needs "{inclusive}" beside it; or write the number here')
            ends.append((options.get(inclusive), bool(strict)))
        elif inclusive in options:
            raise _wrong(options, exclusive, f'"{inclusive}" and "{exclusive}" are both given; keep one')
        else:
            ends.append((strict, True))
    (low, open_low), (high, open_high) = ends
    return None if low is None and high is None else (low, high, open_low, open_high)


def _measure(section: Section, metric: str, column: str) -> Check:
    if metric not in _ARGUMENTS:
        hint = did_you_mean(metric, _ARGUMENTS)
        raise _wrong(section, "metric", f'"{metric}" is none of {", ".join(_ARGUMENTS)}.' + hint)
    arguments = section.section("arguments", _ARGUMENTS[metric])
    if metric == "rowCount":
        if column:
            raise _wrong(section, "metric", "rowCount belongs to the whole object, one level up")
        return Check("row_count", name="row_count()")
    if metric == "duplicateValues":
        columns = [column] if column else list(arguments.texts("properties"))
        if not columns:
            raise _wrong(section, "metric", 'duplicateValues needs "arguments: {properties: [...]}" here')
        return checks.unique(*columns)
    if not column:
        raise _wrong(section, "metric", f"{metric} belongs to a property")
    if metric == "nullValues":
        return checks.not_null(column)
    if metric == "missingValues":
        values = arguments.items_at("missingValues")
        if not values:
            return checks.not_null(column)
        return _made(arguments, "missingValues", checks.not_missing, column, values)
    return _invalid(section, arguments, column)


def _invalid(section: Section, arguments: Section, column: str) -> Check:
    if "validValues" in arguments and "pattern" in arguments:
        raise _wrong(section, "arguments", "give either validValues or pattern, and a second rule for the other")
    if "validValues" in arguments:
        return _made(arguments, "validValues", checks.one_of, column, arguments.items_at("validValues"))
    if "pattern" in arguments:
        return _made(arguments, "pattern", checks.matches, column, arguments["pattern"])
    raise _wrong(section, "metric", 'invalidValues needs "arguments: {validValues: [...]}" or "{pattern: ...}"')


def _condition(section: Section) -> dict[str, Any] | None:
    """How many may break the rule; ``None`` where that is the plain "none"."""
    given = [operator for operator in OPERATORS if operator in section]
    if len(given) != 1:
        cause = f"{', '.join(given)} are all given" if given else f"one of {', '.join(OPERATORS)} is missing"
        raise _wrong(section, given[1] if given else "metric", f"a rule has exactly one condition; {cause}")
    operator, value = given[0], section[given[0]]
    paired = operator in ("mustBeBetween", "mustNotBeBetween")
    numbers = value if isinstance(value, list) else [value]
    fine = all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers)
    if not fine or isinstance(value, list) != paired or (paired and (len(value) != 2 or value[0] > value[1])):
        raise section.wrong(operator, "two numbers, the lower first" if paired else "a number")
    unit = section.text("unit", "rows")
    if unit not in ("rows", "percent"):
        raise section.wrong("unit", '"rows" or "percent"')
    if unit == "percent" and section["metric"] == "rowCount":
        raise _wrong(section, "unit", "a row count has no percentage")
    if operator == "mustBe" and value == 0 and section["metric"] != "rowCount":
        return None
    return {"operator": operator, "value": value, "unit": unit}


def _severity(section: Section) -> Severity:
    text = section.text("severity", "error").lower()
    if text not in _SEVERITIES:
        hint = did_you_mean(text, _SEVERITIES)
        raise _wrong(section, "severity", f'"{text}" is none of info, warning, error.{hint}')
    return _SEVERITIES[text]


def _made(section: Section, key: str, make: Callable[..., Check], *arguments: Any, **options: Any) -> Check:
    """A check from its constructor, whose refusal is told with the place in the file."""
    try:
        return make(*arguments, **options)
    except UsageError as error:
        raise _wrong(section, key, error.cause) from None


def _wrong(section: Section, key: str, cause: str) -> SpecError:
    return section.error("WB-CFG-644", f'"{key}" of a check is not right', key, cause=cause)


def _not_evaluated(section: Section, key: str, what: str) -> SpecError:
    return section.error(
        "WB-CFG-643",
        what,
        key,
        cause="a check that is silently left out would look like one that passes",
        next='take it out, or turn it into a rule of type "text" that people read',
    )
