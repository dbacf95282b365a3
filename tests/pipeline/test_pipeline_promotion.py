"""A notebook that somebody explored with, looked through and proposed as a step."""

import json

import pytest
from notebook_files import cell, markdown, write

from workbench.model.errors import Conflict, NotebookError, NotFound, SpecError, WorkbenchError
from workbench.pipeline import placing
from workbench.pipeline.notebook import read_notebook
from workbench.pipeline.promotion import Wish, carry_out, propose
from workbench.pipeline.spec import load_pipeline

PATH = "notebooks/explore.ipynb"


def counted(source, count, *tags, identifier, outputs=()):
    return {**cell(source, *tags, identifier=identifier), "execution_count": count, "outputs": list(outputs)}


def proposed(root, *cells, wish=None):
    write(root / PATH, *cells)
    return propose(root, PATH, wish)


def codes(promotion):
    return {remark.code for remark in promotion.remarks}


def sources(text):
    return ["".join(one["source"]) for one in json.loads(text)["cells"]]


def test_a_notebook_in_good_order_has_nothing_to_mend(tmp_path):
    found, text = proposed(
        tmp_path,
        counted("import workbench as wb\ndf = wb.read('raw.x')", 1, identifier="a"),
        counted("wb.write(df, 'clean.x')", 2, identifier="b"),
    )
    assert found.ready and codes(found) == set()
    assert [one.dataset for one in found.inputs] == ["raw.x"]
    assert [one.dataset for one in found.outputs] == ["clean.x"]
    assert found.notebook.diff == "" and json.loads(text)["cells"][0]["id"] == "a"


def test_hidden_state_is_what_no_cell_makes(tmp_path):
    found, _ = proposed(tmp_path, "print(gone)", "def f():\n    return lost", "[n for n in range(3)]")
    hidden = [(one.cell, one.text.split()[0]) for one in found.remarks if one.code == "hidden_state"]
    assert hidden == [(1, "gone"), (2, "lost")] and not found.ready


@pytest.mark.parametrize(
    "source",
    [
        "from os import *\nprint(anything)",
        "%run other.py\nprint(anything)",
        "for x in range(3):\n    y = x\nprint(x, y)",
        "with open('f') as file:\n    file.read()",
        "try:\n    pass\nexcept ValueError as error:\n    print(error)",
        "class A:\n    size = 1\n    other = size",
        "def f(a, *b, c=1, **d):\n    e = a\n    return b, c, d, e, f",
        "print((n := 3), n)",
        "match 3:\n    case [first, *rest]:\n        print(first, rest)",
        "print({k: v for k, v in {}.items()}, [a for b in [] for a in b], lambda z: z)",
        "import a.b, c as d\nprint(a, d)",
        "x: int = 3\nx += 1",
        "_ = 3\nOut[1], display(_)",
    ],
)
def test_names_that_are_there(tmp_path, source):
    assert "hidden_state" not in codes(proposed(tmp_path, source)[0])


@pytest.mark.parametrize("source", ["x += 1", "y: int\nprint(y)", "del q", "print([a for a in b])", "f(lambda: 1)"])
def test_names_that_are_not(tmp_path, source):
    assert "hidden_state" in codes(proposed(tmp_path, source)[0])


def test_cells_move_up_where_others_need_them(tmp_path):
    found, text = proposed(tmp_path, markdown("# Title"), "print(b)", "b = a + 1", "a = 1 + len('x')", "print('end')")
    assert sources(text) == ["# Title", "a = 1 + len('x')", "b = a + 1", "print(b)", "print('end')"]
    moved = [one for one in found.remarks if one.code == "out_of_order"]
    assert moved and all(one.mended for one in moved) and found.ready
    kept, same = propose(tmp_path, PATH, Wish(reorder=False))
    assert sources(same)[1] == "print(b)" and not kept.ready


def test_cells_that_need_each_other_stay_as_they_are(tmp_path):
    found, text = proposed(tmp_path, "a = b", "b = a")
    assert sources(text) == ["a = b", "b = a"] and not found.ready


def test_counts_tell_in_what_order_cells_ran(tmp_path):
    found, _ = proposed(
        tmp_path,
        counted("a = 1", 9, identifier="a"),
        counted("b = 1", 3, identifier="b"),
        counted("c = 1", None, identifier="c"),
    )
    assert {"ran_before", "not_run", "other_executions"} <= codes(found)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("input('name')", "waits"),
        ("import getpass\ngetpass.getpass()", "waits"),
        ("!pip install x", "installs"),
        ("%pip install x", "installs"),
        ("import os\nos.chdir('x')", "moves"),
        ("%cd x", "moves"),
        ("p = '/home/me/Sales.csv'", "own_path"),
        ("import pandas as pd\npd.read_csv('x.csv')", "file"),
        ("import workbench as wb\nn = 'a.b'\nwb.read(n)", "computed_name"),
    ],
)
def test_what_a_run_would_meet(tmp_path, source, code):
    assert code in codes(proposed(tmp_path, source)[0])


def test_a_cell_that_failed_blocks(tmp_path):
    error = {"output_type": "error", "ename": "KeyError", "evalue": "x", "traceback": []}
    found, _ = proposed(tmp_path, counted("x = 1", 1, identifier="a", outputs=[error]))
    (remark,) = [one for one in found.remarks if one.code == "failed"]
    assert "KeyError" in remark.text and not found.ready


def test_files_are_listed_with_what_is_done_to_them(tmp_path):
    found, _ = proposed(tmp_path, "import pandas as pd\nd = pd.read_csv('a.csv')\nd.to_csv('b.csv')\nopen('c', 'w')")
    assert [(one.path, one.writes) for one in found.files] == [("a.csv", False), ("b.csv", True), ("c", True)]


def test_settings_become_parameters(tmp_path):
    found, text = proposed(
        tmp_path,
        markdown("# Title"),
        "from datetime import date\nday = date(2013, 1, 15)  # the day\nlimit = 10",
        "print(day, limit)",
    )
    assert [(one.name, one.taken) for one in found.parameters] == [("day", True), ("limit", True)]
    assert sources(text)[1] == (
        "from datetime import date\n\nday: date = date(2013, 1, 15)  # the day\nlimit: int = 10"
    )
    write(tmp_path / PATH)
    (tmp_path / PATH).write_text(text)
    read = read_notebook(tmp_path, PATH)
    assert [(one.name, str(one.type), one.help) for one in read.parameters] == [
        ("day", "date", "the day"),
        ("limit", "int", ""),
    ]
    assert propose(tmp_path, PATH)[0].notebook.diff == "", "nothing is left to be proposed"


def test_which_constants_are_taken_can_be_said(tmp_path):
    cells = ("a = 1\nb = 'x'", "c = 2\nprint(a, b, c)")
    _found, text = proposed(tmp_path, *cells, wish=Wish(parameters=("c",)))
    assert sources(text) == ["c: int = 2", "a = 1\nb = 'x'", "print(a, b, c)"]
    with pytest.raises(NotFound, match="WB-PAR-613"):
        propose(tmp_path, PATH, Wish(parameters=("d",)))


def test_what_is_bound_twice_or_computed_is_no_candidate(tmp_path):
    found, _ = proposed(tmp_path, "a = 1\nb = len('x')\nc = 1; d = 2", "a = 2\nprint(a, b, c, d)")
    assert found.parameters == ()


def test_parameters_join_those_that_are_there(tmp_path):
    _, text = proposed(tmp_path, cell("n: int = 3  # how many", "parameters"), "k = 4", "print(n, k)")
    assert sources(text)[0] == "n: int = 3  # how many\nk: int = 4"


def test_a_new_pipeline_and_one_that_is_there(tmp_path):
    found, _ = proposed(tmp_path, "x = 1")
    assert (
        found.pipeline.path == "pipelines/explore.yaml" and "explore: notebooks/explore.ipynb" in found.pipeline.after
    )
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/daily.yaml").write_text("name: daily  # ours\nsteps:\n  a: notebooks/a.ipynb\n")
    found, _ = propose(tmp_path, PATH)
    assert found.pipeline.path == "pipelines/daily.yaml", "the only one there is"
    made = carry_out(tmp_path, PATH, Wish(), found.digest)
    assert made.pipeline.after.startswith("name: daily  # ours\n")
    assert [step.name for step in load_pipeline(tmp_path, "daily").steps] == ["a", "explore"]
    again, _ = propose(tmp_path, PATH)
    assert again.pipeline.diff == ""


def test_nothing_is_written_over_what_changed(tmp_path):
    found, _ = proposed(tmp_path, "a = 1", "print(a)")
    write(tmp_path / PATH, "a = 2", "print(a)")
    before = (tmp_path / PATH).read_bytes()
    with pytest.raises(Conflict, match="WB-NB-610"):
        carry_out(tmp_path, PATH, Wish(), found.digest)
    assert (tmp_path / PATH).read_bytes() == before and not (tmp_path / "pipelines").exists()


@pytest.mark.parametrize(
    "text",
    [
        "name: p\nsteps:\n  a: n/a.ipynb\n",
        "name: p\nsteps:\n    a: n/a.ipynb # x\n    # the end\n\ndescription: d\n",
        "name: p\nsteps: {a: n/a.ipynb}\n",
        "name: p\nsteps: {a: n/a.ipynb} # one",
        "name: p\r\nsteps:\r\n  a: n/a.ipynb\r\n",
        "steps:\n  a:\n    notebook: n/a.ipynb\n    tags: [x]\nname: p",
    ],
)
def test_a_step_is_added_to_files_of_many_kinds(text):
    made = placing.with_step(text, "p", "b", "n/it's b.ipynb")
    for line in text.replace("}", "\n").split("\n"):
        assert line.strip("\r") in made
    assert "b: 'n/it''s b.ipynb'" in made


def test_a_step_that_is_there_and_a_file_that_cannot_be_added_to():
    with pytest.raises(SpecError, match="WB-CFG-632"):
        placing.with_step("name: p\nsteps: {a: n/a.ipynb}", "p", "a", "n/b.ipynb")
    with pytest.raises(SpecError, match="WB-CFG-632"):
        placing.with_step("{name: p, steps: {a: n/a.ipynb}}", "p", "b", "n/b.ipynb")


@pytest.mark.parametrize("path", ["../x.ipynb", "notebooks/none.ipynb", "notebooks/x.txt"])
def test_what_is_no_notebook_is_refused(tmp_path, path):
    with pytest.raises(WorkbenchError):
        propose(tmp_path, path)


def test_other_languages_are_refused(tmp_path):
    write(tmp_path / PATH, "x <- 1", kernel="ir", language="R")
    with pytest.raises(NotebookError, match="WB-NB-609"):
        propose(tmp_path, PATH)
