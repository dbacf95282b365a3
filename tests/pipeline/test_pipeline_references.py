"""What cells read, write and import, found by parsing."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench.model.errors import InvalidName
from workbench.model.pipeline import Cell
from workbench.pipeline.cells import parse
from workbench.pipeline.references import find
from workbench.pipeline.tables import datasets


def found(*sources, tags=()):
    return find(Cell(index, f"c{index}", "code", source, tags) for index, source in enumerate(sources))


def reads(*sources):
    return [(item.dataset or item.computed) for item in found(*sources).reads]


def writes(*sources):
    return [(item.dataset or item.computed) for item in found(*sources).writes]


@pytest.mark.parametrize(
    "source",
    [
        "import workbench as wb\nwb.read('a.b')",
        "import workbench\nworkbench.read('a.b', as_='polars')",
        "import workbench as w, os\nx = w.read(dataset='a.b')",
        "import workbench.step\nworkbench.read(name='a.b')",
        "from workbench import read\nread('a.b')",
        "from workbench import read as r\nr('a.b')",
        "from workbench import *\nread('a.b')",
        "import workbench as wb\ndef f():\n    return [wb.read('a.b').x for _ in range(3)]",
        "def f():\n    import workbench as wb\n    return wb.read('a.b')",
        "import workbench as wb\n%time df = wb.read('a.b')",
        "%%time\nimport workbench as wb\ndf = wb.read('a.b')",
        "import workbench as wb\n!ls 'unfinished\ndf = wb.read('a.b')",
        "import workbench as wb\ndf = await wb.read('a.b')",
        "import workbench as wb\nwb.sql('select * from a.b where d = $day')",
        "import workbench as wb\nwb.sql(query='from A.B')",
    ],
)
def test_literal_reads(source):
    assert reads(source)[-1] == "a.b"
    assert "a.b" in reads(source)
    assert all("." in name for name in reads(source))


def test_the_cell_and_line_are_kept_and_aliases_hold_across_cells():
    result = found(
        "import workbench as wb\n\n# note", "x = 1\n%matplotlib inline\ndf = wb.read('a.b')\nwb.write(df, 'c.d')"
    )
    assert [(item.cell, item.line) for item in (*result.reads, *result.writes)] == [(1, 3), (1, 4)]


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("wb.write(df, 'a.b')", ["a.b"]),
        ("wb.write(df, dataset='a.b', mode='append')", ["a.b"]),
        ("wb.write(frame=df, name='a.b')", ["a.b"]),
        ("wb.write(df, f'a.{x}')", ["f'a.{x}'"]),
        ("wb.write(df, NAME)", ["NAME"]),
        ("wb.write(*pair)", ["pair"]),
        ("wb.write(**words)", ["words"]),
        ("list(map(wb.write, frames, names))", ["wb.write"]),
        ("save = wb.write", ["wb.write"]),
        ("wb.write(df)", []),
        ("wb.writes(df, 'a.b')", []),
        ("other.write(df, 'a.b')", []),
    ],
)
def test_writes(call, names):
    assert writes("import workbench as wb\n" + call) == names


@pytest.mark.parametrize(
    "call",
    [
        "wb.read(f'a.{x}')",
        "wb.read('a.' + x)",
        "wb.read(NAME)",
        "wb.sql(f'select * from a.b where day = {day}')",
        "wb.sql('selec * from a.b')",
        "wb.sql('pivot a.b on c')",
        "wb.sql('select * from query_table(x)')",
        "wb.sql(QUERY)",
        "partial(wb.read, as_='polars')",
    ],
)
def test_computed_names(call):
    (reference,) = found("import workbench as wb\n" + call).reads
    assert reference.dataset == ""
    assert reference.computed
    assert (reference.cell, reference.line) == (0, 2)


def test_cells_that_are_not_python_or_never_run_hold_nothing():
    assert reads("import workbench as wb", "%%bash\nwb.read('a.b')") == []
    assert reads("wb.read('a.b')") == []
    assert found("import workbench as wb\nwb.read('a.b')", tags=("skip-execution",)).reads == ()
    assert reads("import workbench as wb\nwb.read(") == []


@pytest.mark.parametrize("name", ["Raw.x", "a", "a.b.c", "../x.y", "a.b'", "temp.x", "\u0430.b", ""])
def test_names_that_no_dataset_may_bear(name):
    with pytest.raises(InvalidName, match="cell 1, line 2"):
        found(f"import workbench as wb\nwb.read({name!r})")


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("select * from a.b join c.d using (k)", ["a.b", "c.d"]),
        ("with t as (select * from a.b) select * from t, t as u", ["a.b"]),
        ("select (select max(x) from c.d) from a.b", ["a.b", "c.d"]),
        ("from a.b select x -- from c.d", ["a.b"]),
        ("select 1; select * from a.b", ["a.b"]),
        ('select * from "a"."b"', ["a.b"]),
        ("select * from A.B", ["a.b"]),
        ("describe a.b", ["a.b"]),
        ("pivot (select * from a.b) on x in ('p', 'q') using sum(y)", ["a.b"]),
        ("select 'from c.d'", []),
        ("select * from df", []),
        ("select * from 'file.parquet'", []),
        ("select * from read_csv('missing.csv')", []),
        ("select * from information_schema.tables", []),
        ("select * from other.a.b", []),
        ('select * from "no name".b', []),
        ("", []),
    ],
)
def test_tables_of_a_query(sql, names):
    result = datasets(sql)
    assert result is not None
    assert sorted(result) == names


def test_imports():
    result = found(
        "import os.path as p, numpy as np\nfrom a.b import c, d\nfrom . import e",
        "def f():\n    import lazy",
        "import importlib\nimportlib.import_module('named.here')\n%run -i helpers/x.py arg\n%run 'with space.py'",
    )
    assert result.imports == (
        "os.path",
        "numpy",
        "a.b",
        "a.b.c",
        "a.b.d",
        "e",
        "lazy",
        "importlib",
        "named.here",
        "./helpers/x.py",
        "./with space.py",
    )


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline",
        "!pip install 'x",
        "x = !ls",
        "a, b = !ls\nc = %sql select 1",
        "if x:\n    %time y\n    !ls $x \\\n  -l",
        "df?",
        "df.head??",
        "?df",
        "%%capture out\nx = 1",
        "'''\n%not magic\n!nor this\n'''\n%magic",
        "await f()",
        "async for x in y: pass",
        "",
        "# only a comment",
        "'\\d'",
    ],
)
def test_ipython_syntax_is_understood(source):
    parsed = parse(source)
    assert parsed.tree is not None
    assert parsed.fault is None
    assert parsed.text.count("\n") == source.count("\n")


@pytest.mark.parametrize(
    ("source", "line"), [("x = (", 1), ("a = 1\nb = = 2", 2), ("%ls\nfor x in:", 2), ("def f(:", 1)]
)
def test_faults_have_their_line(source, line):
    fault = parse(source).fault
    assert fault is not None
    assert fault.line == line


def test_the_digest_forgets_comments_and_layout_and_nothing_else():
    same = ["x = f(1, 2)", "x=f( 1,2 )  # why", "\n# note\nx = f(\n    1,\n    2,\n)\n"]
    assert len({parse(source).digest for source in same}) == 1
    other = [
        "x = f(1, 3)",
        "x = f(1, 2.0)",
        "x = f('1', 2)",
        "y = f(1, 2)",
        "%ls",
        "!ls",
        "%%bash\nls",
        "%%bash\nls -l",
    ]
    assert len({parse(source).digest for source in [same[0], *other]}) == len(other) + 1


def test_threads_that_read_at_once_get_their_own_answers() -> None:
    texts = [f"select * from raw.t{number} join raw.other using (id)" for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(datasets, texts))
    assert found == [(f"raw.t{number}", "raw.other") for number in range(200)]
