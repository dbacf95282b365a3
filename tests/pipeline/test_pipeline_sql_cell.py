"""``%%wb sql``: what planning reads of such a cell."""

import pytest

from workbench.model.errors import UsageError
from workbench.model.pipeline import Cell
from workbench.pipeline import sql_cell
from workbench.pipeline.cells import parse
from workbench.pipeline.flow import flow
from workbench.pipeline.references import find


def test_its_datasets_are_reads_without_any_import():
    cells = [Cell(0, "a", "code", "%%wb sql totals\n\nselect * from raw.sales join frame using (id)")]
    assert [one.dataset for one in find(cells).reads] == ["raw.sales"]
    told = flow(cells[0].source)
    assert "totals" in told.makes and list(told.needs) == ["frame"]


def test_lines_stay_where_they_are():
    assert parse("\n%%wb sql\nselect 1\nfrom a.b").text.count("\n") == 3


def test_a_query_counts_for_what_the_cell_does_and_so_do_its_options():
    digests = {parse(text).digest for text in ("%%wb sql\nselect 1", "%%wb sql\nselect 2", "%%wb sql x\nselect 1")}
    assert len(digests) == 3


@pytest.mark.parametrize("line", ["sql", " sql rows", " sql rows --as polars", " sql --as arrow rows # why"])
def test_options(line):
    assert sql_cell.read(line, "select 1\n").query == "select 1"


@pytest.mark.parametrize(
    "line", ["", "sqll", "sql 1x", "sql for", "sql a b", "sql --as", "sql --as excel", "sql 'open"]
)
def test_faulty_heads_are_told(line):
    with pytest.raises(UsageError, match="WB-NB-608"):
        sql_cell.read(line, "select 1")
    assert parse(f"%%wb {line}\nselect 1").tree is None


def test_a_cell_without_a_query():
    with pytest.raises(UsageError, match="WB-NB-608"):
        sql_cell.read("sql", "  \n")
