"""One executed notebook, one self-contained page: no address to fetch from, no script but ours."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from workbench.model.errors import NotebookError, UsageError
from workbench.model.names import short_id
from workbench.model.pipeline import ReportSpec
from workbench.model.report import Proof
from workbench.reports import markdown
from workbench.reports.figures import plotly_script, script_hash
from workbench.reports.markdown import Heading
from workbench.reports.outputs import Block, Figures, output_blocks
from workbench.reports.tables import dress

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_PAGE = 20_000_000
MAX_NOTEBOOK = 200_000_000
_TEMPLATES = Path(__file__).parent / "templates"
_HIDDEN = frozenset({"hide", "hide_cell", "remove_cell"})
_NO_SOURCE = frozenset({"hide_input", "remove_input", "parameters", "injected_parameters"})
_NO_OUTPUT = frozenset({"hide_output", "remove_output"})
BADGES: dict[str, tuple[str, str]] = {
    "genuine": ("✓", "Made by a recorded run, from the snapshots listed in the proof"),
    "withheld": ("✋", "A check failed: the data behind this report was not published"),
    "failed": ("✗", "The run failed before its end"),
    "unproven": ("–", "Made from a notebook alone, by no run"),
}
"""Badge → icon and what it means."""


@dataclass
class Page:
    """What the template draws; ``kicker`` is the notebook's own title where the report has another."""

    title: str
    kicker: str = ""
    blocks: list[Block] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)

    def add(self, blocks: Iterable[Block]) -> None:
        """Append blocks, their headings joining the table of contents."""
        for block in blocks:
            if block.kind == "html":
                html, headings = markdown.anchor_headings(block.body, len(self.headings) + 1)
                self.headings += headings
                block = replace(block, body=html)
            self.blocks.append(block)

    @property
    def interactive(self) -> bool:
        return any(block.figure for block in self.blocks)


def render(notebook_path: Path, spec: ReportSpec, title: str, proof: Proof, badge: str = "") -> str:
    """The page of an executed notebook, as ``read_page`` and ``write_page`` make it."""
    return write_page(read_page(notebook_path, spec, title, proof.step or notebook_path.stem), spec, proof, badge)


def write_page(page: Page, spec: ReportSpec, proof: Proof, badge: str = "") -> str:
    """The HTML of a page; ``badge`` is a key of ``BADGES``, by default ``genuine`` when the proof names a run.

    Raises UsageError (WB-REP-201) when it would be larger than 20 MB.
    """
    html = _write(page, spec, proof, badge or ("genuine" if proof.run else "unproven"))
    size = len(html.encode())
    if size > MAX_PAGE:
        raise UsageError(
            "WB-REP-201",
            f"the report {page.title!r} would be {size / 1e6:,.1f} MB",
            cause=f"a report is at most {MAX_PAGE // 1_000_000} MB, so that it can be opened and sent",
            kept="The executed notebook is kept.",
            next="show fewer points in figures, or summaries instead of whole tables",
        )
    return html


def read_page(notebook_path: Path, spec: ReportSpec, title: str, fallback: str) -> Page:
    """The title, blocks and headings of an executed notebook.

    ``title`` is the report's; when it is empty the notebook's first heading, else ``fallback``. Raises NotebookError
    (WB-REP-202) for a notebook that cannot be read.
    """
    notebook = read_executed(notebook_path)
    page = Page(title)
    figures = Figures()
    language = _language(notebook)
    for cell in notebook["cells"]:
        if not isinstance(cell, Mapping) or (tags := _tags(cell)) & _HIDDEN:
            continue
        if cell.get("cell_type") == "markdown":
            _add_markdown(page, cell)
        elif cell.get("cell_type") == "code":
            source = _text(cell.get("source"))
            if source.strip() and not spec.hide_code and not tags & _NO_SOURCE:
                page.blocks.append(Block("code", _highlighted(source, language)))
            outputs = cell.get("outputs")
            if isinstance(outputs, list) and not tags & _NO_OUTPUT:
                shown = (item for item in outputs if isinstance(item, Mapping))
                page.add([block for output in shown for block in output_blocks(output, figures)])
    page.title = page.title or fallback
    return page


def read_executed(path: Path) -> dict[str, Any]:
    """The notebook at ``path`` as nbformat 4 JSON. Raises NotebookError (WB-REP-202)."""
    try:
        if path.stat().st_size > MAX_NOTEBOOK:
            raise ValueError(f"it is larger than {MAX_NOTEBOOK // 1_000_000} MB")
        content = path.read_bytes()
        notebook = json.loads(content)
        if b"\\ud" in content.lower():
            notebook = _whole_letters(notebook)
    except FileNotFoundError:
        raise NotebookError("WB-REP-202", f"there is no notebook {path}", next="check the path") from None
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        raise _unreadable(path, "it is not of nbformat 4")
    return notebook


def _unreadable(path: Path, cause: str) -> NotebookError:
    return NotebookError(
        "WB-REP-202",
        f"{path} cannot be read as a notebook",
        cause=cause,
        next="open it in JupyterLab and save it again",
    )


def _whole_letters(value: Any) -> Any:
    """JSON may spell halves of letters, which are no text and cannot be written."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_whole_letters(item) for item in value]
        case dict():
            return {_whole_letters(key): _whole_letters(item) for key, item in value.items()}
    return value


def _add_markdown(page: Page, cell: Mapping[str, Any]) -> None:
    """Add a Markdown cell; the heading that the notebook begins with is its title, and is not said twice."""
    attachments = cell.get("attachments")
    html = markdown.to_html(_text(cell.get("source")), attachments if isinstance(attachments, Mapping) else None)
    if not page.blocks and not page.kicker:
        first, rest = markdown.split_title(html)
        if first:
            html = rest
            page.kicker = first if page.title and page.title.casefold() != first.casefold() else ""
            page.title = page.title or first
    if html.strip():
        page.add([Block("html", dress(html))])


def _write(page: Page, spec: ReportSpec, proof: Proof, badge: str) -> str:
    scripts = [plotly_script(), _asset("figures.js")] if page.interactive else []
    icon, meaning = BADGES[badge]
    headings = [heading for heading in page.headings if heading.level <= 3]
    top = min((heading.level for heading in headings), default=1)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=page,
            proof=proof,
            badge={"name": badge, "icon": icon, "meaning": meaning},
            contents=[(heading, heading.level - top) for heading in headings] if spec.toc and len(headings) > 1 else [],
            style=Markup(_asset("report.css")),
            scripts=[Markup(script) for script in scripts],
            policy=_policy(scripts),
        )
    )


def _policy(scripts: list[str]) -> str:
    """The Content-Security-Policy: our scripts by their hashes, pictures that are inside the page, nothing else."""
    allowed = " ".join(script_hash(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(safe_block=Markup, moment=_moment, short=short_id, value=_value, number=_number)
    return environment


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _highlighted(source: str, language: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TextLexer, get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        lexer = TextLexer()
    return str(highlight(source, lexer, HtmlFormatter(nowrap=True, classprefix="k-"))).rstrip("\n")


def _language(notebook: Mapping[str, Any]) -> str:
    metadata = notebook.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        part = metadata.get(key) if isinstance(metadata, Mapping) else None
        if isinstance(part, Mapping) and isinstance(part.get(name), str):
            return str(part[name])
    return "python"


def _tags(cell: Mapping[str, Any]) -> frozenset[str]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return frozenset(str(tag).replace("-", "_") for tag in tags) if isinstance(tags, list) else frozenset()


def _text(source: Any) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _moment(text: str) -> str:
    """``15 Jan 2013, 06:00 UTC`` from ISO 8601; anything else as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = " UTC" if at.utcoffset() is not None and not at.utcoffset() else at.strftime(" %z").rstrip()
    return f"{at.day} {at:%b %Y, %H:%M}{zone}"


def _value(value: Any) -> str:
    """A parameter as people write it."""
    if isinstance(value, list | tuple):
        return ", ".join(_value(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_value(item)}" for key, item in value.items())
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 120 else text[:119] + "…"


def _number(value: int) -> str:
    return f"{value:,}"
