"""What counts for a rerun and what does not."""

import platform
from importlib.metadata import version

import pytest
from notebook_files import cell, document, markdown, write

from workbench.model.pipeline import ReportSpec, StepSpec
from workbench.pipeline.fingerprint import fingerprint
from workbench.pipeline.installed import kernel_environment
from workbench.pipeline.modules import Finder
from workbench.pipeline.notebook import read_notebook
from workbench.pipeline.reader import Reader

BASE = (
    markdown("# Title", "m1"),
    cell("import helpers", identifier="k1"),
    cell("n: int = 3", "parameters", identifier="k2"),
    cell("x = f(n)\ny = 2", identifier="k3"),
)


def taken(root, *cells, parameters=None, report=None, folder="notebooks"):
    write(root / folder / "a.ipynb", *cells)
    read = read_notebook(root, f"{folder}/a.ipynb")
    modules, environment = Reader(root).surroundings(read)
    return fingerprint(StepSpec("a", read.path, report=report), read, parameters or {"n": 3}, modules, environment)


def replaced(index, new):
    return (*BASE[:index], new, *BASE[index + 1 :])


@pytest.mark.parametrize(
    "cells",
    [
        BASE,
        replaced(0, markdown("# Another title\n\nwith text", "m1")),
        (*BASE, markdown("more", "m2")),
        replaced(3, cell("x = f(n)  # why\n\n\ny = 2\n", identifier="k3")),
        replaced(3, cell("# above\nx = f( n )\ny = (2)", identifier="k3")),
        (*BASE, cell("", identifier="k4")),
        (*BASE, cell("# a comment alone", identifier="k4")),
        (*BASE, cell("n = 99", "injected-parameters", identifier="inj")),
        replaced(3, cell("x = f(n)\ny = 2", "my-own-tag", identifier="k3")),
    ],
)
def test_what_does_not_count(tmp_path, cells):
    assert taken(tmp_path, *cells).digest == taken(tmp_path, *BASE).digest


@pytest.mark.parametrize(
    ("cells", "subject", "detail"),
    [
        (replaced(3, cell("x = f(n)\ny = 3", identifier="k3")), "k3", "changed"),
        (replaced(2, cell("n: int = 4", "parameters", identifier="k2")), "k2", "changed"),
        (replaced(3, cell("x = f(n)\ny = 2", "raises-exception", identifier="k3")), "k3", "changed"),
        (replaced(3, cell("x = f(n)\ny = 2", "skip-execution", identifier="k3")), "k3", "changed"),
        (replaced(2, cell("n: int = 3", identifier="k2")), "k2", "changed"),
        ((*BASE, cell("z = 1", identifier="k4")), "k4", "added"),
        (BASE[:3], "k3", "removed"),
        ((*BASE, cell("%load_ext x", identifier="k4")), "k4", "added"),
        ((BASE[0], BASE[1], BASE[3], BASE[2]), "cells", "in another order"),
    ],
)
def test_code_counts_cell_by_cell(tmp_path, cells, subject, detail):
    (change,) = taken(tmp_path, *cells).changes_since(taken(tmp_path, *BASE))
    assert (change.component, change.subject, change.detail) == ("code", subject, detail)


def test_outputs_and_counts_do_not_count(tmp_path):
    raw = [dict(item) for item in document(*BASE)["cells"]]
    for item in raw:
        if item["cell_type"] == "code":
            item |= {"outputs": [], "execution_count": None}
        item["metadata"] = {**item["metadata"], "collapsed": True}
    assert taken(tmp_path, *raw).digest == taken(tmp_path, *BASE).digest


def test_parameters_are_shown_before_and_after(tmp_path):
    before = taken(tmp_path, *BASE, parameters={"n": 3})
    (change,) = taken(tmp_path, *BASE, parameters={"n": 4}).changes_since(before)
    assert str(change) == "parameters: n 3 → 4"
    assert taken(tmp_path, *BASE, parameters={"n": 3.0}).digest != before.digest
    assert taken(tmp_path, *BASE, parameters={"n": "3"}).digest != before.digest


def test_markdown_and_settings_count_for_reports_only(tmp_path):
    shown = ReportSpec("Title")
    before = taken(tmp_path, *BASE, report=shown)

    def subjects(*cells, report=shown):
        changes = taken(tmp_path, *cells, report=report).changes_since(before)
        assert all(change.component == "docs" for change in changes)
        return {change.subject for change in changes}

    assert subjects(*replaced(0, markdown("# Other", "m1"))) == {"m1"}
    assert subjects(*BASE, report=ReportSpec("Another")) == {"title"}
    assert subjects(*BASE, report=ReportSpec("Title", toc=False)) == {"settings"}
    assert subjects(*BASE[1:], BASE[0]) == {"order"}
    commented = replaced(3, cell("x = f(n)  # why\ny = 2", identifier="k3"))
    assert subjects(*commented) == set()
    visible = ReportSpec("Title", hide_code=False)
    before = taken(tmp_path, *BASE, report=visible)
    assert subjects(*commented, report=visible) == {"k3"}


def lay(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_py", ".py").replace("INIT", "__init__")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_project_modules_count_by_content_and_transitively(tmp_path):
    lay(
        tmp_path,
        notebooks__helpers_py="import shared.deep.low\nfrom pkg import thing\nimport pandas",
        shared__INIT_py="",
        shared__deep__low_py="from . import sibling\nfrom ..top import x\nimport shared",
        shared__deep__sibling_py="import numpy",
        shared__top_py="import helpers",
        pkg__INIT_py="from .thing import y",
        pkg__thing_py="",
        pkg__unused_py="",
        other_py="",
    )
    found = Finder(tmp_path).modules("notebooks/a.ipynb", ["helpers", "os"])
    assert list(found.files) == [
        "notebooks/helpers.py",
        "pkg/__init__.py",
        "pkg/thing.py",
        "shared/__init__.py",
        "shared/deep/low.py",
        "shared/deep/sibling.py",
        "shared/top.py",
    ]
    assert {"numpy", "pandas", "os"} <= set(found.imported)
    before = taken(tmp_path, *BASE)
    lay(tmp_path, shared__deep__sibling_py="import numpy  # changed")
    (change,) = taken(tmp_path, *BASE).changes_since(before)
    assert str(change) == "imports: shared/deep/sibling.py changed"
    lay(tmp_path, pkg__unused_py="x = 1", other_py="y = 1")
    assert taken(tmp_path, *BASE).changes_since(before) == (change,)


def test_a_module_next_to_the_notebook_comes_before_one_of_the_project(tmp_path):
    lay(tmp_path, notebooks__helpers_py="a = 1", helpers_py="b = 1")
    assert list(Finder(tmp_path).modules("notebooks/a.ipynb", ["helpers"]).files) == ["notebooks/helpers.py"]
    assert list(Finder(tmp_path).modules("a.ipynb", ["helpers"]).files) == ["helpers.py"]


def test_files_that_are_run_by_magic_count(tmp_path):
    lay(tmp_path, notebooks__setup_py="import helpers", helpers_py="")
    found = Finder(tmp_path).modules("notebooks/a.ipynb", ["./setup.py", "./missing.py", "./setup"])
    assert list(found.files) == ["helpers.py", "notebooks/setup.py"]


def test_odd_modules_are_read_as_they_are(tmp_path):
    (tmp_path / "broken.py").write_text("def f(:")
    (tmp_path / "latin.py").write_bytes(b"# \xff\nx = 1")
    found = Finder(tmp_path).modules("a.ipynb", ["broken", "latin", "a b", "", "..x"])
    assert list(found.files) == ["broken.py", "latin.py"]


def test_the_environment_names_what_is_imported():
    found = kernel_environment(
        "python3", "python", ["pandas.core", "os", "workbench", "yaml", "no_such_module", "./x.py"]
    )
    assert found == {
        "kernel": "python3",
        "python": platform.python_version(),
        "pandas": version("pandas"),
        "pyyaml": version("pyyaml"),
    }
    assert kernel_environment("ir", "R", ["x"]) == {"kernel": "ir", "language": "R"}


def test_a_moved_import_of_a_library_changes_the_environment(tmp_path):
    before = taken(tmp_path, cell("x = 1", identifier="k"))
    after = taken(tmp_path, cell("import pandas", identifier="k"))
    assert {str(change) for change in after.changes_since(before)} == {"code: k changed", "environment: pandas added"}
