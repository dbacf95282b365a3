"""How datasets look: what it is, whether it can be trusted, how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from workbench.model.catalog import CatalogEntry, ColumnEntry, SearchHit, Use
from workbench.model.dataset import Snapshot
from workbench.model.names import short_id
from workbench.model.quality import CheckResult
from workbench.ui import codec
from workbench.ui.cli.console import style
from workbench.ui.cli.views import quality
from workbench.ui.cli.words import NOT_CHECKED, WITHHELD, ago, count, moment, number, plain, share, shorten, size

MOST_INSTANCES = 3
"""Instances of a step that have a line each."""
MOST_VERSIONS = 5
WIDE = 90
NULLS = 2
LEAST_ABOUT = 20


def draw_hits(hits: Sequence[SearchHit], asked: str) -> list[RenderableType]:
    """What a search found, best first."""
    if not hits:
        if asked:
            return [f'Nothing matches "{asked}". Next: wb catalog search']
        return ["Datasets would be here. Next: wb run PIPELINE"]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    table.add_column("dataset", no_wrap=True, overflow="ellipsis")
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("version", justify="right", no_wrap=True)
    table.add_column("written", no_wrap=True)
    table.add_column("about", overflow="fold", ratio=1)
    for hit in hits:
        rows, version = (number(hit.rows), str(hit.version)) if hit.version else ("", "")
        about = [plain(hit.description), f"found by {hit.matched}" if asked and hit.matched not in ("", "name") else ""]
        told = Text("\n").join(Text(part, style=how) for part, how in zip(about, ("", "dim"), strict=True) if part)
        table.add_row(Text(hit.dataset, style="bold"), rows, version, ago(hit.written_at), told)
    parts: list[RenderableType] = [table, Text("Next: ").append(f"wb catalog show {hits[0].dataset}", style="bold")]
    if hits[0].corrected:
        parts.insert(0, Text(f'Nothing matches "{asked}"; shown is "{hits[0].corrected}".', style="dim"))
    return parts


def draw(entry: CatalogEntry, *, width: int) -> list[RenderableType]:
    """All that is known of a dataset: what it is, its columns, whether it can be trusted, how to read it."""
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(ratio=1, overflow="fold")
    for name, lines in _facts(entry):
        facts.add_row(name, Text("\n").join(lines))
    parts: list[RenderableType] = [_head(entry)]
    if entry.dataset.description:
        parts.append(Text(plain(entry.dataset.description)))
    if entry.columns:
        parts += [Text(), _columns(entry, width)]
    command = f"wb lineage show {entry.dataset.name}"
    return [*parts, Text(), facts, Text("Next: ").append(command, style="bold")]


def _head(entry: CatalogEntry) -> Text:
    text = Text(entry.dataset.name, style="bold")
    snapshot = entry.snapshot
    if snapshot is None:
        return text.append(f"  nothing published in {entry.environment} yet", style="not bold")
    told = [f"version {snapshot.version}", entry.environment, count(snapshot.rows, "row"), size(snapshot.bytes)]
    text.append("  " + "  ".join([*told, ago(snapshot.created_at)]), style="not bold")
    if entry.history and entry.history[0].withheld:
        text.append(f"  {WITHHELD.glyph} the last write was withheld", style=style(WITHHELD))
    return text


def _columns(entry: CatalogEntry, width: int) -> Table:
    """The columns; what they mean is shown where the terminal is wide enough for it."""
    wide = width >= WIDE
    most, widest_type = (16, 24) if wide else (10, 8)
    rows = entry.snapshot.rows if entry.snapshot else 0
    cells = [("column", "type", "nulls", "range")]
    for column in entry.columns:
        name, kind = shorten(column.name, max(width // 4, 12)), shorten(column.type, widest_type)
        cells.append((name, kind, _nulls(column, rows, wide), _range(column, most)))
    widths = [max(len(row[index]) for row in cells) for index in range(4)]
    about = width - sum(widths) - 2 * len(widths)
    table = Table.grid(padding=(0, 2, 0, 0))
    for index, least in enumerate(widths):
        table.add_column(min_width=least, no_wrap=True, justify="right" if index == NULLS else "left")
    table.add_column(no_wrap=True, overflow="ellipsis")
    for row, told in zip(cells, ["about", *(column.description for column in entry.columns)], strict=True):
        how = ["dim"] * 4 if row is cells[0] else ["bold", "", "dim" if row[NULLS] == "0" else "", ""]
        shown = [Text(cell, style=one) for cell, one in zip(row, how, strict=True)]
        table.add_row(*shown, Text(plain(told), style="dim") if about >= LEAST_ABOUT else Text())
    return table


def _nulls(column: ColumnEntry, rows: int, wide: bool) -> str:
    if not column.nulls:
        return "" if column.nulls is None else "0"
    return f"{number(column.nulls)} ({share(column.nulls, rows)})" if wide else share(column.nulls, rows)


def _range(column: ColumnEntry, most: int) -> str:
    ends = [shorten(moment(plain(end)), most) for end in (column.minimum, column.maximum) if end is not None]
    return " to ".join(dict.fromkeys(ends))


def _facts(entry: CatalogEntry) -> Iterator[tuple[str, list[Text]]]:
    if entry.dataset.owner:
        yield "owner", [Text(plain(entry.dataset.owner))]
    if entry.dataset.tags:
        yield "tags", [Text(", ".join(entry.dataset.tags))]
    if entry.contract:
        yield "contract", [Text(" version ".join(filter(None, (entry.contract.path, entry.contract.version))))]
    yield "checks", [_checks(entry.results)]
    if entry.withheld:
        yield "withheld", [*quality.failing(entry.withheld)]
    if entry.history:
        yield "versions", [_version(snapshot) for snapshot in entry.history[:MOST_VERSIONS]]
    if entry.inputs:
        made_from = [f"{item.dataset} version {item.version} ({count(item.rows, 'row')})" for item in entry.inputs]
        yield "made from", [Text(line) for line in made_from]
    for name, uses in (("written by", entry.writers), ("read by", entry.readers)):
        if uses:
            yield name, [*_uses(uses)]
    yield "read it", [Text(codec.read_code(entry.dataset.name))]


def _uses(uses: Sequence[Use]) -> Iterator[Text]:
    """A line for each step; many instances of one share theirs."""
    for (pipeline, base, notebook), group in groupby(
        uses, lambda use: (use.pipeline, use.step.partition("[")[0], use.notebook)
    ):
        same = list(group)
        told = [f"{use.pipeline}.{use.step}" for use in same]
        if len(same) > MOST_INSTANCES:
            first, last = (use.step.removeprefix(base).strip("[]") for use in (same[0], same[-1]))
            told = [f"{pipeline}.{base}[{first} … {last}] × {len(same):,}"]
        yield from (Text(name).append(f"  {notebook}", style="dim") for name in told)


def _checks(results: Sequence[CheckResult]) -> Text:
    if not results:
        return Text(f"{NOT_CHECKED.glyph} {NOT_CHECKED.word}")
    return quality.verdict("", results)


def _version(snapshot: Snapshot) -> Text:
    version = "–" if snapshot.withheld else snapshot.version
    text = Text(f"{version}  {ago(snapshot.created_at)}  {snapshot.mode.value}  {count(snapshot.rows, 'row')}")
    told = [snapshot.environment, f"run {short_id(snapshot.run)}" if snapshot.run else "", snapshot.step]
    text.append("  " + "  ".join(part for part in told if part), style="dim")
    return text.append("  withheld", style=style(WITHHELD)) if snapshot.withheld else text
