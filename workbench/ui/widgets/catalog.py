"""Views of data: a search, one dataset, its columns, where it came from, how good it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from workbench.model.catalog import CatalogEntry, ColumnEntry, SearchHit
from workbench.model.lineage import Graph
from workbench.model.quality import CheckResult, Outcome
from workbench.quality.service import Checked
from workbench.ui import codec
from workbench.ui.cli.views import catalog as words_of
from workbench.ui.cli.views.quality import look_of, title, verdict
from workbench.ui.cli.words import NOT_CHECKED, WITHHELD, ago, count, duration, moment, number, share, size
from workbench.ui.graph import drawing, sources
from workbench.ui.graph.chart import Box, Chart, fold
from workbench.ui.widgets import html
from workbench.ui.widgets.view import View, written

MOST_VERSIONS = 5


def search(hits: Sequence[SearchHit], asked: str) -> View:
    """What a search found."""
    rows = [
        (
            html.lead(hit.dataset, "dataset", hit.dataset),
            number(hit.rows) if hit.version else "",
            str(hit.version or ""),
            ago(hit.written_at),
            hit.description,
            ", ".join(hit.tags),
        )
        for hit in hits
    ]
    found = html.table(("dataset", "rows", "version", "written", "about", "tags"), rows, (1, 2))
    nothing = f'Nothing matches "{asked}".' if asked else "Datasets would be here, once a pipeline has written some."
    note = f'Nothing matches "{asked}"; shown is "{hits[0].corrected}".' if hits and hits[0].corrected else ""
    return View(
        html=html.page(
            html.heading(f'Search "{asked}"' if asked else "Datasets", count(len(hits), "dataset")),
            html.paragraph(note),
            found or html.paragraph(nothing),
        ),
        text=written(words_of.draw_hits(hits, asked)),
        data={"hits": [codec.hit(hit) for hit in hits]},
    )


def dataset(entry: CatalogEntry, chart: Chart) -> View:
    """All that is known of a dataset, with what lies one step before and after it."""
    snapshot = entry.snapshot
    facts = [f"nothing published in {entry.environment} yet"]
    if snapshot:
        sizes = count(snapshot.rows, "row"), size(snapshot.bytes)
        facts = [f"version {snapshot.version}", entry.environment, *sizes, f"written {ago(snapshot.created_at)}"]
    late = html.state(WITHHELD, "the last write was withheld") if entry.history and entry.history[0].withheld else ""
    uses = [
        (role, html.lead(f"{use.pipeline}.{use.step}", "runs", use.pipeline), use.notebook, ago(use.at))
        for role, found in (("written by", entry.writers), ("read by", entry.readers))
        for use in found[:20]
    ]
    about = [
        (name, told) for name, told in (("owner", entry.dataset.owner), ("tags", ", ".join(entry.dataset.tags))) if told
    ]
    picture = drawing.draw(chart) if len(chart.boxes) > 1 else None
    parts = [
        html.heading(entry.dataset.name, *facts, late),
        html.paragraph(entry.dataset.description),
        html.table(("", ""), about) if about else Markup(""),
        html.paragraph(Markup("Read it: {}").format(html.code(codec.read_code(entry.dataset.name)))),
        html.section("Columns", columns(entry.columns, snapshot.rows if snapshot else 0)),
        html.section("Checks", _checks(entry.results), results(entry.results)),
        html.section("Withheld", results(entry.withheld)),
        html.section("Lineage", drawing.figure(chart) if picture else Markup(""), _arrows(chart)),
        html.section("Used", html.table(("", "step", "notebook", "last"), uses)),
        html.section("Versions", _versions(entry)),
    ]
    return View(
        html=html.page(*parts),
        text=written(words_of.draw(entry, width=100)),
        data=codec.catalog_entry(entry),
    )


def profile(
    name: str, found: Sequence[ColumnEntry], rows: int, version: int, make: Callable[[], Any] | None = None
) -> View:
    """What was measured of the columns of a dataset; ``make`` makes the widget of it."""
    from rich.text import Text

    facts = [f"version {version}", count(rows, "row"), count(len(found), "column")]
    lines = [
        f"{column.name}  {column.type}  {_nulls(column, rows) or '0'} null  {_range(column)}".rstrip()
        for column in found
    ]
    return View(
        html=html.page(html.heading(f"Profile of {name}", *facts), columns(found, rows)),
        text=written([Text(f"{name}  {'  '.join(facts)}"), *(Text(line, no_wrap=True) for line in lines)]),
        data={"dataset": name, "version": version, "rows": rows, "columns": [vars(column) for column in found]},
        make=make,
    )


def lineage(graph: Graph, states: Mapping[str, str]) -> View:
    """What a dataset was made from and what is made of it."""
    from workbench.lineage.text import tree

    whole = sources.lineage(graph, states=states)
    chart = fold(whole)
    empty = "Nothing was read for it, and nothing reads it yet." if not graph.arrows else ""
    return View(
        html=html.page(
            html.heading(chart.title, drawing.about(chart)),
            drawing.figure(chart),
            html.paragraph(empty),
            html.folded("As text", html.block(tree(graph))),
        ),
        text=tree(graph),
        data=codec.graph(graph),
        svg=drawing.standalone(chart),
        chart=whole,
    )


def quality(checked: Checked) -> View:
    """How a dataset stood when it was published."""
    from workbench.ui.cli.views import quality as view

    facts = [f"version {checked.version}", count(checked.rows, "row"), _checks(checked.results)]
    return View(
        html=html.page(html.heading(f"Quality of {checked.subject}", *facts), results(checked.results, every=True)),
        text=written(view.draw(checked.subject, checked.results, width=100)),
        data=codec.checked(checked),
    )


def overview(found: Sequence[Checked], unpublished: Sequence[str], make: Callable[[], Any] | None = None) -> View:
    """All datasets and how each stands, those that call for a look first; ``make`` makes the widget of it."""
    from rich.text import Text

    ordered = sorted(found, key=lambda one: (one.passed, all(r.outcome is Outcome.PASS for r in one.results)))
    rows = [
        (
            html.code(one.subject),
            _checks(one.results),
            "; ".join(f"{title(r)}: {r.observed or r.error}" for r in one.results if r.outcome is not Outcome.PASS),
            number(one.rows),
            str(one.version),
        )
        for one in ordered
    ]
    bad = sum(not one.passed for one in found)
    told = f"{count(len(found), 'dataset')}, {bad} with failing checks" if found else ""
    nothing = "Datasets would be here, once a pipeline has written some." if not found else ""
    lines = [Text(f"{one.subject}  ").append(verdict(one.subject, one.results)) for one in ordered if one.results]
    bare = [Text(f"{NOT_CHECKED.glyph} {one.subject}  {NOT_CHECKED.word}") for one in ordered if not one.results]
    return View(
        html=html.page(
            html.heading("Quality", told),
            html.table(("dataset", "checks", "what fails", "rows", "version"), rows, (3, 4)),
            html.paragraph(nothing),
            html.paragraph(f"Without data: {', '.join(unpublished)}" if unpublished else "", soft=True),
        ),
        text=written([Text(told or nothing), *lines, *bare]),
        data={"datasets": [codec.checked(one) for one in ordered], "without_data": list(unpublished)},
        make=make,
    )


def columns(found: Sequence[ColumnEntry], rows: int) -> Markup:
    """The columns of a dataset and what was measured of them."""
    lines = [(html.code(one.name), one.type, _nulls(one, rows), _range(one), one.description) for one in found]
    return html.table(("column", "type", "null", "range", "about"), lines, (2,))


def results(found: Sequence[CheckResult], every: bool = False) -> Markup:
    """Check results, a line each; those that passed only with ``every``."""
    lines = [
        (
            html.state(look_of(one)),
            title(one),
            one.error or (one.observed if one.outcome is Outcome.PASS else f"{one.observed}, expected {one.expected}"),
            f"{number(one.failing)} of {number(one.rows)}" if one.failing else "",
            duration(one.seconds),
        )
        for one in found
        if every or one.outcome is not Outcome.PASS
    ]
    return html.table(("", "check", "found", "failing rows", "took"), lines, (3, 4))


def _checks(found: Sequence[CheckResult]) -> Markup:
    if not found:
        return html.state(NOT_CHECKED)
    worst = min(found, key=lambda one: (not one.blocks, one.outcome is Outcome.PASS))
    return html.state(look_of(worst), str(verdict("", found))[2:])


def _nulls(column: ColumnEntry, rows: int) -> str:
    return share(column.nulls, rows) if column.nulls else "" if column.nulls is None else "0"


def _range(column: ColumnEntry) -> str:
    ends = [moment(end) for end in (column.minimum, column.maximum) if end is not None]
    return " to ".join(dict.fromkeys(ends))


def _versions(entry: CatalogEntry) -> Markup:
    rows = [
        (
            html.state(WITHHELD) if one.withheld else str(one.version),
            ago(one.created_at),
            one.mode.value,
            number(one.rows),
            f"{one.environment}, {one.step}" if one.step else one.environment,
        )
        for one in entry.history[:MOST_VERSIONS]
    ]
    return html.table(("version", "written", "how", "rows", "where and by"), rows, (3,))


def _arrows(chart: Chart) -> Markup:
    """The arrows as text, for where the picture is taken out."""
    names: dict[str, Box] = {box.id: box for box in chart.boxes}
    told = [f"{names[one].name} → {names[two].name}" for one, two in chart.arrows[:50]]
    return html.folded("As text", html.block("\n".join(told))) if told else Markup("")


def standing(checked: Checked) -> str:
    """``pass``, ``warn``, ``failed``, or empty where nothing was checked."""
    if not checked.results:
        return ""
    if all(one.outcome is Outcome.PASS for one in checked.results):
        return "pass"
    return "warn" if checked.passed else "failed"
