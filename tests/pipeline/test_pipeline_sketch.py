"""The text of a pipeline file as it is written: what can be understood of it, and its faults with their places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_files import cell, write

from workbench.model.errors import NotFound
from workbench.pipeline.notebook import read_notebook
from workbench.pipeline.sketch import sketch

PATH = "pipelines/p.yaml"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    made = tmp_path_factory.mktemp("sketched")
    write(made / "load.ipynb", "import workbench as wb", "wb.write(frame, 'raw.sales')")
    write(
        made / "total.ipynb",
        cell("day: int = 1", "parameters"),
        "import workbench as wb\nwb.read('raw.sales')\nwb.write(frame, 'marts.totals')",
    )
    write(made / "lost.ipynb", "import workbench as wb\nwb.read('raw.nowhere')")
    return made


@pytest.fixture(scope="module")
def draw(root):
    return lambda text, known=(): sketch(text, PATH, "p", lambda path: read_notebook(root, path), known)


def places(found):
    return [(fault.error.code, fault.line, fault.column, fault.step) for fault in found.faults]


def test_steps_have_their_places_their_data_and_their_parameters(draw):
    found = draw("name: p\nsteps:\n  a: load.ipynb\n  b: {notebook: total.ipynb, after: [a], parameters: {day: 3}}\n")
    assert found.faults == ()
    first, second = found.steps
    assert (first.name, first.notebook, first.line, first.column) == ("a", "load.ipynb", 3, 3)
    assert (first.writes, second.reads, second.writes) == (("raw.sales",), ("raw.sales",), ("marts.totals",))
    assert (second.before, second.after, second.given) == (("a",), ("a",), {"day": 3})
    assert [parameter.name for parameter in second.parameters] == ["day"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("name: p\nsteps: [", [("WB-CFG-620", 2, 9, "")]),
        ("", [("WB-CFG-626", 1, 1, "")]),
        ("name: p\nsteps:\n\ta: load.ipynb", [("WB-CFG-620", 3, 1, "")]),
        ("name: p\nsteps:\n  a: load.ipynb\n  a: total.ipynb", [("WB-CFG-621", 4, 3, "")]),
        ("name: p\r\nsteps:\r\n  a: gone.ipynb\r\n", [("WB-NB-600", 3, 6, "a")]),
        ("name: p # \ud800\n", [("WB-CFG-620", 1, 11, "")]),
        ("name: q\nsteps: {a: load.ipynb}", [("WB-CFG-627", 1, 7, "")]),
        ("name: p\nsteps:\n  a: gone.ipynb", [("WB-NB-600", 3, 6, "a")]),
        ("name: p\nsteps:\n  a: {notebook: gone.ipynb}", [("WB-NB-600", 3, 17, "a")]),
        ("name: p\nsteps:\n  a: lost.ipynb", [("WB-PIP-632", 3, 3, "a")]),
        ("name: p\nsteps: {a: load.ipynb, b: load.ipynb}", [("WB-PIP-631", 2, 9, "a")]),
        ("name: p\nsteps:\n  a: {notebook: load.ipynb, after: [b]}\n  b: total.ipynb", [("WB-PIP-630", 3, 3, "a")]),
        (
            "name: p\nsteps:\n  a: load.ipynb\n  b: {notebook: total.ipynb, parameters: {dya: 1}}",
            [("WB-PAR-612", 4, 43, "b")],
        ),
        (
            "name: p\nsteps:\n  a: load.ipynb\n  b: {notebook: total.ipynb, parameters: {day: x}}",
            [("WB-PAR-612", 4, 48, "b")],
        ),
        (
            "name: p\nstep: 1\nsteps:\n  a: gone.ipynb\n  b: gone.ipynb",
            [("WB-CFG-624", 2, 1, ""), ("WB-NB-600", 4, 6, "a"), ("WB-NB-600", 5, 6, "b")],
        ),
    ],
)
def test_faults_are_told_at_their_places(draw, text, faults):
    assert places(draw(text)) == faults


def test_what_can_be_understood_is_told_in_spite_of_faults(draw):
    found = draw(
        "name: p\nunheard_of: 1\nsteps:\n  a: load.ipynb\n  b: 3\n  c: {notebook: total.ipynb, after: [x, a]}\n"
    )
    assert [step.name for step in found.steps] == ["a", "c"]
    assert found.steps[1].before == ("a",)
    assert found.readable
    assert not draw("name: [").readable


def test_data_that_is_there_already_is_no_fault(draw):
    assert draw("name: p\nsteps:\n  a: lost.ipynb", ["raw.nowhere"]).faults == ()


@given(st.text(alphabet="nameps:a{}[]-&*!|>'\"# \n\t${}.ip1", max_size=60))
def test_whatever_stands_there_a_place_is_inside_of_it(text):
    def read(path):
        raise NotFound("WB-NB-600", path)

    found = sketch(text, PATH, "p", read, ())
    lines = text.split("\n")
    assert all(1 <= fault.line <= len(lines) + 1 and fault.column >= 1 for fault in found.faults)
    assert found.faults or found.steps
