"""Notebook files: read strictly, refused with the place and the mend, made ready without touching them."""

import json
import os
import tempfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_files import cell, document, markdown, write

from workbench.model.errors import InvalidName, NotebookError, ParameterError, WorkbenchError
from workbench.pipeline.notebook import Template, read_notebook


def refused(root, path="a.ipynb", **more):
    with pytest.raises(NotebookError) as caught:
        read_notebook(root, path, **more)
    assert "Traceback" not in str(caught.value)
    return caught.value


def test_what_is_read(tmp_path):
    write(
        tmp_path / "notebooks" / "a.ipynb",
        markdown("# Title"),
        "import workbench as wb\nimport numpy.linalg",
        cell("n: int = 3  # rows", "parameters"),
        "df = wb.read('raw.x')   \n\n",
        "wb.write(df, 'clean.x')",
    )
    found = read_notebook(tmp_path, "notebooks/a.ipynb")
    assert (found.path, found.kernel, found.language) == ("notebooks/a.ipynb", "python3", "python")
    assert [item.kind for item in found.cells] == ["markdown", "code", "code", "code", "code"]
    assert found.cells[3].source == "df = wb.read('raw.x')"
    assert [item.name for item in found.parameters] == ["n"]
    assert found.parameters_cell == 2
    assert [(r.dataset, r.cell, r.line) for r in found.reads] == [("raw.x", 3, 1)]
    assert [(r.dataset, r.cell, r.line) for r in found.writes] == [("clean.x", 4, 1)]
    assert found.imports == ("workbench", "numpy.linalg")


@pytest.mark.parametrize(
    ("content", "code", "cause"),
    [
        (b"", "WB-NB-601", "the file is empty"),
        (b"  \n", "WB-NB-601", "the file is empty"),
        (b"hello", "WB-NB-601", "its JSON is broken at line 1"),
        (b'{\n "cells": [\n  {"cell_type": "code",\n', "WB-NB-601", "its JSON ends at line 4"),
        (b'{"cells": [], "nbformat": 4, "x": "abc', "WB-NB-601", "its JSON ends at line 1"),
        (b"[]", "WB-NB-601", "holds a list"),
        (b"null", "WB-NB-601", "holds null"),
        (b"3", "WB-NB-601", "holds a number"),
        (b"\x89PNG\r\n", "WB-NB-601", "not text in UTF-8"),
        ('{"cells": []}'.encode("utf-16"), "WB-NB-601", "not text in UTF-8"),
        (b"{}", "WB-NB-601", "/nbformat"),
        (b'{"nbformat": "4"}', "WB-NB-601", "/nbformat"),
        (b'{"nbformat": 99, "cells": []}', "WB-NB-602", "format 99"),
        (b'{"nbformat": 2, "worksheets": []}', "WB-NB-602", "format 2"),
        (b'{"nbformat": 3, "worksheets": 5}', "WB-NB-602", "format 3"),
        (b'{"nbformat": 4}', "WB-NB-602", "/cells"),
        (b'{"nbformat": 4, "cells": {}}', "WB-NB-602", "/cells"),
        (b'{"nbformat": 4, "cells": [3]}', "WB-NB-602", "at /cells/0"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "x", "source": ""}]}', "WB-NB-602", "/cells/0/cell_type"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "WB-NB-602", "/cells/0/source"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}', "WB-NB-602", "/cells/0/source"),
        (b'{"nbformat": 4, "cells": [], "metadata": []}', "WB-NB-602", "/metadata"),
        (b'{"nbformat": 4, "cells": [], "metadata": {"kernelspec": 3}}', "WB-NB-602", "/metadata/kernelspec"),
        (
            b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "metadata": {"tags": "x"}}]}',
            "WB-NB-602",
            "/cells/0/metadata/tags",
        ),
        (b"[" * 200_000, "WB-NB-603", ""),
        (
            b'{"nbformat": 4, "cells": [], "metadata": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
            "WB-NB-603",
            "",
        ),
    ],
)
def test_damaged_files(tmp_path, content, code, cause):
    (tmp_path / "a.ipynb").write_bytes(content)
    error = refused(tmp_path)
    assert error.code == code
    assert error.what.startswith("a.ipynb: ")
    assert cause in error.cause


JUNK = st.sampled_from([None, 1, True, "x", "\ud800", 1e999, [], {}, [[]], ["a"], {"a": 1}])


@st.composite
def damaged(draw):
    """A good notebook in which some values are replaced by others, or whose text ends early."""

    def damage(value):
        if draw(st.integers(0, 11)) == 0:
            return draw(JUNK)
        if isinstance(value, dict):
            return {key: damage(item) for key, item in value.items()}
        return [damage(item) for item in value] if isinstance(value, list) else value

    made = document("import workbench as wb", cell("n: int = 1", "parameters"), markdown("hi"), "wb.read('a.b')")
    text = json.dumps(damage(made))
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


@given(damaged())
def test_any_damage_is_told_and_never_a_traceback(text):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.ipynb").write_text(text)
        try:
            Template.read(Path(folder), read_notebook(Path(folder), "a.ipynb")).with_parameters("x = 1")
        except WorkbenchError as error:
            assert error.what.startswith("a.ipynb: ")


def test_missing_files_folders_and_other_things(tmp_path):
    assert refused(tmp_path).code == "WB-NB-600"
    assert refused(tmp_path, "no/such.ipynb").code == "WB-NB-600"
    (tmp_path / "folder.ipynb").mkdir()
    assert refused(tmp_path, "folder.ipynb").cause == "it is a folder"
    os.mkfifo(tmp_path / "pipe.ipynb")
    assert refused(tmp_path, "pipe.ipynb").cause == "it is no ordinary file"
    (tmp_path / "a.txt").write_text("{}")
    assert "does not end in .ipynb" in refused(tmp_path, "a.txt").cause
    (tmp_path / "loop.ipynb").symlink_to("loop.ipynb")
    assert refused(tmp_path, "loop.ipynb").code == "WB-NB-600"


def test_two_hundred_megabytes_are_refused_without_being_read(tmp_path):
    with (tmp_path / "a.ipynb").open("wb") as file:
        file.truncate(200_000_000)
    error = refused(tmp_path)
    assert error.code == "WB-NB-603"
    assert "200 MB" in error.cause


def test_the_limit_can_be_set(tmp_path):
    write(tmp_path / "a.ipynb", "x = 1")
    assert refused(tmp_path, limit_bytes=10).code == "WB-NB-603"


@pytest.mark.parametrize(
    "path",
    [
        "../a.ipynb",
        "/etc/a.ipynb",
        "notebooks/../../a.ipynb",
        "notebooks\\..\\a.ipynb",
        "C:/a.ipynb",
        "http://host/a.ipynb",
        "~/a.ipynb",
        "a\0.ipynb",
    ],
)
def test_paths_out_of_the_project(tmp_path, path):
    assert refused(tmp_path, path).code == "WB-NB-606"


def test_links_out_of_the_project(tmp_path):
    root = tmp_path / "project"
    write(tmp_path / "outside.ipynb", "x = 1")
    write(root / "inside.ipynb", "x = 1")
    (root / "out.ipynb").symlink_to(tmp_path / "outside.ipynb")
    (root / "in.ipynb").symlink_to(root / "inside.ipynb")
    assert refused(root, "out.ipynb").code == "WB-NB-606"
    assert read_notebook(root, "in.ipynb").cells


def test_a_byte_order_mark_and_a_missing_kernelspec_are_accepted(tmp_path):
    raw = document("x = 1")
    raw["metadata"] = {}
    (tmp_path / "a.ipynb").write_bytes(b"\xef\xbb\xbf" + json.dumps(raw).encode())
    found = read_notebook(tmp_path, "a.ipynb")
    assert (found.kernel, found.language) == ("python3", "python")


def test_format_3_is_brought_up_in_memory(tmp_path):
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "x"},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "code", "input": "x = 1", "outputs": [], "collapsed": False, "language": "python"},
                    {"cell_type": "heading", "level": 1, "source": "Hello"},
                ]
            }
        ],
    }
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(old))
    before = path.read_bytes()
    found = read_notebook(tmp_path, "a.ipynb")
    assert [item.source for item in found.cells] == ["x = 1", "# Hello"]
    assert read_notebook(tmp_path, "a.ipynb") == found
    assert path.read_bytes() == before


def test_two_parameters_cells(tmp_path):
    write(tmp_path / "a.ipynb", cell("x = 1", "parameters"), "y = 1", cell("z = 1", "parameters"))
    error = refused(tmp_path)
    assert (error.code, error.cause) == ("WB-NB-604", "cells 1, 3")


def test_a_syntax_error_names_cell_and_line(tmp_path):
    write(tmp_path / "a.ipynb", markdown("# t"), "x = 1", "y = 1\nfor in x:\n  pass")
    error = refused(tmp_path)
    assert (error.code, error.what) == ("WB-NB-605", "a.ipynb: syntax error in cell 3, line 2")
    assert error.detail == ("  for in x:",)


@pytest.mark.parametrize("tag", ["raises-exception", "skip-execution"])
def test_a_syntax_error_does_not_matter_where_it_is_meant_or_never_runs(tmp_path, tag):
    write(tmp_path / "a.ipynb", cell("for in x:", tag), "x = 1")
    assert read_notebook(tmp_path, "a.ipynb").cells


def test_odd_sources_are_refused_as_what_they_are(tmp_path):
    for source in ("x = '\ud800'", "x = 1\0", "(" * 3000):
        write(tmp_path / "a.ipynb", source)
        assert refused(tmp_path).code == "WB-NB-605"


def test_faults_inside_cells_name_the_notebook(tmp_path):
    write(tmp_path / "a.ipynb", cell("x: int = 'a'", "parameters"))
    with pytest.raises(ParameterError, match=r'WB-PAR-615: a\.ipynb: parameter "x", line 1'):
        read_notebook(tmp_path, "a.ipynb")
    write(tmp_path / "b.ipynb", "import workbench as wb", "wb.read('../x')")
    with pytest.raises(InvalidName, match=r"WB-NAM-331: b\.ipynb: cell 2, line 1"):
        read_notebook(tmp_path, "b.ipynb")


def test_cells_without_ids_get_stable_ones_that_markdown_does_not_shift(tmp_path):
    for cells in (["x = 1", "y = 1"], [markdown("a"), "x = 1", markdown("b"), "y = 1"]):
        raw = document(*cells)
        for item in raw["cells"]:
            del item["id"]
        (tmp_path / "a.ipynb").write_text(json.dumps(raw) + " " * len(cells))
        found = read_notebook(tmp_path, "a.ipynb")
        assert [item.id for item in found.cells if item.kind == "code"] == ["code-1", "code-2"]


def test_duplicate_and_invalid_ids_are_replaced(tmp_path):
    write(
        tmp_path / "a.ipynb",
        cell("a", identifier="x"),
        cell("b", identifier="x"),
        cell("c", identifier="no spaces!"),
        cell("d", identifier="code-2"),
    )
    identifiers = [item.id for item in read_notebook(tmp_path, "a.ipynb").cells]
    assert identifiers[0] == "x"
    assert len(set(identifiers)) == 4


def test_prepare_strips_and_injects_after_the_parameters_cell(tmp_path):
    path = write(
        tmp_path / "a.ipynb",
        markdown("# t"),
        cell("x = 1", "parameters"),
        cell("x = 99", "injected-parameters"),
        "print(x)",
    )
    before = path.read_bytes()
    found = read_notebook(tmp_path, "a.ipynb")
    text = Template.read(tmp_path, found).with_parameters("# Parameters\nx = 2")
    made = nbformat.reads(text, as_version=4)
    nbformat.validate(made)
    assert (made.nbformat, made.nbformat_minor) == (4, 5)
    assert [item.source for item in made.cells] == ["# t", "x = 1", "# Parameters\nx = 2", "print(x)"]
    assert [item.id for item in made.cells] == ["c0", "c1", "injected-parameters", "c3"]
    assert made.cells[2].metadata.tags == ["injected-parameters"]
    assert made.metadata.kernelspec.name == "python3"
    assert all(not item.outputs and item.execution_count is None for item in made.cells if item.cell_type == "code")
    assert path.read_bytes() == before


def test_prepare_without_a_parameters_cell_injects_at_the_top_and_without_values_nothing(tmp_path):
    write(tmp_path / "a.ipynb", "print(1)")
    found = read_notebook(tmp_path, "a.ipynb")
    assert [c["source"] for c in json.loads(Template.read(tmp_path, found).with_parameters("x = 2"))["cells"]] == [
        "x = 2",
        "print(1)",
    ]
    assert [c["source"] for c in json.loads(Template.read(tmp_path, found).with_parameters(""))["cells"]] == [
        "print(1)"
    ]


def test_prepare_keeps_attachments_and_cell_metadata_but_no_traces_of_runs(tmp_path):
    note = markdown("![p](attachment:p.png)") | {"attachments": {"p.png": {"image/png": "aGk="}}}
    code = cell("x = 1", "mine")
    code["metadata"] |= {"jupyter": {"source_hidden": True}, "papermill": {"status": "x"}, "execution": {"a": "b"}}
    raw = document(note, code)
    raw["metadata"] |= {"papermill": {"parameters": {"secret": 1}}, "widgets": {"a": {}}}
    (tmp_path / "a.ipynb").write_text(json.dumps(raw))
    made = json.loads(Template.read(tmp_path, read_notebook(tmp_path, "a.ipynb")).with_parameters())
    assert made["cells"][0]["attachments"] == {"p.png": {"image/png": "aGk="}}
    assert made["cells"][1]["metadata"] == {"tags": ["mine"], "jupyter": {"source_hidden": True}}
    assert list(made["metadata"]) == ["kernelspec"]


def test_prepare_refuses_a_notebook_that_changed_since_it_was_read(tmp_path):
    write(tmp_path / "a.ipynb", "x = 1")
    found = read_notebook(tmp_path, "a.ipynb")
    write(tmp_path / "a.ipynb", "x = 12")
    with pytest.raises(NotebookError, match="WB-NB-607"):
        Template.read(tmp_path, found).with_parameters("")


def test_a_notebook_in_another_language(tmp_path):
    write(tmp_path / "a.ipynb", cell("n <- 3", "parameters"), "for (i in n) {}", kernel="ir", language="R")
    found = read_notebook(tmp_path, "a.ipynb")
    assert (found.kernel, found.language) == ("ir", "R")
    assert [item.name for item in found.parameters] == ["n"]
