"""Values met with types: accepted, read from text, or refused."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import pytest

from workbench.model.errors import ParameterError
from workbench.model.pipeline import Parameter
from workbench.pipeline.annotations import parse_text
from workbench.pipeline.parameters import coerce, parse_cell, resolve
from workbench.pipeline.values import show


class Colour(Enum):
    RED = 1


def parameter(kind):
    return Parameter("x", parse_text(kind))


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("bool", True, True),
        ("int", 2**63 - 1, 2**63 - 1),
        ("float", 3, 3.0),
        ("float", math.inf, math.inf),
        ("str", "", ""),
        ("date", "2013-01-15", date(2013, 1, 15)),
        ("datetime", "2013-01-15T10:00:00Z", datetime(2013, 1, 15, 10, tzinfo=UTC)),
        ("Path", Path("a/b"), PurePosixPath("a/b")),
        ("Path", "a/b", PurePosixPath("a/b")),
        ("Literal[1, 'a']", 1, 1),
        ("list[float]", (1, 2.5), [1.0, 2.5]),
        ("dict[str, date]", {"a": "2013-01-15"}, {"a": date(2013, 1, 15)}),
        ("int | None", None, None),
        ("Any", {"a": [None, date(2013, 1, 15), 1]}, {"a": [None, date(2013, 1, 15), 1]}),
    ],
)
def test_native_values_that_fit(kind, value, held):
    found = coerce(parameter(kind), value)
    assert found == held
    assert type(found) is type(held)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", True),
        ("int", 1.0),
        ("int", "1"),
        ("int", None),
        ("int", 2**63),
        pytest.param("int", 10**5000, id="int-huge"),
        ("float", True),
        ("float", 2**63 - 1),
        ("float", "1.5"),
        ("bool", 1),
        ("bool", "true"),
        ("str", 1),
        ("str", b"a"),
        ("str", date(2013, 1, 15)),
        ("date", datetime(2013, 1, 15, tzinfo=UTC)),
        ("date", "20130115"),
        ("date", "2013-1-15"),
        ("date", "2013-02-30"),
        ("date", "2013-01-15 "),
        ("date", "२०१३-०१-१५"),
        ("datetime", date(2013, 1, 15)),
        ("datetime", "noon"),
        ("Path", ""),
        ("Path", "a\0b"),
        ("Path", 3),
        ("Literal[1]", True),
        ("Literal['a']", "b"),
        ("list", "a"),
        ("list", {1}),
        ("list[int]", [1, "2"]),
        ("dict", {1: 2}),
        ("dict", [("a", 1)]),
        ("Any", Decimal(1)),
        ("Any", {1, 2}),
        ("Any", b""),
        ("Any", object()),
        ("Annotated[int, Range(1, 10)]", 11),
        ("Annotated[float, Range(1, 10)]", math.nan),
    ],
)
def test_native_values_that_do_not_fit(kind, value):
    with pytest.raises(ParameterError, match="WB-PAR-612"):
        coerce(parameter(kind), value)


def test_nesting_has_an_end():
    value: list = []
    for _ in range(100):
        value = [value]
    with pytest.raises(ParameterError, match="nested deeper than 20"):
        coerce(parameter("Any"), value)


@pytest.mark.parametrize(
    ("kind", "text", "held"),
    [
        ("bool", "Yes", True),
        ("bool", "0", False),
        ("int", "-7", -7),
        ("int", "007", 7),
        ("float", "1e3", 1000.0),
        ("float", "-inf", -math.inf),
        ("str", "01", "01"),
        ("str", "null", "null"),
        ("str | None", "null", None),
        ("int | None", "None", None),
        ("date", "2013-01-15", date(2013, 1, 15)),
        ("Path", "a/b", PurePosixPath("a/b")),
        ("Literal['1', 2, True]", "1", "1"),
        ("Literal['1', 2, True]", "2", 2),
        ("Literal['1', 2, True]", "true", True),
        ("list[str]", "EWR,JFK", ["EWR", "JFK"]),
        ("list[str]", '["a,b"]', ["a,b"]),
        ("list[int]", "1, 2", [1, 2]),
        ("list[date]", '["2013-01-15"]', [date(2013, 1, 15)]),
        ("list", "", []),
        ("dict[str, int]", '{"a": 1}', {"a": 1}),
        ("Any", "01", "01"),
    ],
)
def test_text_is_read_by_the_declared_type(kind, text, held):
    found = coerce(parameter(kind), text, text=True)
    assert found == held
    assert type(found) is type(held)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bool", "maybe"),
        ("int", "1_000"),
        ("int", "1.0"),
        ("int", "٣"),
        ("int", ""),
        ("int", "9" * 30),
        ("int", "9" * 6000),
        ("float", "1e999"),
        ("float", "one"),
        ("date", "today"),
        ("list[int]", "1,x"),
        ("list[int]", "[1,"),
        ("list[int]", '{"a": 1}'),
        ("dict", "a=1"),
        ("dict", "[" * 100_000),
        ("Literal['a']", "A"),
    ],
)
def test_text_that_does_not_fit(kind, text):
    with pytest.raises(ParameterError, match="WB-PAR-612"):
        coerce(parameter(kind), text, text=True)


def test_enum_members_are_held_by_name():
    (found,) = parse_cell("from enum import Enum\nclass Colour(Enum):\n    RED = 1\nc: Colour = Colour.RED")
    assert coerce(found, Colour.RED) == coerce(found, "RED") == coerce(found, "RED", text=True) == "RED"
    with pytest.raises(ParameterError, match='Did you mean "RED"'):
        coerce(found, "REDD")


def test_a_time_zone_becomes_its_offset_at_that_moment():
    value = datetime(2013, 7, 1, 12, tzinfo=ZoneInfo("America/New_York"))
    found = coerce(parameter("datetime"), value)
    assert found == value
    assert found.tzinfo == timezone(timedelta(hours=-4))


def test_all_faults_are_told_together_with_the_contract():
    contract = parse_cell("day: date  # local day\nlimit: int = 5\nname: str = 'a'")
    with pytest.raises(ParameterError) as caught:
        resolve(contract, {"dya": "2013-01-15", "limit": "x", "id": 1, "x\n; import os": 1}, "notebooks/a.ipynb")
    error = caught.value
    assert error.what == "notebooks/a.ipynb: 5 parameters are refused"
    assert error.kept == "Nothing was started."
    text = "\n".join(error.detail)
    assert 'unknown parameter "dya". Did you mean "day"?' in text
    assert 'unknown parameter "id" (it is the name of a builtin)' in text
    assert "'x\\n; import os'" in text
    assert "parameter \"limit\": expected int, got the text 'x'" in text
    assert 'parameter "day" is required (date)' in text
    assert "  limit  int   = 5" in error.detail


def test_defaults_fill_what_is_not_given():
    contract = parse_cell("day: date\nlimit: int = 5")
    assert resolve(contract, {"day": "2013-01-15"}, "a") == {"day": date(2013, 1, 15), "limit": 5}


def test_shown_values_differ_when_values_do():
    values = [
        1,
        1.0,
        True,
        "1",
        None,
        "None",
        date(2013, 1, 15),
        "2013-01-15",
        datetime.fromisoformat("2013-01-15"),
        0.0,
        -0.0,
        [],
        {},
    ]
    values += [PurePosixPath("a"), "a", ["a"], "x" * 500, "x" * 501]
    shown = [show(value) for value in values]
    assert len(set(shown)) == len(shown)
    assert show(date(2013, 1, 15)) == "2013-01-15"
    assert all(len(text) < 210 for text in shown)
