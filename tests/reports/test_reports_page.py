"""What a report shows of a notebook, and what it leaves out."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from report_pages import PNG, PROOF, code, display, figure, markdown, page, stream, write

from workbench.model.errors import NotebookError, UsageError
from workbench.model.events import EVENT_MIME
from workbench.model.pipeline import ReportSpec
from workbench.reports import render as rendering
from workbench.reports.figures import PALETTE, plotly_script, script_hash
from workbench.reports.render import render

FRAME = (
    '<div><style scoped>.x{}</style><table border="1" class="dataframe"><thead><tr style="text-align: right;">'
    "<th></th><th>origin</th><th>delay</th></tr></thead><tbody>"
    "<tr><th>0</th><td>EWR</td><td>1,234.5</td></tr><tr><th>1</th><td>JFK</td><td>NaN</td></tr></tbody></table>"
    "<p>2 rows × 2 columns</p></div>"
)


def test_the_title_is_said_once_and_headings_make_the_contents(tmp_path: Path) -> None:
    cells = [markdown("# Daily\n\nIntro.\n\n## First & <b>best</b>"), markdown("### Deep\n\n#### Deeper"), code("x")]
    html = page(tmp_path, *cells)
    assert html.count("<h1") == 1 and '<h1 class="title">Daily</h1>' in html
    assert '<h2 id="section-1">First &amp; <b>best</b></h2>' in html
    assert '<a href="#section-1">First &amp; best</a>' in html and '<a href="#section-2">Deep</a>' in html
    assert "section-3" in html and 'href="#section-3"' not in html

    other = page(tmp_path, *cells, title="Delays on 2013-01-15")
    assert '<h1 class="title">Delays on 2013-01-15</h1>' in other and '<p class="kicker">Daily</p>' in other
    shown = page(tmp_path, *cells, code("", display({"text/markdown": "## Said by code"})))
    assert '<a href="#section-4">Said by code</a>' in shown and '<h2 id="section-4">' in shown
    same = page(tmp_path, *cells, title="daily")
    assert "kicker" not in same.partition("<body>")[2]
    assert '<h1 class="title">daily</h1>' in page(tmp_path, markdown("Nothing."))
    assert 'class="contents"' not in page(tmp_path, *cells, spec=ReportSpec(toc=False))


def test_code_is_absent_or_folded(tmp_path: Path) -> None:
    cells = [code("day = 1", tags=("parameters",)), code("import secret  # <b>", stream("shown"))]
    hidden = page(tmp_path, *cells)
    assert "secret" not in hidden and "shown" in hidden
    folded = page(tmp_path, *cells, spec=ReportSpec(hide_code=False))
    assert '<span class="k-kn">import</span>' in folded and "&lt;b&gt;" in folded
    assert "<details" in folded and "day" not in folded.partition("<main")[2].partition("</main>")[0]


def test_cells_are_hidden_by_their_tags(tmp_path: Path) -> None:
    html = page(
        tmp_path,
        code("a", stream("one"), tags=("remove-cell",)),
        code("bbb", stream("two"), tags=("remove_output",)),
        code("ccc", stream("three"), tags=("hide-input",)),
        spec=ReportSpec(hide_code=False),
    )
    assert "one" not in html.partition("<main")[2] and ">two" not in html and "three" in html
    assert "bbb" in html and "ccc" not in html


def test_a_frame_becomes_a_table_with_numbers_to_the_right(tmp_path: Path) -> None:
    html = page(tmp_path, code("df", display({"text/html": FRAME, "text/plain": "plain"})))
    assert '<td class="number">1,234.5</td>' in html and '<td class="number null">NaN</td>' in html
    assert "<td>EWR</td>" in html and "<th>origin</th>" in html and '<th class="number">delay</th>' in html
    assert "<th>0</th>" not in html and "dataframe" not in html and "scoped" not in html and "plain" not in html
    assert "2 rows × 2 columns" in html
    named = FRAME.replace("<th>1</th>", "<th>17</th>")
    assert "<th>17</th>" in page(tmp_path, code("df", display({"text/html": named})))


def test_markdown_tables_lists_and_links(tmp_path: Path) -> None:
    html = page(tmp_path, markdown("| a | n |\n|---|---|\n| x | 3 |\n\n[site](https://example.org) [bad](ftp://x.y)"))
    assert '<td class="number">3</td>' in html
    assert '<a href="https://example.org" rel="noopener noreferrer">site</a>' in html
    assert "ftp://" not in html


def test_pictures_are_embedded_after_a_look_at_their_bytes(tmp_path: Path) -> None:
    uri = f"data:image/png;base64,{PNG}"
    assert f'src="{uri}" width="300"' in page(
        tmp_path, code("", display({"image/png": PNG, "text/plain": "<Figure>"}, {"image/png": {"width": 300}}))
    )
    assert f'src="{uri}"' in page(tmp_path, markdown("![a](attachment:b.png)", {"b.png": {"image/png": PNG}}))
    assert f'src="{uri}"' in page(tmp_path, markdown(f'<img src="{uri}" onerror="x">'))
    fallback = page(tmp_path, code("", display({"image/jpeg": PNG, "text/plain": "a figure"})))
    assert "data:image" not in fallback.partition("<body>")[2] and "a figure" in fallback
    lost = page(tmp_path, markdown("![a <map>](https://example.org/m.png) ![](attachment:none.png)"))
    assert "[picture not embedded: a &lt;map&gt;]" in lost and "m.png" not in lost


def test_svg_is_embedded_without_what_acts(tmp_path: Path) -> None:
    import base64

    svg = (
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="a()">'
        '<script>b()</script><style>@import "http://x.y"</style><a href="http://x.y"><rect/></a>'
        '<image xlink:href="http://x.y/z.png"/><use xlink:href="#g"/><g id="g" fill="url(http://x.y)"/>'
        "<foreignObject><b/></foreignObject><rect width='1'/></svg>"
    )
    html = page(tmp_path, code("", display({"image/svg+xml": svg})))
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert found
    text = base64.b64decode(found[1]).decode()
    for word in ("onload", "script", "import", "x.y", "foreignObject"):
        assert word not in text
    assert "rect" in text and "#g" in text
    for bad in ("<svg", "<html/>", '<!DOCTYPE s [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'):
        assert "text instead" in page(tmp_path, code("", display({"image/svg+xml": bad, "text/plain": "text instead"})))


def test_streams_errors_and_other_texts(tmp_path: Path) -> None:
    failure = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": ["\x1b[31mline <1>\x1b[0m"]}
    html = page(
        tmp_path,
        code("", stream("10%\r100% <done>\n"), stream("careful\nagain", "stderr"), failure),
        code(
            "", display({"text/latex": "$x<y$"}), display({"text/markdown": "**bold**"}), display({"text/plain": "3"})
        ),
    )
    assert "100% &lt;done&gt;" in html and "10%\r" not in html
    assert "<summary>Messages (2 lines)</summary>" in html
    assert "KeyError: &#39;x&#39;" in html and "line &lt;1&gt;" in html and "\x1b" not in html
    assert "$x&lt;y$" in html and "<strong>bold</strong>" in html


def test_scripts_widgets_and_our_own_events_are_left_out(tmp_path: Path) -> None:
    html = page(
        tmp_path,
        code("", display({"application/javascript": "alert(1)", "text/plain": "<Javascript>"})),
        code(
            "", display({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "IntSlider(3)"})
        ),
        code("", display({EVENT_MIME: {"kind": "staged"}})),
        code("", display({"text/html": "<script>1</script><style>2</style>", "text/plain": "told in words"})),
    )
    main = html.partition("<main")[2].partition("</main>")[0]
    assert "alert" not in main and "Javascript" not in main and "staged" not in main
    assert "IntSlider(3)" in main and "told in words" in main


def test_figures_carry_data_in_the_house_colours_and_one_script(tmp_path: Path) -> None:
    html = page(tmp_path, code("", figure("A </script> title", width=99, paper_bgcolor="red")), code("", figure()))
    assert html.count("<script>") == 2 and html.count(plotly_script()) == 1
    assert html.count('<script type="application/json"') == 2
    content = json.loads(html.partition('id="figure-data-1">')[2].partition("</script>")[0])
    assert content["data"][0]["marker"]["color"] == PALETTE[0]
    layout = content["layout"]
    assert layout["paper_bgcolor"] == "rgba(0,0,0,0)" and "width" not in layout and layout["height"] == 380
    assert layout["title"]["text"] == "A </script> title"
    assert 'aria-label="A &lt;/script&gt; title"' in html
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1])  # type: ignore[index]
    assert script_hash(plotly_script()) in policy and policy.count("sha256-") == 2


def test_without_figures_no_script_may_run_at_all(tmp_path: Path) -> None:
    html = page(tmp_path, markdown("Text."))
    assert "<script" not in html and "script-src &#39;none&#39;" in html and len(html) < 40_000


def test_figures_that_cannot_be_drawn_fall_back(tmp_path: Path) -> None:
    for plot in ({"data": [{"type": "scattergeo"}]}, {"data": [{"type": "choroplethmap"}]}, {"no": 1}, [1]):
        html = page(
            tmp_path, code("", display({"application/vnd.plotly.v1+json": plot, "image/png": PNG, "text/plain": "x"}))
        )
        assert "data-figure=" not in html and f"base64,{PNG}" in html
    both = display({"application/vnd.plotly.v1+json": {"data": []}, "image/png": PNG})
    assert 'class="still"' in page(tmp_path, code("", both))


@pytest.mark.parametrize("kind", ["heatmap", "treemap"])
def test_what_only_sounds_like_a_map_is_drawn(tmp_path: Path, kind: str) -> None:
    plot = {"application/vnd.plotly.v1+json": {"data": [{"type": kind}]}, "image/png": PNG}
    assert 'data-figure="1"' in page(tmp_path, code("", display(plot)))


def test_the_authors_template_and_colours_stay(tmp_path: Path) -> None:
    chosen = figure(template={"layout": {"colorway": ["#123456"]}})
    chosen["data"]["application/vnd.plotly.v1+json"]["data"][0]["marker"]["color"] = "#abcdef"
    html = page(tmp_path, code("", chosen))
    content = json.loads(html.partition('id="figure-data-1">')[2].partition("</script>")[0])
    assert content["layout"]["template"]["layout"]["colorway"] == ["#123456"]
    assert content["data"][0]["marker"]["color"] == "#abcdef"


def test_nothing_is_fetched_from_anywhere(tmp_path: Path) -> None:
    html = page(
        tmp_path,
        markdown("[a](http://x.y/link) ![i](http://x.y/i.png) <link rel=stylesheet href=http://x.y/l.css>"),
        markdown('<img src="//x.y/2.png"><table background="http://x.y/b"><tr><td>1</td></tr></table>'),
        code(
            "",
            display(
                {"text/html": '<div style="background:url(http://x.y/c)"><iframe src="http://x.y"></iframe>a</div>'}
            ),
        ),
        code("", figure(images=[{"source": "http://x.y/d.png"}])),
    )
    page_only = html.replace(plotly_script(), "")
    links = re.findall(r'<a href="http[^"]*" rel="noopener noreferrer">', page_only)
    assert links == ['<a href="http://x.y/link" rel="noopener noreferrer">']
    assert page_only.count("x.y") == 1
    assert not re.search(
        r"""(?:src|href|action|background)\s*=\s*["']?(?:https?:)?//""", page_only.replace(links[0], "")
    )
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import", page_only)


def test_the_head_and_the_proof_say_where_it_comes_from(tmp_path: Path) -> None:
    html = page(tmp_path, markdown("Text."))
    assert re.search(r'class="badge genuine"[^>]*><span aria-hidden="true">✓</span> genuine', html)
    for words in (
        "2013-01-15",
        "EWR, JFK",
        "16 Jan 2013, 06:00 UTC",
        "1 failed",
        "12 passed",
        "not checked",
        "336,776",
    ):
        assert words in html
    for value in (PROOF.run, PROOF.commit, PROOF.actor, PROOF.notebook_digest, "498330293740", "notebooks/daily.ipynb"):
        assert value in html
    withheld = render(write(tmp_path, markdown("x")), ReportSpec(), "", PROOF, "withheld")
    assert "was not published" in withheld and 'class="warning withheld"' in withheld
    loose = render(write(tmp_path, markdown("x")), ReportSpec(), "", replace(PROOF, run="", step=""))
    assert 'class="badge unproven"' in loose and '<h1 class="title">daily</h1>' in loose


def test_what_is_too_large_is_left_out_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    html = page(
        tmp_path,
        code("", display({"text/html": "<p>" + "x" * 6_000_000, "text/plain": "in short"})),
        code("", display({"text/html": "<p>" + "x" * 6_000_000})),
        code("", stream("y" * 200_000)),
    )
    assert "in short" in html and "An output of 6.0 MB was left out" in html
    assert "100,000 more characters" in html and len(html) < 200_000
    monkeypatch.setattr(rendering, "MAX_PAGE", 1000)
    with pytest.raises(UsageError, match=r"WB-REP-201.*at most.*executed notebook is kept"):
        page(tmp_path, markdown("Text."))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"nbformat": 3, "cells": []}', b'{"nbformat": 4, "cells": 1}', b"\xff\xfe"]
)
def test_a_notebook_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError, match=r"WB-REP-202.*bad\.ipynb"):
        render(path, ReportSpec(), "", PROOF)
    with pytest.raises(NotebookError, match="WB-REP-202: there is no notebook"):
        render(tmp_path / "none.ipynb", ReportSpec(), "", PROOF)


def test_odd_cells_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "odd.ipynb"
    cells = [
        3,
        {"cell_type": "markdown"},
        {"cell_type": "raw", "source": "raw"},
        {"cell_type": "code", "outputs": [None, {}, {"output_type": "display_data"}, {"output_type": "stream"}]},
        {"cell_type": "code", "source": ["a", "b"], "outputs": [stream("half \ud83d letter")], "metadata": {"tags": 3}},
        {"cell_type": "code", "outputs": [display({"image/png": 3, "text/plain": ["li", "st"]})]},
    ]
    path.write_text(json.dumps({"nbformat": 4, "cells": cells}))
    html = render(path, ReportSpec(hide_code=False), "", PROOF)
    assert "list" in html and "half \ufffd letter" in html
    path.write_text(json.dumps({"nbformat": 4, "cells": []}))
    assert "no text and no output" in render(path, ReportSpec(), "", PROOF)
