"""Where a cursor stands in a cell that is being written."""

import pytest

from workbench.pipeline.completing import wanted


def at(text):
    source = text.replace("|", "", 1)
    found = wanted(source, text.index("|"))
    return (found.kind, found.prefix, *found.datasets)


@pytest.mark.parametrize(
    "text",
    [
        "wb.read('raw.|",
        'df = wb.read("raw.|", as_="polars")',
        "wb.read(name='raw.|'",
        "wb.write(df[['a', 'b']], 'raw.|",
        "wb.check(df, 'raw.|')",
        "x = 'a'  # it's\nwb.read(\n  'raw.|",
        "wb.sql('select * from raw.|')",
        'wb.sql("""\nselect a\nfrom a.b x join raw.|',
        "%%wb sql\nselect * from raw.|",
    ],
)
def test_names_of_datasets(text):
    assert at(text) == ("dataset", "raw.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("wb.read('a.b', columns=['x', 'y|", ("column", "y", "a.b")),
        ("wb.sql('select y| from a.b')", ("column", "y", "a.b")),
        ("wb.sql('select t.y| from a.b as t join c.d e using (k)')", ("column", "y", "a.b")),
        ("wb.sql('select y| from a.b t join c.d on x')", ("column", "y", "a.b", "c.d")),
        ("%%wb sql rows\nselect y|\nfrom a.b", ("column", "y", "a.b")),
    ],
)
def test_names_of_columns(text, told):
    assert at(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "wb.read|('a')",
        "print('raw.|')",
        "# wb.read('raw.|",
        "wb.read('a.b', as_='p|",
        "x = 'raw.|'",
        "%%wb s|ql\n",
        "|",
        "wb.write('x|",
    ],
)
def test_elsewhere_nothing_is_wanted(text):
    assert at(text)[0] == ""


@pytest.mark.parametrize(
    "text", ["wb.read('''" * 50 + "|", "((((" * 2000 + "'|", "\\" * 99 + "'|", "wb.sql('" + "(" * 3000 + "|"]
)
def test_anything_that_is_typed_is_borne(text):
    at(text)
