"""What a notebook puts out is kept whole, or its beginning and its end, in memory that does not grow with the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from execution_orders import Outcome, carry_out, order_of

from workbench.execution.local import LocalExecutor
from workbench.model.events import Kind
from workbench.model.limits import Limits

Attempt = Callable[..., Outcome]
SMALL = Limits(cell_output=200_000, notebook_output=1_000_000)
PEAK = "\nopen('peak', 'w').write(next(line for line in open(f'/proc/{os.getppid()}/status') if 'VmHWM' in line))\n"
"""Leaves the most that the supervisor has had in memory so far."""


def journaled(outcome: Outcome, cell: int) -> str:
    """What the journal tells of a cell's outputs, as text."""
    text = ""
    for event in outcome.events():
        if event.kind is Kind.OUTPUT and event.data["cell"] == cell:
            output = event.data["output"]
            text += output.get("text") or output.get("data", {}).get("text/plain", "")
    return text


def dropped(outcome: Outcome) -> list[int]:
    return [cell["dropped"] for cell in outcome.end["cells"]]


@pytest.mark.parametrize("flush", [False, True])
def test_f11_of_a_print_loop_the_beginning_and_the_end_are_kept(attempt_anywhere: Attempt, flush: bool) -> None:
    print_ = f"for i in range(8_000):\n    print('line', i, 'x' * 80, flush={flush})"
    outcome = attempt_anywhere("print('before')", print_, "print('after')", limits=SMALL)
    assert (outcome.code, outcome.states) == (None, ["succeeded"] * 3)
    first, note, last = outcome.outputs(1)
    assert first["text"].startswith("line 0 x")
    assert last["text"].endswith("line 7999 " + "x" * 80 + "\n")
    assert re.fullmatch(r"\[\d+ kB dropped: a cell keeps 200 kB of its outputs\]", note["data"]["text/plain"])
    assert dropped(outcome) == [0, note["metadata"]["workbench"]["dropped"], 0]
    whole = sum(len(f"line {i} ") + 81 for i in range(8_000))
    assert len(first["text"]) + len(last["text"]) + dropped(outcome)[1] == pytest.approx(whole, rel=0.02)
    assert len(first["text"]) + len(last["text"]) <= 200_000
    told = journaled(outcome, 1)
    assert told.startswith("line 0 x")
    assert "dropped" in told
    assert told.endswith("line 7999 " + "x" * 80 + "\n")
    assert outcome.order.journal.stat().st_size < 300_000


@pytest.mark.slow
def test_f11_a_print_loop_of_seconds_is_held_in_bounds(local: LocalExecutor, tmp_path: Path) -> None:
    loop = """
    import os, time
    until = time.monotonic() + 5
    while time.monotonic() < until:
        print('x' * 10_000)
    """
    quiet = carry_out(local, order_of(tmp_path / "quiet", "import os" + PEAK))
    loud = carry_out(local, order_of(tmp_path / "loud", loop, "import os" + PEAK))
    assert loud.code is None
    assert loud.end["cells"][0]["dropped"] > 10_000_000
    assert loud.order.output.stat().st_size < 11_000_000
    assert loud.order.journal.stat().st_size < 12_000_000
    assert peak(loud) - peak(quiet) < 1_000_000_000  # what a quick kernel sends before it is heard waits here


def peak(outcome: Outcome) -> int:
    return int((Path(outcome.order.folder) / "peak").read_text().split()[1]) * 1024


@pytest.mark.slow
@pytest.mark.parametrize(
    "show",
    [
        "print('x' * 100_000_000)",
        "'x' * 100_000_000",
        "from IPython.display import HTML; HTML('<p>' + 'x' * 100_000_000)",
        "from IPython.display import JSON, display; display(JSON({'many': ['x' * 1000] * 100_000}))",
    ],
)
def test_f12_one_output_of_100_mb_is_no_trouble(local: LocalExecutor, tmp_path: Path, show: str) -> None:
    quiet = carry_out(local, order_of(tmp_path / "quiet", "import os" + PEAK))
    outcome = carry_out(local, order_of(tmp_path / "loud", show, "import os" + PEAK, "print('on')"))
    assert (outcome.code, outcome.states) == (None, ["succeeded"] * 3)
    assert 89_000_000 < outcome.end["cells"][0]["dropped"] < 110_000_000
    assert outcome.order.output.stat().st_size < 11_000_000
    assert outcome.order.journal.stat().st_size < 11_000_000
    assert peak(outcome) - peak(quiet) < 350_000_000


def test_f12_many_lines_are_one_output(attempt: Attempt) -> None:
    outcome = attempt("for i in range(300_000): print(i)")
    (output,) = outcome.outputs(0)
    assert output["text"] == "".join(f"{i}\n" for i in range(300_000))


def test_f12_many_small_displays_are_bounded(attempt: Attempt) -> None:
    outcome = attempt("from IPython.display import display\nfor i in range(3000): display(i)", "1", limits=SMALL)
    assert outcome.states == ["succeeded"] * 2
    shown = [output["data"]["text/plain"] for output in outcome.outputs(0)]
    assert shown[0] == "0"
    assert shown[-1] == "2999"
    assert sum("dropped" in text for text in shown) == 1
    assert len(shown) < 500


def test_f12_many_updates_of_one_display_leave_the_last(attempt: Attempt) -> None:
    update = """
    from IPython.display import display
    handle = display("begins", display_id=True)
    for i in range(3000):
        handle.update("x" * 1000 + str(i))
    """
    outcome = attempt(update, "handle.update('ended in the next cell')", limits=SMALL)
    assert dropped(outcome) == [0, 0]
    (output,) = outcome.outputs(0)
    assert output["data"]["text/plain"] == "'ended in the next cell'"
    assert outcome.order.journal.stat().st_size < 100_000


def test_f12_an_update_that_is_too_large_is_dropped_and_told(attempt: Attempt) -> None:
    update = "handle = display('begins', display_id=True)\nhandle.update({'text/html': 'x' * 300_000}, raw=True)"
    outcome = attempt(update, limits=SMALL)
    (output,) = [output for output in outcome.outputs(0) if "workbench" not in output["metadata"]]
    assert output["data"] == {"text/plain": "[300 kB of text/html dropped]"}
    assert dropped(outcome) == [300_000]


def test_f12_outputs_that_are_cleared_do_not_add_up(attempt: Attempt) -> None:
    clear = """
    from IPython.display import clear_output
    for i in range(200):
        clear_output(wait=True)
        print("x" * 10_000, i)
    """
    outcome = attempt(clear, limits=SMALL)
    (output,) = outcome.outputs(0)
    assert (output["text"], dropped(outcome)) == ("x" * 10_000 + " 199\n", [0])
    assert outcome.order.journal.stat().st_size < 400_000
    assert journaled(outcome, 0).endswith(" 199\n")


def test_f12_a_progress_bar_leaves_its_end(attempt: Attempt) -> None:
    bar = "for i in range(20_001): print(f'\\r{i / 200:.0f} % ' + '#' * 50, end='', flush=i % 50 == 0)\nprint()"
    outcome = attempt(bar, limits=SMALL)
    (output,) = outcome.outputs(0)
    assert (output["text"], dropped(outcome)) == ("100 % " + "#" * 50 + "\n", [0])


def test_f12_what_a_widget_captures_is_bounded(attempt: Attempt) -> None:
    capture = """
    import ipywidgets
    out = ipywidgets.Output()
    with out:
        for i in range(200):
            print(i, "x" * 10_000, flush=True)
    """
    outcome = attempt(capture, "print([output.get('text', '')[:3] for output in out.outputs])", limits=SMALL)
    assert outcome.code is None
    assert outcome.order.output.stat().st_size < 700_000
    (widget,) = [
        model["state"]["outputs"]
        for model in outcome.notebook["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"][
            "state"
        ].values()
        if model["model_name"] == "OutputModel"
    ]
    first, note, last = widget
    assert first["text"].startswith("0 x")
    assert "dropped" in note["data"]["text/plain"]
    assert last["text"].endswith("x\n")
    assert outcome.text_of(1).startswith("['0 x'")


def test_f12_a_traceback_without_end_is_shortened(attempt: Attempt) -> None:
    outcome = attempt("raise ValueError('x' * 20_000_000)", limits=SMALL)
    assert (outcome.code, outcome.states) == ("WB-RUN-104", ["failed"])
    assert len(outcome.end["error"]["cause"]) == 300
    assert outcome.order.output.stat().st_size < 500_000


def test_the_notebook_is_bounded_and_every_cell_says_something(attempt: Attempt) -> None:
    limits = Limits(cell_output=200_000, notebook_output=500_000)
    outcome = attempt(*["print('begin', 'x' * 190_000, 'end')"] * 6, limits=limits)
    assert [bool(count) for count in dropped(outcome)] == [False, False, True, True, True, True]
    for cell in range(6):
        assert outcome.text_of(cell).startswith("begin x")
        assert outcome.text_of(cell).endswith("x end\n")


def test_outputs_below_the_limit_are_as_they_were(attempt: Attempt) -> None:
    cell = """
    import sys
    from IPython.display import display, HTML, Image
    print("é中😀")
    print("to stderr", file=sys.stderr)
    display(HTML("<b>bold</b>"))
    display({"application/json": {"deep": [1, {"a": None}]}}, raw=True, metadata={"m": 1})
    display(Image(data=b"\\x89PNG\\r\\n\\x1a\\n" + b"x" * 400_000, format="png"))
    "result"
    """
    outcome = attempt(cell)
    kinds = [(output["output_type"], *output.get("data", {})) for output in outcome.outputs(0)]
    assert kinds == [
        ("stream",),
        ("stream",),
        ("display_data", "text/plain", "text/html"),
        ("display_data", "application/json"),
        ("display_data", "image/png", "text/plain"),
        ("execute_result", "text/plain"),
    ]
    outputs: list[dict[str, Any]] = outcome.outputs(0)
    assert outputs[0]["text"].startswith("é中😀")
    assert outputs[3]["data"]["application/json"] == {"deep": [1, {"a": None}]}
    assert outputs[3]["metadata"] == {"m": 1}
    assert outputs[5]["execution_count"] == outcome.notebook["cells"][0]["execution_count"] == 1
    import nbformat

    nbformat.validate(outcome.notebook)
    assert json.loads(outcome.order.journal.read_text().splitlines()[-1])["kind"] == "attempt_ended"


def test_an_event_of_ours_is_never_dropped(attempt: Attempt) -> None:
    tell = """
    from IPython.display import publish_display_data
    event = {"kind": "record", "data": {"name": "large", "value": "x" * 300_000}}
    print("y" * 300_000)
    publish_display_data({"application/vnd.workbench.event+json": event, "text/plain": "kept"})
    """
    outcome = attempt(tell, limits=SMALL)
    (record,) = [event for event in outcome.events() if event.kind is Kind.RECORD]
    assert record.data["value"] == "x" * 300_000
    assert outcome.outputs(0)[-1]["data"] == {"text/plain": "kept"}
