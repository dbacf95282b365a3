"""The parameters cell read as a contract."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.errors import NotebookError, ParameterError, WorkbenchError
from workbench.model.pipeline import MISSING, Kind, ParameterType
from workbench.pipeline.annotations import Unsupported, parse_text
from workbench.pipeline.parameters import describe, json_schema, parse_cell, render

HEAD = """
from datetime import date, datetime, timezone, timedelta
import datetime as dt, math
from pathlib import Path
from enum import Enum
from typing import Annotated, Literal, Optional, Union
from workbench import Range
class Colour(Enum):
    RED = 1
    BLUE = "b"
"""


def only(line):
    (parameter,) = parse_cell(HEAD + line)
    return parameter


T = ParameterType


@pytest.mark.parametrize(
    ("line", "kind", "default"),
    [
        ("x: bool = True", T(Kind.BOOL), True),
        ("x: int = -3", T(Kind.INT), -3),
        ("x: float = 1", T(Kind.FLOAT), 1.0),
        ("x: str = 'a' 'b'", T(Kind.STR), "ab"),
        ("x: date = date(2013, 1, 15)", T(Kind.DATE), date(2013, 1, 15)),
        ("x: dt.date = dt.date.fromisoformat('2013-01-15')", T(Kind.DATE), date(2013, 1, 15)),
        ("x: date = '2013-01-15'", T(Kind.DATE), date(2013, 1, 15)),
        (
            "x: datetime = datetime(2013, 1, 15, tzinfo=timezone.utc)",
            T(Kind.DATETIME),
            datetime(2013, 1, 15, tzinfo=UTC),
        ),
        (
            "x: dt.datetime = dt.datetime(2013, 1, 15, tzinfo=timezone(timedelta(hours=2)))",
            T(Kind.DATETIME),
            datetime(2013, 1, 15, tzinfo=timezone(timedelta(hours=2))),
        ),
        ("x: Path = Path('a') ", T(Kind.PATH), PurePosixPath("a")),
        ("x: list = []", T(Kind.LIST), []),
        ("x: list[str] = ['a']", T(Kind.LIST, items=T(Kind.STR)), ["a"]),
        ("x: dict[str, int] = {'a': 1}", T(Kind.DICT, items=T(Kind.INT)), {"a": 1}),
        ("x: int | None = None", T(Kind.INT, optional=True), None),
        ("x: 'int | None' = 3", T(Kind.INT, optional=True), 3),
        ("x: Optional[int] = 3", T(Kind.INT, optional=True), 3),
        ("x: Union[None, str] = None", T(Kind.STR, optional=True), None),
        ("x: int = None", T(Kind.INT, optional=True), None),
        ("x: int | float = 2", T(Kind.FLOAT), 2.0),
        ("x: Literal['a', 3, True] = 3", T(Kind.LITERAL, choices=("a", 3, True)), 3),
        ("x: Literal['a', None] = None", T(Kind.LITERAL, choices=("a",), optional=True), None),
        ("x: Annotated[int, Range(1, 10)] = 5", T(Kind.INT, minimum=1, maximum=10), 5),
        ("x: Annotated[float, Range(maximum=1.5)] = 1", T(Kind.FLOAT, maximum=1.5), 1.0),
        ("x: list[Annotated[int, Range(1)]] = [1]", T(Kind.LIST, items=T(Kind.INT, minimum=1)), [1]),
        ("x: Colour = Colour.RED", T(Kind.ENUM, choices=("RED", "BLUE"), enum="Colour"), "RED"),
        ("x = Colour['BLUE']", T(Kind.ENUM, choices=("RED", "BLUE"), enum="Colour"), "BLUE"),
        ("x = 60 * 60", T(Kind.INT), 3600),
        ("x = -1.5", T(Kind.FLOAT), -1.5),
        ("x = float('inf')", T(Kind.FLOAT), float("inf")),
        ("x = (1, 2)", T(Kind.LIST, items=T(Kind.INT)), [1, 2]),
        ("x = [1, 'a']", T(Kind.LIST), [1, "a"]),
        ("x = date(2013, 1, 15)", T(Kind.DATE), date(2013, 1, 15)),
        ("x = None", T(Kind.ANY, optional=True), None),
        ("x = 3  # type: float", T(Kind.FLOAT), 3.0),
        ("x: int", T(Kind.INT), MISSING),
        ("x: int = ...", T(Kind.INT), MISSING),
        ("x = ...", T(Kind.ANY, optional=True), MISSING),
    ],
)
def test_types_and_defaults(line, kind, default):
    parameter = only(line)
    assert parameter.type == kind
    assert parameter.default is default if default is MISSING else parameter.default == default
    assert type(parameter.default) is type(default)


def test_names_without_imports_in_the_cell_mean_what_they_usually_mean():
    found = parse_cell("a: date = date(2020, 1, 1)\nb: dt.date = dt.date(2020, 1, 1)\nc: pathlib.Path = Path('x')")
    assert [parameter.type.kind for parameter in found] == [Kind.DATE, Kind.DATE, Kind.PATH]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("x: int = 1  # how many", "how many"),
        ("x = 'a # b'  # real", "real"),
        ("x = [1,\n     2]  # at the end", "at the end"),
        ("x: int  # needed", "needed"),
        ("x = 3  # type: float  # old style", "old style"),
        ("# above\nx = 3", ""),
    ],
)
def test_the_trailing_comment_is_the_help(line, text):
    assert only(line).help == text


@pytest.mark.parametrize(
    "line",
    [
        "_x = 1",
        "id = 3",
        "x = compute()",
        "x = f'{1}'",
        "x, y = 1, 2",
        "x.y = 1",
        "x = {1, 2}",
        "x = b'a'",
        "x = 10 ** 10",
        "x = {1: 2}",
        "x = 1 << 70",
        "x = [f()]",
        "ﬁn = 1 if True else 2",
        "import os",
    ],
)
def test_what_is_no_parameter(line):
    assert parse_cell(HEAD + line) == ()


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("x: int = 'a'", "expected int, got the text 'a'"),
        ("x: int = True", "expected int, got True"),
        ("x: tuple[int] = (1,)", 'the type "tuple[int]" is not supported'),
        ("x: pandas.Timestamp = None", "not supported"),
        ("x: int = f()", 'its default "f()" is computed'),
        ("x: date = date.today()", "is computed"),
        ("x: int | str = 1", "mixes types"),
        ("x: dict[int, str] = {}", "keys"),
        ("x: Annotated[str, Range(1, 2)] = ''", "a Range bounds int or float"),
        ("x: Annotated[int, Range(1, 2)] = 3", "expected int 1..2"),
        ("x: Annotated[int, Range(low=1)] = 3", "Range(minimum, maximum)"),
        ("x: Literal[f()] = 1", "must list"),
        ("x: Literal[None] = None", "leaves no choice"),
        ("x: 'not a type' = 1", "not a type"),
        ("x: Colour = 3", "is computed"),
        ("x: Colour = Colour.GREEN", "is computed"),
        ("x: int = 9223372036854775808", "64 bits"),
    ],
)
def test_what_cannot_be_held_to_is_refused(line, cause):
    with pytest.raises(ParameterError, match=r'WB-PAR-615: parameter "x", line \d+') as caught:
        parse_cell(HEAD + line)
    assert cause in caught.value.cause


def test_a_syntax_error_is_told_as_what_it_is():
    with pytest.raises(NotebookError, match="WB-NB-605: the parameters cell, line 2"):
        parse_cell("x = 1\ny = (")


def test_the_last_declaration_of_a_name_counts():
    (parameter,) = parse_cell("x = 1\nx = 'a'")
    assert parameter.default == "a"


def test_type_texts_of_a_pipeline_file_share_the_grammar():
    assert parse_text("list[str]") == T(Kind.LIST, items=T(Kind.STR))
    assert parse_text("Literal['a', 'b'] | None").optional
    for text in ("", "list[", "tuple", "__import__('os')", "int if x else str", "(" * 500):
        with pytest.raises(Unsupported):
            parse_text(text)


def test_the_contract_is_printed_in_columns():
    found = parse_cell("day: date = date(2013, 1, 15)  # local day\nn: int")
    assert describe(found) == ["day  date  = 2013-01-15  local day", "n    int   required"]
    assert describe(()) == []


def test_the_contract_as_json_schema():
    schema = json_schema(
        parse_cell(
            HEAD + "n: Annotated[int, Range(1, 9)]  # help\nd: list[date] = [date(2013, 1, 15)]\nc: Colour = Colour.RED"
        )
    )
    assert schema["required"] == ["n"]
    assert schema["additionalProperties"] is False
    assert schema["properties"] == {
        "n": {"type": "integer", "minimum": 1, "maximum": 9, "description": "help"},
        "d": {"type": "array", "items": {"type": "string", "format": "date"}, "default": ["2013-01-15"]},
        "c": {"type": "string", "enum": ["RED", "BLUE"], "default": "RED"},
    }


def test_other_languages_go_through_papermill():
    found = parse_cell('n <- 1 # rows\nname = "abc"\nflag <- TRUE\nv <- c(1, 2)\n', "R", "ir")
    assert [(p.name, p.type.kind, p.default, p.help) for p in found] == [
        ("n", Kind.INT, 1, "rows"),
        ("name", Kind.STR, "abc", ""),
        ("flag", Kind.BOOL, True, ""),
    ]
    with pytest.raises(ParameterError, match="WB-PAR-616"):
        parse_cell("x = 1", "Cobol", "cobol")


PIECES = [
    *"x:=()[]{},|.-*/%\n #\\'",
    "x: ",
    "int",
    "date",
    "None",
    "...",
    "'a'",
    "1",
    "9" * 25,
    "1e999",
    "Literal",
    "Range",
]
PIECES += [
    "Annotated[int, Range(1, 2)]",
    "class C(Enum):\n A = 1\n",
    "C.A",
    "date(1, 1, 1)",
    "datetime(",
    "timezone.utc",
]
PIECES += [
    "timedelta(hours=30)",
    "float('nan')",
    "Path('')",
    "# type: int",
    "f'{x}'",
    "lambda: 0",
    "!ls",
    "\0",
    "'\ud800'",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_cell_gives_a_contract_whose_defaults_can_be_written_or_an_error_that_we_explain(source):
    try:
        contract = parse_cell(source)
    except WorkbenchError as error:
        assert error.code in ("WB-PAR-615", "WB-NB-605")
    else:
        describe(contract)
        json.dumps(json_schema(contract))
        compile(render(contract, {p.name: p.default for p in contract if not p.required}), "cell", "exec")
