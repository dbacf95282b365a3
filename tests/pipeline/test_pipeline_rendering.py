"""The injected cell gives back exactly the values that went in, and nothing in it can be code."""

import ast
import math
import re
import struct
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.errors import ParameterError
from workbench.model.pipeline import Kind, Parameter, ParameterType
from workbench.pipeline.parameters import coerce, parse_cell, render

ANY = ParameterType(Kind.ANY, optional=True)
texts = st.text(st.characters(exclude_categories=()), max_size=30)
ints = st.integers(-(2**63), 2**63 - 1)
offsets = st.integers(-86399, 86399).map(lambda seconds: timezone(timedelta(seconds=seconds)))
paths = texts.filter(lambda text: text and "\0" not in text).map(PurePosixPath)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    ints,
    st.floats(),
    texts,
    st.dates(),
    st.datetimes(timezones=st.none() | offsets),
    paths,
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def same(found: Any, given: Any) -> bool:
    """Equal to the last bit and of the same type; a Path stands for the PurePosixPath that was given."""
    match given:
        case float():
            return type(found) is float and (
                math.isnan(found) if math.isnan(given) else struct.pack("d", found) == struct.pack("d", given)
            )
        case PurePath():
            return isinstance(found, PurePath) and str(found) == str(given)
        case datetime():
            return type(found) is datetime and found.isoformat() == given.isoformat() and found == given
        case list():
            return type(found) is list and len(found) == len(given) and all(map(same, found, given))
        case dict():
            return type(found) is dict and list(found) == list(given) and all(map(same, found.values(), given.values()))
    return type(found) is type(given) and found == given


def run(*sources: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    for source in sources:
        exec(source, namespace)  # exactly what a kernel does with the cell
    return namespace


@given(values)
def test_every_supported_value_survives_the_round_trip(value):
    held = coerce(Parameter("x", ANY), value)
    cell = render([Parameter("x", ANY)], {"x": held})
    assert same(run(cell)["x"], held)
    if not isinstance(value, datetime):
        assert same(held, value)


@given(values)
def test_the_cell_is_nothing_but_imports_and_one_assignment(value):
    tree = ast.parse(render([Parameter("x", ANY)], {"x": value}))
    *imports, assignment = tree.body
    assert all(isinstance(node, ast.Import) for node in imports)
    assert isinstance(assignment, ast.Assign)
    assert [target.id for target in assignment.targets if isinstance(target, ast.Name)] == ["x"]
    calls = {ast.unparse(node.func) for node in ast.walk(assignment) if isinstance(node, ast.Call)}
    assert calls <= {
        "_wb_datetime.date.fromisoformat",
        "_wb_datetime.datetime.fromisoformat",
        "_wb_pathlib.Path",
    }


@given(texts)
def test_a_written_text_shows_every_letter_that_could_deceive(text):
    cell = render([Parameter("x", ANY)], {"x": text})
    assert cell.count("\n") == 1
    assert all(letter.isprintable() for letter in cell.splitlines()[1])


PARAMETERS = """
import datetime
from enum import Enum
class Colour(Enum):
    RED = 1
    BLUE = "b"
day: datetime.date = datetime.date(2013, 1, 15)
colour: Colour = Colour.RED
colours: list[Colour] = [Colour.RED]
limits: dict[str, float] = {}
out: Path | None = None
datetime = "shadowed"
"""


def test_it_does_not_depend_on_what_the_notebook_imported_or_hid():
    contract = parse_cell(PARAMETERS)
    given = {"day": "2014-02-03", "colour": "BLUE", "colours": ["BLUE"], "limits": {"a": math.nan}, "out": "x/y"}
    cell = render(contract, {p.name: coerce(p, given[p.name]) for p in contract if p.name in given})
    found = run(PARAMETERS.replace("out: Path | None = None", "out = None"), cell)
    assert found["day"] == date(2014, 2, 3)
    assert found["colour"] is found["Colour"].BLUE
    assert found["colours"] == [found["Colour"].BLUE]
    assert math.isnan(found["limits"]["a"])
    assert found["out"] == Path("x/y")
    assert found["datetime"] == "shadowed"


def test_the_cell_is_readable():
    contract = parse_cell("day: date\nn: int\nname: str")
    assert render(contract, {"day": date(2013, 1, 15), "n": 3, "name": "Ü\n"}) == (
        "# Parameters\n"
        "import datetime as _wb_datetime\n"
        "day = _wb_datetime.date.fromisoformat('2013-01-15')\n"
        "n = 3\n"
        "name = 'Ü\\n'"
    )
    assert render(contract, {}) == ""


@pytest.mark.parametrize(
    "name",
    [
        "x=1; import os; os.system('true')#",
        "x\n__import__('os')",
        "",
        "1x",
        "a.b",
        "a b",
        "class",
        "None",
        "print",
        "__builtins__",
        "_private",
        "ﬁle",
        "x\0",
        "é\u0301"[1:],
        "not_declared",
    ],
)
def test_no_name_can_be_code(name):
    contract = [Parameter("x", ANY)]
    if name != "not_declared":
        contract.append(Parameter(name, ANY))
    with pytest.raises(ParameterError, match="WB-PAR-610"):
        render(contract, {name: 1})


class Sly(str):
    def __repr__(self):
        return "__import__('os').system('true')"


class SlyInt(int):
    def __repr__(self):
        return "boom()"


class Plain(Enum):
    A = 1


@pytest.mark.parametrize(
    "value",
    [
        Sly("a"),
        SlyInt(1),
        [Sly("a")],
        {"a": SlyInt(1)},
        {Sly("a"): 1},
        {(1, 2): 3},
        {1, 2},
        b"a",
        object(),
        Plain.A,
        lambda: 1,
        2**63,
        1j,
        ...,
    ],
)
def test_no_value_can_be_code(value):
    with pytest.raises(ParameterError, match="WB-PAR-611"):
        render([Parameter("x", ANY)], {"x": value})


def test_other_languages_take_simple_values_only():
    contract = parse_cell("x <- 1", "R", "ir")
    text = [Parameter("x", ANY)]
    assert render(contract, {"x": 3}, "R", "ir") == "# Parameters\nx = 3\n"
    assert 'x = "a b"' in render(text, {"x": "a b"}, "julia")
    for value in ("$(run(`true`))", 'a"b', "a\\", "a\nb", "é", math.nan, [1], {"a": 1}, date(2013, 1, 15)):
        with pytest.raises(ParameterError, match="WB-PAR-611"):
            render(text, {"x": value}, "julia")


@given(st.one_of(ints, st.booleans(), texts, st.floats(allow_nan=False, allow_infinity=False)))
def test_a_text_in_another_language_never_leaves_its_quotes(value):
    try:
        cell = render([Parameter("x", ANY)], {"x": value}, "julia")
    except ParameterError as error:
        assert error.code == "WB-PAR-611"
    else:
        assert re.fullmatch(r'# Parameters\nx = (true|false|[-+.\de]+|"[^"\\$`\n]*")\n', cell)
