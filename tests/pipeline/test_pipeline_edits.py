"""Edits of a pipeline file: the text after each holds what was wanted, and everything else as it was."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.documents import load_yaml
from workbench.model.errors import Conflict, InvalidName, NotFound, SpecError, UsageError
from workbench.pipeline.edits import EditKind, edit, step_name
from workbench.pipeline.yaml_text import Rewriting, write

PATH = "pipelines/p.yaml"
TEXT = """\
# what this is about
name: p
parameters:
  day: {type: date, default: 2013-01-15}  # local day

steps:
  # first of all
  ingest: notebooks/ingest.ipynb   # raw data
  clean: {notebook: notebooks/clean.ipynb, parameters: {day: ${day}}}  # in braces
  delays:
    notebook: 'notebooks/delays.ipynb'  # quoted
    after:
      - ingest  # because

      - clean
    foreach: {origin: "${clean.origins}", n: [1, 2]}
  # last of all

schedule: {cron: "0 6 * * *"}
# the end
"""


def edited(kind, step, to="", value=None, text=TEXT):
    return edit(text, PATH, EditKind(kind), step, to, value).text


def lines(before, after):
    """The lines that went, and those that came."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def steps(text):
    return load_yaml(text, PATH).data["steps"]


@pytest.mark.parametrize(
    ("kind", "step", "to", "value", "gone", "came"),
    [
        ("add", "", "notebooks/Über 2.ipynb", None, [], ['  ber_2: "notebooks/Über 2.ipynb"']),
        ("add", "load", "load.ipynb", None, [], ["  load: load.ipynb"]),
        ("after", "ingest", "clean", None, ["  ingest: notebooks/ingest.ipynb   # raw data"],
         ["  ingest: {notebook: notebooks/ingest.ipynb, after: [clean]}   # raw data"]),
        ("free", "delays", "clean", None, ["      - clean"], []),
        ("free", "delays", "ingest", None, ["      - ingest  # because"], []),
        ("notebook", "delays", "d.ipynb", None, ["    notebook: 'notebooks/delays.ipynb'  # quoted"],
         ["    notebook: d.ipynb  # quoted"]),
        ("set", "delays", "n", 3, [], ["    parameters: {n: 3}"]),
        ("unset", "clean", "day", None,
         ["  clean: {notebook: notebooks/clean.ipynb, parameters: {day: ${day}}}  # in braces"],
         ["  clean: {notebook: notebooks/clean.ipynb}  # in braces"]),
    ],
)  # fmt: skip
def test_an_edit_touches_its_lines_alone(kind, step, to, value, gone, came):
    assert lines(TEXT, edited(kind, step, to, value)) == (gone, came)


def test_an_added_step_is_the_last_one_before_what_follows():
    text = edited("add", "load", "load.ipynb")
    assert list(steps(text)) == ["ingest", "clean", "delays", "load"]
    assert text.index("  load: load.ipynb") < text.index("  # last of all") < text.index("schedule")


def test_a_removed_step_is_waited_for_no_longer():
    text = edited("remove", "ingest")
    assert lines(TEXT, text)[0] == ["  ingest: notebooks/ingest.ipynb   # raw data", "      - ingest  # because"]
    assert steps(text)["delays"]["after"] == ["clean"]
    assert "after" not in steps(edited("remove", "clean", text=text))["delays"]


def test_a_renamed_step_is_named_anew_everywhere():
    text = edited("rename", "clean", "tidy")
    assert list(steps(text)) == ["ingest", "tidy", "delays"]
    assert steps(text)["delays"]["after"] == ["ingest", "tidy"]
    assert steps(text)["delays"]["foreach"] == {"origin": "${tidy.origins}", "n": [1, 2]}
    assert edited("rename", "clean", "clean") == TEXT


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", {"name": "p", "steps": {"a": "a.ipynb"}}),
        ("# nothing yet", {"name": "p", "steps": {"a": "a.ipynb"}}),
        ("name: p", {"name": "p", "steps": {"a": "a.ipynb"}}),
        ("name: p\nsteps:", {"name": "p", "steps": {"a": "a.ipynb"}}),
        ("name: p\nsteps:  # none\ntimeout: 1h\n", {"name": "p", "steps": {"a": "a.ipynb"}, "timeout": "1h"}),
        ("name: p\nsteps: {}\n", {"name": "p", "steps": {"a": "a.ipynb"}}),
        ("name: p\nsteps: null\n", {"name": "p", "steps": {"a": "a.ipynb"}}),
        ("{name: p, steps: {b: b.ipynb}}", {"name": "p", "steps": {"b": "b.ipynb", "a": "a.ipynb"}}),
        ("{name: p}", {"name": "p", "steps": {"a": "a.ipynb"}}),
        ("name: p\r\nsteps:\r\n    b: b.ipynb\r\n", {"name": "p", "steps": {"b": "b.ipynb", "a": "a.ipynb"}}),
        ("\ufeffname: p\nsteps:\n b: b.ipynb", {"name": "p", "steps": {"b": "b.ipynb", "a": "a.ipynb"}}),
    ],
)
def test_a_step_finds_its_place_in_any_layout(text, holds):
    made = edited("add", "a", "a.ipynb", text=text)
    assert load_yaml(made, PATH).data == holds
    assert made.startswith("\ufeff") == text.startswith("\ufeff")
    assert ("\r\n" in made) == ("\r\n" in text)


@pytest.mark.parametrize(
    ("kind", "step", "to", "error", "code"),
    [
        ("remove", "cleen", "", NotFound, "WB-PIP-650"),
        ("after", "clean", "nowhere", NotFound, "WB-PIP-650"),
        ("free", "clean", "ingest", NotFound, "WB-PIP-650"),
        ("unset", "ingest", "day", NotFound, "WB-PIP-650"),
        ("rename", "clean", "ingest", Conflict, "WB-PIP-652"),
        ("add", "clean", "x.ipynb", Conflict, "WB-PIP-652"),
        ("add", "x", "x.csv", UsageError, "WB-PIP-653"),
        ("after", "clean", "clean", UsageError, "WB-PIP-653"),
        ("rename", "clean", "Not a name", InvalidName, None),
    ],
)
def test_what_cannot_be_is_refused(kind, step, to, error, code):
    with pytest.raises(error) as caught:
        edited(kind, step, to)
    assert code is None or caught.value.code == code


def test_a_text_that_cannot_be_read_is_not_edited():
    with pytest.raises(SpecError, match=r"pipelines/p\.yaml:1:"):
        edited("add", "a", "a.ipynb", text="name: [")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name: p\nsteps:\n\ta: a.ipynb\n", "WB-CFG-620"),
        ("name: p\nsteps:\n  a: &x a.ipynb\n  b: *x\n", "WB-CFG-622"),
        ("name: p\nsteps:\n  a: a.ipynb\n  a: b.ipynb\n", "WB-CFG-621"),
        ("name: p\nsteps: {a: a.ipynb}\n---\nname: q\n", "WB-CFG-620"),
        ("# \ud800\nname: p\nsteps: {a: a.ipynb}\n", "WB-CFG-620"),
        ('name: "\\ud800"\nsteps: {a: a.ipynb}\n', "WB-CFG-620"),
        ("name: p\x00\n", "WB-CFG-620"),
    ],
)
@pytest.mark.parametrize("kind", ["add", "rename", "remove", "set"])
def test_a_text_with_traps_is_refused_with_their_place(text, code, kind):
    with pytest.raises(SpecError, match=r"pipelines/p\.yaml:\d+:\d+: ") as caught:
        edited(kind, "" if kind == "add" else "a", "new.ipynb" if kind == "add" else "new", text=text)
    assert caught.value.code == code


CRLF = "name: p\r\nsteps:\r\n  a: a.ipynb  # c\r\n  b:\r\n    notebook: b.ipynb\r\n\r\n# end\r\n"
BLOCK = "name: p\nsteps:\n  b: b.ipynb\n  a:\n    notebook: a.ipynb\n    about: |\n        x\n\n# end\nn: 1\n"
BRACES = "name: p\nsteps: {\n  a: a.ipynb, # one\n  b: {\n    notebook: b.ipynb  # two\n  },\n}\n"


@pytest.mark.parametrize(
    ("kind", "text", "made"),
    [
        ("add", CRLF, CRLF.replace("\r\n\r\n", "\r\n  c: c.ipynb\r\n\r\n")),
        ("rename", CRLF, CRLF.replace("  a:", "  c:")),
        ("set", CRLF, CRLF.replace("a.ipynb", "{notebook: a.ipynb, parameters: {c: 1}}")),
        ("remove", CRLF, CRLF.replace("  a: a.ipynb  # c\r\n", "")),
        ("add", BLOCK, BLOCK.replace("        x\n", "        x\n  c: c.ipynb\n")),
        ("set", BLOCK, BLOCK.replace("        x\n", "        x\n    parameters: {c: 1}\n")),
        ("remove", BLOCK, "name: p\nsteps:\n  b: b.ipynb\n\n# end\nn: 1\n"),
        ("add", BRACES, BRACES.replace("  },", "  }, c: c.ipynb,")),
        ("remove", BRACES, BRACES.replace("  a: a.ipynb, # one\n", "")),
        ("remove", "steps: {a: a.ipynb , }", "steps: { }"),
        ("add", "---\nsteps:\n  a: a.ipynb\n...\n", "---\nsteps:\n  a: a.ipynb\n  c: c.ipynb\n...\n"),
    ],
)
def test_layouts_of_all_kinds_stay_as_they_are(kind, text, made):
    to = {"add": "c.ipynb", "rename": "c", "set": "c", "remove": ""}[kind]
    assert edited(kind, "" if kind == "add" else "a", to, 1, text=text) == made


def test_a_thousand_steps_are_edited_at_once():
    waiting = "".join(
        f"  s{number}: {{notebook: {number}.ipynb, after: [s0]}}  # {number}\n" for number in range(1, 1000)
    )
    text = "name: p\nsteps:\n  s0: 0.ipynb\n" + waiting
    assert edited("rename", "s0", "first", text=text) == text.replace("s0", "first")
    without = edited("remove", "s0", text=text)
    assert without == text.replace("  s0: 0.ipynb\n", "").replace(", after: [s0]", "")


def test_what_names_a_step_twice_is_freed_of_it_whole():
    text = "name: p\nsteps:\n  a: a.ipynb\n  b: {notebook: b.ipynb, after: [a, c, a]}\n  c: c.ipynb\n"
    assert steps(edited("remove", "a", text=text))["b"]["after"] == ["c"]


def test_what_stands_where_steps_should_is_left_alone():
    for text in ("- a\n", "name: p\nsteps: 3\n", "name: p\nsteps: [a]\n", "just text"):
        with pytest.raises(UsageError, match="WB-PIP-651"):
            edited("add", "a", "a.ipynb", text=text)


def test_names_of_steps_come_from_their_notebooks():
    assert step_name("notebooks/Daily Delays.ipynb", ()) == "daily_delays"
    assert step_name("daily.ipynb", {"daily", "daily_2"}) == "daily_3"
    assert step_name("2013.ipynb", ()) == "step_2013"
    assert step_name("日本.ipynb", ()) == "step"
    assert len(step_name("x" * 200 + ".ipynb", ["x" * 63])) <= 63


# -- whatever the text and the edit --------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c", "null", "true", "no"])
LETTERS = st.characters(exclude_categories=("Cs", "Co"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(LETTERS, max_size=12)
    | st.text(alphabet="a[]{}$,:\"'\\#", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(LETTERS, max_size=6), inner, max_size=3),
    max_leaves=6,
)


def shown(name):
    return f'"{name}"' if name in ("null", "true") else name


@st.composite
def files(draw):
    """A pipeline file, its steps laid out in one way or another, with a comment wherever one may stand."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    found = ["# c0", "name: p", "", "steps:  # c1"]
    for number, name in enumerate(names):
        waits = [one for one in draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if one != name]
        listed = ", ".join(map(shown, waits))
        book = f"n/{number}.ipynb"
        match draw(st.sampled_from(["short", "flow", "block"])):
            case "short":
                found.append(f"  {shown(name)}: {book}  # s{number}")
            case "flow":
                after = f", after: [{listed}]" if waits else ""
                found.append(f"  {shown(name)}: {{notebook: {book}{after}, parameters: {{x: ${{day}}}}}}  # s{number}")
            case "block":
                found += [f"  {shown(name)}:  # s{number}", f"    notebook: '{book}'  # n{number}"]
                found += ["    after:  # w"] * bool(waits) + [f"    - {shown(one)}" for one in waits]
        if draw(st.booleans()):
            found += ["", f"  # between {number}"]
    found += ["# tail", "timeout: 1h  # t"]
    return "\n".join(found) + draw(st.sampled_from(["", "\n", "\n\n"])), names


def comments(text):
    return re.findall(r"# .*", text)


@given(files(), st.data())
def test_after_any_edit_the_text_holds_what_was_wanted_and_the_comments_stand(file, data):
    text, names = file
    step, other = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    kind = data.draw(st.sampled_from([EditKind.ADD, EditKind.RENAME, EditKind.AFTER, EditKind.SET, EditKind.NOTEBOOK]))
    value = data.draw(VALUES) if kind is EditKind.SET else None
    to = {"add": "n/new.ipynb", "rename": "fresh", "after": other, "set": "y", "notebook": "n/moved.ipynb"}[kind]
    if kind is EditKind.AFTER and step == other:
        return
    before = load_yaml(text, PATH).data
    made = edit(text, PATH, kind, "" if kind is EditKind.ADD else step, to, value)
    after = load_yaml(made.text, PATH).data
    assert comments(made.text) == comments(text)
    assert {**after, "steps": None} == {**before, "steps": None}
    match kind:
        case EditKind.ADD:
            assert after["steps"] == before["steps"] | {made.step: to}
        case EditKind.RENAME:
            assert list(after["steps"]) == ["fresh" if name == step else name for name in names]
        case EditKind.AFTER:
            assert other in after["steps"][step]["after"]
        case EditKind.SET:
            assert after["steps"][step]["parameters"]["y"] == value
        case EditKind.NOTEBOOK:
            entry = after["steps"][step]
            assert to == (entry if isinstance(entry, str) else entry["notebook"])


@given(files(), st.data())
def test_a_removed_step_takes_nothing_else_along(file, data):
    text, names = file
    step = data.draw(st.sampled_from(names))
    made = edit(text, PATH, EditKind.REMOVE, step).text
    left = load_yaml(made, PATH).data["steps"] or {}
    assert list(left) == [name for name in names if name != step]
    assert step not in [name for entry in left.values() if isinstance(entry, dict) for name in entry.get("after", [])]
    number = names.index(step)
    gone = {f"# s{number}", f"# n{number}", "# w"}
    assert [one for one in comments(made) if one not in gone] == [one for one in comments(text) if one not in gone]


@given(VALUES)
def test_any_value_is_written_so_that_it_is_read_again(value):
    made = Rewriting("a: 1\n", PATH)
    made.put(("b",), value)
    assert repr(load_yaml(made.text, PATH).data) == repr({"a": 1, "b": value})


@given(st.text(alphabet="ab:[]{},-|>'\"# \n${}", max_size=40), st.sampled_from(list(EditKind)))
def test_whatever_the_text_it_is_edited_or_refused_in_words(text, kind):
    with contextlib.suppress(SpecError, UsageError, NotFound, Conflict):
        edit(text, PATH, kind, "" if kind is EditKind.ADD else "a", "b.ipynb")


def test_values_are_written_plainly_where_they_can_be():
    assert write(
        {"day": "2013-01-15", "at": "12:30", "yes": "no", "n": "12", "r": "${day}", "t": "a b", "q": 'a"b'}
    ) == ('{day: 2013-01-15, at: "12:30", yes: no, n: "12", r: ${day}, t: a b, q: "a\\"b"}')
