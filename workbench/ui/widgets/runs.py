"""Views of runs: a list, one run while it goes on and when it is over, two against each other."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from workbench.model.comparison import Change, Comparison, StepPair
from workbench.model.names import short_id
from workbench.model.run import Run, State
from workbench.model.timeline import Beside
from workbench.ui import codec, differences
from workbench.ui.cli.views import diff as diff_words
from workbench.ui.cli.views import history
from workbench.ui.cli.views import run as run_words
from workbench.ui.cli.views.steps import Facts, shown
from workbench.ui.cli.words import STATES, ago, count, duration, plain
from workbench.ui.graph import drawing, sources
from workbench.ui.graph.chart import fold
from workbench.ui.widgets import html
from workbench.ui.widgets.view import View, written

MOST_STEPS = 200


def runs(found: Sequence[Run], beside: Beside) -> View:
    """A list of runs, newest first."""
    rows = [
        (
            html.lead(short_id(one.id), "run", one.id),
            html.lead(one.pipeline, "runs", one.pipeline),
            html.state(STATES[one.state]),
            ago(one.created_at),
            duration(one.seconds),
            one.environment,
            ", ".join(f"{name}={shown(value)}" for name, value in one.parameters.items()),
        )
        for one in found
    ]
    nothing = 'Runs would be here. Next: wb.run("PIPELINE")' if not found else ""
    heads = ("run", "pipeline", "state", "began", "took", "environment", "parameters")
    return View(
        html=html.page(html.heading("Runs"), html.table(heads, rows, (4,)), html.paragraph(nothing)),
        text=written([history.draw(found, 100, beside)] if found else [nothing]),
        data={"runs": [codec.run_line(one, beside) for one in found]},
    )


def run(of: Run, facts: Facts) -> View:
    """One run as far as it got: which step waits for which, what each made, and what went wrong."""
    chart = fold(sources.run(of))
    picture = len(chart.boxes) > 1 and chart.arrows
    told = [html.state(STATES[of.state]), html.code(of.id), of.environment, duration(of.seconds), run_words.tally(of)]
    rows = [
        (
            step.step,
            html.state(STATES[step.state]),
            duration(step.seconds) if step.state is not State.SKIPPED else "",
            Markup(", ").join(
                Markup("{}: {}").format(html.lead(made.dataset, "dataset", made.dataset), count(made.rows, "row"))
                for made in facts.outputs.get(step.step, ())
            )
            or step.reason,
        )
        for step in of.steps[:MOST_STEPS]
    ]
    more = len(of.steps) - MOST_STEPS
    return View(
        html=html.page(
            html.heading(of.pipeline, *told),
            drawing.figure(chart) if picture else Markup(""),
            html.table(("step", "state", "took", "made"), rows, (2,)),
            html.paragraph(f"and {count(more, 'step')} more" if more > 0 else "", soft=True),
            *_failures(of, facts),
            html.paragraph(Markup("Next: {}").format(html.code(run_words.next_command(of)))),
        ),
        text=written(run_words.draw(of, facts, width=100)),
        data=codec.run(of, state=facts.state, outputs=facts.outputs, reports=facts.reports),
        svg="",
    )


def diff(found: Comparison) -> View:
    """Two runs against each other: facts, and per step what differs."""
    parts = [html.section(step.step, *_pair(step)) for step in found.steps if step.change is not Change.SAME]
    items = [
        (diff_words.WORDS.get(item.name, item.name), _value(item.name, item.before), _value(item.name, item.after))
        for item in found.items
        if item.change is not Change.SAME and item.name not in diff_words.LEFT_OUT
    ]
    heads = ("", *(html.lead(f"run {short_id(run.id)}", "run", run.id) for run in (found.before, found.after)))
    return View(
        html=html.page(
            html.heading(f"{found.before.pipeline}: two runs", diff_words.verdict(found)),
            html.table(heads, items),
            *parts,
        ),
        text=written(diff_words.draw(found, width=100)),
        data=differences.comparison(found),
    )


def _failures(of: Run, facts: Facts) -> list[Markup]:
    parts = []
    failed = [step for step in of.steps if step.error and step.state is not State.UPSTREAM_FAILED][:5]
    for step in failed:
        error = step.error or {}
        what = Markup("<strong>{}</strong> {}").format(error.get("code", ""), plain(str(error.get("what", ""))))
        cause = Markup(" – {}").format(plain(str(error["cause"]))) if error.get("cause") else ""
        traceback = "\n".join(facts.tracebacks.get(step.step, ()))
        parts.append(
            html.section(
                step.step,
                html.paragraph(what + cause),
                html.paragraph(str(error.get("kept") or ""), soft=True),
                html.folded("Traceback", html.block(traceback)) if traceback else Markup(""),
            )
        )
    return parts


def _pair(step: StepPair) -> list[Markup]:
    rows = [
        (
            f"{diff_words.PREFIXES.get(section.name, '')}{item.name}",
            _value(item.name, item.before),
            _value(item.name, item.after),
        )
        for section in step.sections
        for item in section.items
        if item.change is not Change.SAME
    ]
    cells = [
        (str(cell.number_after or cell.number_before or ""), str(cell.change), str(cell.kind))
        for cell in step.cells
        if cell.change is not Change.SAME
    ]
    return [
        html.table(("", "before", "after"), rows),
        html.table(("cell", "is", "kind"), cells),
        html.paragraph(step.note, soft=True),
    ]


def _value(name: str, value: object) -> str:
    return diff_words.value_of(name, value) if value is not None else "–"
