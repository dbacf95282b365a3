"""Pictures of graphs: no box on another, arrows to the right, the same picture each time, and text that stays text."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

import pytest
from graphs import HOSTILE, arrows, crowd
from hypothesis import given, settings
from timed_runs import crowd as many_steps
from timed_runs import flights
from ui_nouns import plan_of, planned, run_of, step_of

from workbench.model.lineage import Graph, Node
from workbench.model.run import State
from workbench.ui.graph import drawing, marks, measure, sources
from workbench.ui.graph.chart import Box, Chart, fold, worst
from workbench.ui.graph.layout import Layout, lay_out
from workbench.ui.pages import run as page

SVG = "{http://www.w3.org/2000/svg}"


def laid(count: int, pairs: Iterable[tuple[int, int]]) -> Layout:
    sizes = {str(number): (80.0 + 9 * (number % 7), 32.0 + 14 * (number % 2)) for number in range(count)}
    return lay_out(sizes, [(str(one), str(two)) for one, two in pairs])


def parsed(svg: str) -> ElementTree.Element:
    """The picture as XML; inside a page it names no namespace."""
    named = svg if "xmlns=" in svg else svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ElementTree.fromstring(named)


class TestLayout:
    @given(arrows())
    @settings(deadline=None)
    def test_no_box_lies_on_another_and_all_lie_in_the_picture(self, graph: tuple[int, list[tuple[int, int]]]) -> None:
        layout = laid(*graph)
        for place in layout.places.values():
            assert place.x >= 0 and place.y >= 0
            assert place.x + place.width <= layout.width + 0.2 and place.y + place.height <= layout.height + 0.2
        for one, two in itertools.combinations(layout.places.values(), 2):
            beside = one.x + one.width <= two.x or two.x + two.width <= one.x
            assert beside or one.y + one.height <= two.y or two.y + two.height <= one.y

    @given(arrows())
    @settings(deadline=None)
    def test_every_arrow_is_drawn_once_and_leads_right_or_back(self, graph: tuple[int, list[tuple[int, int]]]) -> None:
        layout = laid(*graph)
        assert {(route.source, route.target) for route in layout.routes} == {(str(a), str(b)) for a, b in graph[1]}
        assert len(layout.routes) == len(set(graph[1]))
        for route in layout.routes:
            if route.source == route.target:
                continue
            source, target = layout.places[route.source], layout.places[route.target]
            along = [x for x, _ in route.points]
            assert along == sorted(along, reverse=route.back)
            near, far = (target, source) if route.back else (source, target)
            assert near.x + near.width < far.x
            assert {route.points[0][0], route.points[-1][0]} == {round(near.x + near.width, 1), far.x}

    @given(arrows())
    @settings(deadline=None)
    def test_without_cycles_nothing_leads_back(self, graph: tuple[int, list[tuple[int, int]]]) -> None:
        count, pairs = graph
        assert not any(route.back for route in laid(count, [(a, b) for a, b in pairs if a < b]).routes)

    @given(arrows())
    @settings(deadline=None)
    def test_the_same_graph_gives_the_same_picture(self, graph: tuple[int, list[tuple[int, int]]]) -> None:
        assert laid(*graph) == laid(*graph)

    @given(arrows())
    @settings(deadline=None)
    def test_a_long_arrow_passes_beside_the_boxes_between(self, graph: tuple[int, list[tuple[int, int]]]) -> None:
        layout = laid(*graph)
        for route in layout.routes:
            if route.source == route.target:
                continue
            for (x, y), (to_x, to_y) in itertools.pairwise(route.points):
                if y == to_y:
                    for place in layout.places.values():
                        inside = place.x < max(x, to_x) and place.x + place.width > min(x, to_x)
                        assert not (inside and place.y < y < place.y + place.height)

    def test_a_chain_is_a_straight_line(self) -> None:
        layout = laid(5, [(number, number + 1) for number in range(4)])
        middles = {place.y + place.height / 2 for place in layout.places.values()}
        assert max(middles) - min(middles) < 0.6

    def test_two_ladders_do_not_cross(self) -> None:
        layout = laid(6, [(0, 4), (1, 3), (2, 5)])
        assert {place.y for place in layout.places.values()} and not any(route.back for route in layout.routes)
        crossed = laid(4, [(0, 3), (1, 2), (0, 2)])
        assert (crossed.places["0"].y < crossed.places["1"].y) == (crossed.places["3"].y < crossed.places["2"].y)

    def test_a_leaf_more_leaves_the_order_of_the_others(self) -> None:
        chart = crowd(60, 80)
        before = drawing.draw(chart).layout.places
        more = Chart(chart.title, (*chart.boxes, Box("new", "dataset", "new")), (*chart.arrows, ("n30", "new")))
        near = {name: place.y for name, place in before.items()}
        after = drawing.draw(more, near=near).layout.places
        kept = total = 0
        for one, two in itertools.combinations(before, 2):
            if before[one].x == before[two].x and after[one].x == after[two].x:
                total += 1
                kept += (before[one].y < before[two].y) == (after[one].y < after[two].y)
        assert total > 100
        assert kept / total > 0.9

    def test_nothing_is_an_empty_picture(self) -> None:
        assert lay_out({}, []) == Layout({}, (), 0.0, 0.0)

    def test_two_thousand_boxes_are_laid_out(self) -> None:
        chart = crowd(2000, 4000)
        layout = lay_out({box.id: drawing.size(box) for box in chart.boxes}, chart.arrows)
        assert len(layout.places) == 2000
        assert len(layout.routes) == 4000


class TestDrawing:
    def test_names_and_facts_stay_text(self) -> None:
        boxes = tuple(
            Box(name, kind, name, name, name, f"#{number}", name)
            for number, name in enumerate(HOSTILE)
            for kind in ("dataset",)
        )
        chart = Chart(HOSTILE[0], boxes, ((HOSTILE[0], HOSTILE[1]), (HOSTILE[1], HOSTILE[0])), HOSTILE[1])
        for svg in (str(drawing.draw(chart).svg), drawing.standalone(chart)):
            root = parsed(svg)
            assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
                "svg", "title", "desc", "g", "a", "path", "text", "style",
            }  # fmt: skip
            assert not any(name.lower().startswith("on") for element in root.iter() for name in element.attrib)
            assert "\u202e" not in svg and "\x00" not in svg and "\x1b" not in svg
            svg.encode("utf-8")

    def test_a_long_name_is_cut_in_its_middle_and_whole_in_its_title(self) -> None:
        name = "marts.a_very_long_name_that_goes_on_and_on_until_it_says_what_it_is_2013"
        root = parsed(str(drawing.draw(Chart("", (Box("a", "dataset", name),))).svg))
        (shown,) = [element.text or "" for element in root.iter(f"{SVG}text")]
        assert shown.startswith("marts.a_very") and "…" in shown and shown.endswith("2013")
        assert any((element.text or "").startswith(name) for element in root.iter(f"{SVG}title"))

    def test_it_says_what_it_shows(self) -> None:
        chart = Chart(
            "Lineage of x", (Box("x", "dataset", "x", "3 rows", "failed"), Box("s", "step", "s")), (("s", "x"),)
        )
        svg = str(drawing.draw(chart).svg)
        root = parsed(svg)
        assert root.find(f"{SVG}title").text == "Lineage of x"  # type: ignore[union-attr]
        assert root.find(f"{SVG}desc").text == "1 dataset, 1 step, 1 arrow from left to right"  # type: ignore[union-attr]
        assert 'aria-label="x, dataset, 3 rows, failed"' in svg

    def test_only_boxes_that_lead_somewhere_are_links(self) -> None:
        chart = Chart("", (Box("a", "step", "a", href="#step-1"), Box("b", "step", "b")))
        assert [link.attrib["href"] for link in parsed(str(drawing.draw(chart).svg)).iter(f"{SVG}a")] == ["#step-1"]
        assert "<a" not in drawing.standalone(chart)

    def test_two_pictures_on_a_page_share_no_id(self) -> None:
        chart = Chart("", (Box("a", "step", "a"),))
        ids = [
            element.attrib["id"]
            for _ in range(2)
            for element in parsed(str(drawing.draw(chart).svg)).iter()
            if "id" in element.attrib
        ]
        assert len(ids) == len(set(ids)) == 4

    @pytest.mark.parametrize("text", ["iiiiiiiiii", "WWWWWWWWWW", "数据集的名字很长", "a.b_c", ""])
    def test_what_is_cut_fits(self, text: str) -> None:
        for most in (30.0, 60.0, 200.0):
            assert measure.width(measure.cut(text * 9, 13, most), 13) <= most


class TestFold:
    def test_beyond_150_boxes_groups_are_folded_but_never_what_it_is_about(self) -> None:
        chart = crowd(500, 700)
        focused = Chart(chart.title, chart.boxes, chart.arrows, "n7")
        folded = fold(focused)
        assert len(folded.boxes) <= 150
        assert "n7" in {box.id for box in folded.boxes}
        assert sum(box.members or 1 for box in folded.boxes) == 500
        ids = {box.id for box in folded.boxes}
        assert {end for arrow in folded.arrows for end in arrow} <= ids

    def test_an_opened_group_stays_open(self) -> None:
        folded = fold(crowd(500, 700), opened={"space3"})
        assert "group:space3" not in {box.id for box in folded.boxes}
        assert "space3" not in folded.folded and "n3" in {box.id for box in folded.boxes}

    def test_what_is_joined_alike_is_folded_where_groups_do_not_do(self) -> None:
        boxes = (Box("a", "step", "a"), *(Box(f"d{number}", "dataset", f"d{number}") for number in range(400)))
        folded = fold(Chart("", boxes, tuple(("a", f"d{number}") for number in range(400))))
        assert [box.name for box in folded.boxes] == ["a", "d0 … d399"]
        assert len(folded.arrows) == 1

    def test_small_charts_are_left_alone(self) -> None:
        chart = crowd(150, 200)
        assert fold(chart) == chart

    def test_one_single_group_is_not_made_one_box(self) -> None:
        boxes = tuple(Box(f"n{number}", "dataset", "x", group="all") for number in range(400))
        assert len(fold(Chart("", boxes)).boxes) == 400

    def test_a_group_looks_as_bad_as_its_worst(self) -> None:
        assert worst(["succeeded", "failed", "running"]) == "failed"
        assert worst(["", "pass"]) == ""


class TestSources:
    def test_lineage_keeps_kinds_names_and_arrows(self) -> None:
        nodes = (
            Node("raw.x", "dataset", "raw.x", "3 rows"),
            Node("step:p.s", "step", "s"),
            Node("report:p.s", "report", "s"),
        )
        chart = sources.lineage(Graph(nodes, (("raw.x", "step:p.s"), ("step:p.s", "report:p.s")), "raw.x"))
        assert [box.kind for box in chart.boxes] == ["dataset", "step", "report"]
        assert (chart.focus, len(chart.arrows)) == ("raw.x", 2)

    def test_many_instances_are_one_box_with_the_worst_state(self) -> None:
        steps = [
            step_of(
                f"delays[{number}]", State.FAILED if number == 3 else State.SUCCEEDED, base="delays", upstream=("a",)
            )
            for number in range(20)
        ]
        chart = sources.run(run_of(step_of("a"), *steps, step_of("z", upstream=("delays",))))
        many = next(box for box in chart.boxes if box.members == 20)
        assert (many.name, many.detail, many.state) == ("delays ×20", "20 instances, 1 failed", "failed")
        assert chart.arrows == (("a", many.id), (many.id, "z"))

    def test_a_plan_says_why(self) -> None:
        chart = sources.plan(plan_of(planned("a"), planned("b", upstream=("a",))))
        assert chart.boxes[0].detail == "a says why"
        assert chart.arrows == (("a", "b"),)


class TestRunPage:
    def draw(self, run: object) -> str:
        from workbench.ui.cli.views.steps import Facts

        return page.draw(run, Facts(Path("/p")))  # type: ignore[arg-type]

    def test_each_box_leads_to_the_row_of_its_step(self) -> None:
        text = self.draw(flights())
        assert "<h2>Graph</h2>" in text
        for number in range(1, 3):
            assert f'href="#step-{number}"' in text and f'id="step-{number}"' in text

    def test_steps_that_wait_for_nothing_need_no_picture(self) -> None:
        assert "<h2>Graph</h2>" not in self.draw(run_of(step_of("a"), step_of("b")))

    def test_a_thousand_steps_are_not_drawn_but_told(self) -> None:
        assert "1,000 steps are too many for one picture" in self.draw(many_steps(1000))
        assert self.draw(many_steps(180)).count('class="wb-Node ') == 180


class TestInteractiveView:
    def test_an_opened_group_is_drawn_open(self) -> None:
        chart = crowd(400, 500)
        group = next(iter(fold(chart).folded))
        assert f'data-id="group:{group}"' in drawing.draw(fold(chart)).svg
        assert f'data-id="group:{group}"' not in drawing.draw(fold(chart, opened=[group])).svg

    def test_it_has_the_signs_of_the_pictures(self) -> None:
        source = Path(__file__).parents[2] / "extensions/jupyterlab/src/components/graph/signs.ts"
        found = dict(re.findall(r"^  (\w+):\s+'([^']+)'", source.read_text(), re.MULTILINE))
        assert found == marks.LOOKS | marks.KINDS
