"""Two runs against each other, in a terminal, as JSON and as a page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from timed_runs import timed_run
from ui_nouns import LONG, drawn

from workbench.model.comparison import (
    CellPair,
    Change,
    Comparison,
    Grid,
    GridRow,
    Item,
    Line,
    OutputPair,
    Picture,
    Piece,
    Section,
    StepPair,
)
from workbench.model.run import State
from workbench.reports import grids, texts
from workbench.ui import codec, differences
from workbench.ui.cli.console import ASCII
from workbench.ui.cli.views import diff as view
from workbench.ui.pages import diff as page
from workbench.ui.pages.shell import save

EVIL = "</title></pre></td><script>hit()</script><img src=x onerror=hit()>"


def table(*rows: tuple[str, ...]) -> grids.Table:
    return grids.Table(["coffee", "orders"], [list(row) for row in rows])


ORDERS = grids.compare(
    table(("espresso", "3"), ("mocha", "1")), table(("espresso", "4"), ("mocha", "1"), ("latte", "2"))
)
PICTURE = Picture("data:a", "data:b", "data:c")
CELLS = (
    CellPair(
        "b", "code", Change.CHANGED, 3, 3, Change.CHANGED,
        texts.compare("df = read()\ndf = df[df.price > 2]", "df = read()\ndf = df[df.price > 3]"),
        (OutputPair("text", Change.CHANGED, "1 line changed", texts.compare("3 rows", "2 rows")),),
        seconds_before=1.25, seconds_after=2.5,
    ),
    CellPair(
        "c", "code", Change.CHANGED, 4, 5, Change.SAME, (),
        (
            OutputPair("table", Change.CHANGED, "1 of 3 rows added, 1 of 3 rows differ", grid=ORDERS),
            OutputPair("picture", Change.CHANGED, "2.1 % of its pixels differ", picture=PICTURE),
        ),
    ),
    CellPair("d", "code", Change.ADDED, None, 4, Change.ADDED, texts.whole("new = 1", Change.ADDED)),
    CellPair("e", "code", Change.SAME, 6, 6, Change.SAME),
)  # fmt: skip
SECTIONS = (
    Section("parameters", (Item("day", "2013-01-15", "2013-01-16"),)),
    Section("inputs", (Item("raw.orders", "version 3, 5 rows", "version 4, 6 rows"),)),
    Section("environment", (Item("pandas", "3.0.1", "3.0.2"), Item("python", "3.11", "3.11"))),
    Section("values", (Item("orders", 5, 6), Item("auc", None, 0.934567))),
    Section("times", (Item("seconds", 58.0, 29.0), Item("peak_bytes", 10**8, 2 * 10**8))),
)
STEPS = (
    StepPair("clean", Change.CHANGED, State.SUCCEEDED, State.FAILED, SECTIONS, CELLS),
    StepPair("ingest", Change.SAME, State.SUCCEEDED, State.SKIPPED),
    StepPair("fresh", Change.ADDED, None, State.SUCCEEDED),
)
ITEMS = (Item("commit", "abc", "def"), Item("seconds", 190.0, 240.0), Item("actor", "kim", "kim"))
TOLD = """\
  ~  commit  abc → def
  ~  took    3 min 10 s → 4 min 0 s  (+26 %)

~ clean  succeeded → failed
  ~  parameter day  2013-01-15 → 2013-01-16
  ~  input raw.orders  version 3, 5 rows → version 4, 6 rows
  ~  environment pandas  3.0.1 → 3.0.2
  ~  value orders  5 → 6
  +  value auc     0.9346
  ~  took         58.0 s → 29.0 s  (-50 %)
  ~  peak memory  100 MB → 200 MB
  ~ cell 3  1.2 s → 2.5 s
      df = read()
    - df = df[df.price > 2]
    + df = df[df.price > 3]
    ~ text: 1 line changed
      - 3 rows
      + 2 rows
  ~ cell 4 → 5  the same code, another output
    ~ table: 1 of 3 rows added, 1 of 3 rows differ
         coffee    orders
      ~  espresso  3 → 4
         mocha     1
      +  latte     2
    ~ picture: 2.1 % of its pixels differ
  + cell 4  added
    + new = 1
  1 code cell the same

+ fresh  added, succeeded

The same in both: ingest.

2 of 3 steps differ, in 3 cells.
Next: wb runs diff ABCDEF GHJKMN --html diff.html
"""


def compared(*steps: StepPair, items: tuple[Item, ...] = ITEMS) -> Comparison:
    before = timed_run(steps=())
    return Comparison(before, replace(before, id="01J00000000000000000GHJKMN"), items, steps)


def told(diff: Comparison, width: int = 80) -> str:
    lines = drawn(*view.draw(diff, width=width), width=width).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


class TestTerminal:
    def test_two_runs_look_like_this(self) -> None:
        head, _, rest = told(compared(*STEPS)).partition("\n")
        assert head.startswith("flights  run ABCDEF (") and "→ run GHJKMN (" in head
        assert rest == TOLD

    def test_it_can_be_said_in_ascii(self) -> None:
        assert told(compared(*STEPS)).translate(ASCII).isascii()

    def test_runs_that_do_not_differ_say_so(self) -> None:
        assert "Nothing differs, but for times and ids." in told(compared(STEPS[1]))
        assert "Neither run has a step." in told(compared())

    def test_of_many_equal_steps_some_are_named(self) -> None:
        steps = [replace(STEPS[1], step=f"s{number}") for number in range(1000)]
        text = told(compared(*steps, STEPS[2]))
        assert "The same in both: s0, s1, s2, s3, s4 and 995 more." in text

    def test_long_texts_and_tables_are_cut(self) -> None:
        lines = texts.compare("\n".join(f"a{n}" for n in range(200)), "\n".join(f"b{n} zz" for n in range(200)))
        rows = tuple(GridRow(Change.ADDED, (Item("", None, str(n)),)) for n in range(100))
        grid = Grid((Item("n", "n", "n"),), rows, {Change.ADDED: 100})
        outputs = OutputPair("text", Change.CHANGED, "", lines), OutputPair("table", Change.CHANGED, "", grid=grid)
        cell = CellPair("a", "code", Change.CHANGED, 1, 1, Change.SAME, (), outputs)
        text = told(compared(replace(STEPS[0], cells=(cell,))))
        assert len(text.splitlines()) < 200
        assert "more lines" in text and "… 60 more rows" in text

    @pytest.mark.parametrize("width", [40, 80, 120])
    def test_long_names_and_values_fit(self, width: int) -> None:
        items = (Item(LONG, LONG * 3, LONG * 2),)
        step = replace(STEPS[0], sections=(Section("values", items),), cells=())
        assert max(map(len, told(compared(step, items=()), width).splitlines()[2:-2])) <= width

    def test_wide_tables_show_the_columns_that_differ(self) -> None:
        names = [f"c{n:02}" for n in range(30)]
        grid = grids.compare(grids.Table(names, [["x"] * 30]), grids.Table(names, [["x"] * 20 + ["y"] + ["x"] * 9]))
        text = drawn(*view.grid(grid, 100), width=100)
        assert "c00" in text and "c20" in text and "c05" not in text and "… 28 more columns" in text

    def test_nothing_in_a_notebook_steers_the_terminal(self) -> None:
        line = Line(Change.ADDED, after=(Piece("\x1b[2Jred\x1b]0;title\x07"),))
        cell = CellPair("a", "code", Change.ADDED, None, 1, Change.ADDED, (line,))
        assert "\x1b[2J" not in told(compared(replace(STEPS[0], cells=(cell,))))


class TestJson:
    def test_everything_is_there_with_its_change_but_for_the_bytes_of_pictures(self) -> None:
        document = json.loads(codec.dumps(differences.comparison(compared(*STEPS))))
        assert document["change"] == "changed"
        assert document["before"]["id"].endswith("ABCDEF") and document["after"]["id"].endswith("GHJKMN")
        assert document["items"][0] == {"name": "commit", "change": "changed", "before": "abc", "after": "def"}
        clean = document["steps"][0]
        assert (clean["step"], clean["change"], clean["before"], clean["after"]) == (
            "clean", "changed", "succeeded", "failed",
        )  # fmt: skip
        outputs = clean["cells"][1]["outputs"]
        assert outputs[0]["grid"]["counts"] == {"changed": 1, "same": 1, "added": 1}
        assert outputs[1]["picture"] == {"size_before": None, "size_after": None, "share": None}


class TestPage:
    def evil(self) -> str:
        pieces = (Piece(EVIL, True),)
        lines = (Line(Change.CHANGED, pieces, pieces),)
        cell = Item("", EVIL, EVIL + "2")
        grid = Grid((Item(EVIL, EVIL, EVIL),), (GridRow(Change.CHANGED, (cell,)),), {})
        outputs = OutputPair(EVIL, Change.CHANGED, EVIL, lines, grid), OutputPair("error", Change.ADDED, EVIL, lines)
        pair = CellPair(EVIL, EVIL, Change.CHANGED, 1, 2, Change.CHANGED, lines, outputs, by_id=False)
        section = Section(EVIL, (Item(EVIL, EVIL, {EVIL: EVIL}),))
        step = StepPair(EVIL, Change.CHANGED, State.FAILED, State.LOST, (section,), (pair,), note=EVIL)
        items: tuple[Any, ...] = (Item(EVIL, EVIL, [EVIL]),)
        return page.draw(compared(step, replace(STEPS[1], step=EVIL), items=items))

    def test_what_notebooks_and_people_wrote_cannot_act(self) -> None:
        text = self.evil()
        assert "<script" not in text and "<img" not in text
        assert text.count("&lt;script&gt;") > 10

    def test_it_needs_nothing_else_and_runs_nothing(self) -> None:
        text = page.draw(compared(*STEPS))
        assert "<script" not in text and "http:" not in text and "https:" not in text
        assert "default-src 'none'" in text and "img-src data:" in text

    def test_words_values_and_pictures_stand_side_by_side(self) -> None:
        text = page.draw(compared(*STEPS))
        assert "<mark>2</mark>" in text and "<mark>3</mark>" in text
        assert "<del>3</del> <ins>4</ins>" in text
        assert [text.count(f'<img src="data:{name}"') for name in "abc"] == [1, 1, 1]

    def test_pictures_that_cannot_be_measured_are_laid_over_each_other(self) -> None:
        output = OutputPair("picture", Change.CHANGED, "it looks different", picture=Picture("data:a", "data:b"))
        cell = CellPair("a", "code", Change.CHANGED, 1, 1, Change.SAME, (), (output,))
        assert '<div class="overlaid">' in page.draw(compared(replace(STEPS[0], cells=(cell,))))

    def test_large_outputs_are_folded(self) -> None:
        lines = texts.whole("\n".join("x" * 3 for _ in range(100)), Change.ADDED)
        small = OutputPair("text", Change.ADDED, "", lines[:5])
        assert page.is_long(OutputPair("text", Change.ADDED, "", lines)) and not page.is_long(small)

    def test_runs_without_steps_say_so(self) -> None:
        assert "Neither run has a step." in page.draw(compared())

    def test_a_page_is_written_whole(self, tmp_path: Path) -> None:
        save(tmp_path / "diff.html", page.draw(compared(*STEPS)))
        assert (tmp_path / "diff.html").read_text().rstrip().endswith("</html>")
        assert list(tmp_path.iterdir()) == [tmp_path / "diff.html"]
