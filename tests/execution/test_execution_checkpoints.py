"""A notebook goes on after its checkpoint as if nothing had happened, or begins at the top and says why."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from execution_orders import Outcome, carry_out, order_of

from workbench.execution.local import LocalExecutor
from workbench.model.events import Kind
from workbench.model.limits import Limits

Attempts = Callable[..., Outcome]


@pytest.fixture
def tries(local: LocalExecutor, tmp_path: Path) -> Attempts:
    """Carries out one attempt after another of the same step."""
    numbers = iter(range(1, 10))

    def carry(*cells: str, **more: Any) -> Outcome:
        step = tmp_path / "step"
        given = {"checkpoints": str(step / "checkpoint"), "checkpoint_key": "same", **more}
        return carry_out(local, order_of(step / f"a{next(numbers)}", *cells, **given))

    return carry


def told(outcome: Outcome, kind: Kind) -> list[dict[str, Any]]:
    return [dict(event.data) for event in outcome.events() if event.kind is kind]


COUNT = "from pathlib import Path\nPath('../ran').open('a').write('x')"
"""Counts how often the cells above a checkpoint have run."""


def ran(outcome: Outcome) -> int:
    return len((Path(outcome.order.folder).parent / "ran").read_text())


def test_the_next_attempt_goes_on_after_the_checkpoint(tries: Attempts) -> None:
    cells = (COUNT, "#checkpoint\nrows = [1, 2]\nprint('made rows')", "rows.append(3)\nassert {ok}", "rows")
    first = tries(*[cell.replace("{ok}", "False") for cell in cells])
    assert first.states == ["succeeded", "succeeded", "failed", "not_run"]
    (saved,) = told(first, Kind.CHECKPOINT)
    assert (saved["cell"], saved["left_out"], saved["error"]) == (1, {}, "")
    assert saved["bytes"] > 0
    second = tries(*[cell.replace("{ok}", "True") for cell in cells])
    assert (second.code, second.states) == (None, ["restored", "restored", "succeeded", "succeeded"])
    assert told(second, Kind.RESUMED) == [{"cell": 1, "why_not": ""}]
    assert second.text_of(1) == "made rows\n"
    assert second.text_of(3) == "[1, 2, 3]"
    assert ran(second) == 1
    counts = [cell["execution_count"] for cell in second.notebook["cells"]]
    assert counts == [1, 2, 3, 4]
    assert second.notebook["cells"][0]["metadata"]["workbench"]["state"] == "restored"


VALUES = """#checkpoint
import collections, dataclasses, datetime, decimal, enum, fractions, functools, math, random, re, uuid, zoneinfo
import os.path as osp
import numpy as np, pandas as pd, polars as pl, pyarrow as pa
from collections import OrderedDict
from pathlib import Path, PurePosixPath
from math import tau as circle

class Colour(enum.Enum):
    RED = 1

@dataclasses.dataclass
class Point:
    x: float
    y: float = 2.0
    def length(self): return math.hypot(self.x, self.y)

class Base:
    scale = 3
    def scaled(self, value): return value * self.scale

class Derived(Base):
    def scaled(self, value): return super().scaled(value) + 1

def plain(value, factor=2, *, names=("a",)):
    "Says what it does."
    return helper(value) * factor

def helper(value): return value + 1

@functools.lru_cache(maxsize=None)
def cached(value): return value * circle

also_plain = plain
square = lambda value: value ** 2
Named = collections.namedtuple

numbers = [1, 2.5, -0.0, float("nan"), float("inf"), 10 ** 30, True, None, 1 + 2j]
texts = ["é中😀", "", "a\\nb", b"\\x00\\xff", bytearray(b"grows")]
new_york = zoneinfo.ZoneInfo("America/New_York")
times = (datetime.date(2013, 1, 15), datetime.datetime(2013, 11, 3, 1, 30, tzinfo=new_york, fold=1),
         datetime.time(1, 2, 3, 4), datetime.timedelta(days=-1, microseconds=5),
         datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc),
         datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "X")))
exact = [decimal.Decimal("1.10"), fractions.Fraction(1, 3), uuid.UUID(int=7), Path("a/b"), PurePosixPath("/c"),
         range(1, 9, 2), re.compile("a+", re.I), Colour.RED, ...]
shared = [1]
both = {"one": shared, "two": shared, (1, "k"): {3, 4}, "frozen": frozenset({5})}
both["itself"] = both
special = [OrderedDict(b=1, a=2), collections.defaultdict(list, x=[1]), collections.Counter("aab"),
           collections.deque([1, 2], maxlen=3)]
point = Point(3.0, 4.0)
frame = pd.DataFrame({"n": [1, 2], "s": ["x", None], "t": pd.date_range("2020", periods=2, tz="UTC"),
                      "c": pd.Categorical(["u", "v"])}, index=pd.Index(["p", "q"], name="key"))
same_frame = frame
series = pd.Series([1.5, None], name="s")
stamps = [pd.Timestamp("2020-01-01", tz="Europe/Berlin"), pd.Timestamp("2020"), pd.Timedelta("1h"), pd.NaT, pd.NA]
polar = pl.DataFrame({"a": [1, None], "c": pl.Series(["x", "y"], dtype=pl.Categorical)})
table = pa.table({"a": [1, 2], "l": [[1], None]})
grid = np.arange(6.0).reshape(2, 3)
scalars = [np.int8(3), np.float32(1.5), np.datetime64("2020-01-01"), np.dtype("int16")]
generator = np.random.default_rng(5)
dice = random.Random(7)
generator.random(); dice.random()
_private = "kept"
os_name = __import__("os").environ.setdefault("MADE_HERE", "yes")
__import__("os").chdir("..")
random.seed(1); np.random.seed(2); np.random.normal()
"""
LOOK = """
import os
assert numbers[:3] == [1, 2.5, -0.0] and math.copysign(1, numbers[2]) == -1 and math.isnan(numbers[3])
assert numbers[4:] == [math.inf, 10 ** 30, True, None, 1 + 2j] and numbers[6] is True
assert texts == ["é中😀", "", "a\\nb", b"\\x00\\xff", bytearray(b"grows")] and type(texts[4]) is bytearray
assert times[1].fold == 1 and times[1].tzinfo.key == "America/New_York" and times[0].year == 2013
assert times[4].tzinfo is datetime.timezone.utc and times[5].tzname() == "X" and times[3] < datetime.timedelta(0)
assert exact[:3] == [decimal.Decimal("1.10"), fractions.Fraction(1, 3), uuid.UUID(int=7)]
assert exact[3:6] == [Path("a/b"), PurePosixPath("/c"), range(1, 9, 2)]
assert exact[6].match("AAA") and exact[7] is Colour.RED and exact[8] is ...
shared.append(2)
assert both["one"] is shared and both["two"] == [1, 2] and both["itself"] is both and both[(1, "k")] == {3, 4}
assert both["frozen"] == frozenset({5}) and special[1]["new"] == [] and special[2]["a"] == 2 and special[3].maxlen == 3
assert list(special[0]) == ["b", "a"]
assert point == Point(3.0, 4.0) and point.length() == 5.0 and type(point) is Point
assert Derived().scaled(2) == 7 and plain(1) == 4 and also_plain is plain and plain.__doc__ and square(3) == 9
assert cached(1) == circle and osp.basename("a/b") == "b"
assert "return value + 1" in __import__("inspect").getsource(helper)
assert same_frame is frame and frame.index.name == "key" and frame["c"].dtype == "category"
assert str(frame.dtypes["t"]).startswith("datetime64")
assert frame.loc["p", "n"] == 1 and series.name == "s" and series.isna().sum() == 1
assert stamps[0].tz.key == "Europe/Berlin" and stamps[3] is pd.NaT and stamps[4] is pd.NA
assert stamps[2] == pd.Timedelta("1h")
assert polar["c"].dtype == pl.Categorical and polar["a"].null_count() == 1 and table.column("l").null_count == 1
assert grid.shape == (2, 3) and grid.flags.writeable
assert scalars == [np.int8(3), np.float32(1.5), np.datetime64("2020-01-01"), np.dtype("int16")]
assert type(scalars[0]) is np.int8 and _private == "kept" and os.environ["MADE_HERE"] == "yes"
print(generator.random(), dice.random(), random.random(), np.random.normal(), os.path.basename(os.getcwd()))
"""


def test_all_that_a_notebook_usually_has_in_memory_comes_back(tries: Attempts) -> None:
    first = tries(VALUES, LOOK, "1 / 0")
    assert first.states == ["succeeded", "succeeded", "failed"], first.outputs(1)
    (saved,) = told(first, Kind.CHECKPOINT)
    assert saved["left_out"] == {}
    second = tries(VALUES, LOOK, "'done'")
    assert second.states == ["restored", "succeeded", "succeeded"], second.outputs(1)
    assert second.text_of(1) == first.text_of(1)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("import sqlite3; thing = sqlite3.connect(':memory:')", "a sqlite3.Connection"),
        ("thing = (number for number in range(3))", "a generator"),
        ("thing = open('made', 'w')", "a _io.TextIOWrapper"),
        ("import threading; thing = [threading.Lock()]", "a _thread.lock"),
        ("thing = (lambda inner: lambda: inner)(1)", "a function that no cell defines by itself"),
        ("def thing(): pass\nthing.calls = 3", "a function that no cell defines by itself"),
        ("class thing: pass\nthing.late = 1", "a class that no cell defines by itself"),
        ("class thing:\n    debug = False\nthing.debug = True", "a class that no cell defines by itself"),
        ("def thing(at=print('computed')): pass", "a function that no cell defines by itself"),
        ("import pandas; thing = pandas.DataFrame({'a': [1, 'x']})", "ArrowInvalid"),
        ("import numpy; base = numpy.arange(9); thing = base[:3]", "it shares its memory with another array"),
        ("import workbench as wb; thing = __import__('duckdb').sql('select 1')", "DuckDBPyRelation"),
    ],
)
def test_what_cannot_be_saved_is_named_and_refused_where_it_is_used(tries: Attempts, made: str, why: str) -> None:
    first = tries(COUNT, f"#checkpoint\n{made}", "assert False", "thing")
    (saved,) = told(first, Kind.CHECKPOINT)
    assert why in saved["left_out"]["thing"]
    assert "Checkpoint of " in first.text_of(1)
    assert f"thing ({saved['left_out']['thing']}" in first.text_of(1)
    second = tries(COUNT, f"#checkpoint\n{made}", "'no use of it'")
    assert second.states == ["restored", "restored", "succeeded"]
    third = tries(COUNT, f"#checkpoint\n{made}", "[str(thing)]")
    assert third.states == ["succeeded"] * 3
    (resumed,) = told(third, Kind.RESUMED)
    assert resumed["cell"] is None
    assert "a later cell uses thing (" in resumed["why_not"]
    assert ran(third) == 2


@pytest.mark.parametrize(
    ("later", "refused"),
    [
        ("rel = 5\nrel + 1", False),
        ("text = 'select * from rel'", True),
        ("def use(): return rel\n", True),
        ("eval('re' + 'l')", True),
        ("through()", True),
        ("f'{rel}'", True),
        ("rel += 1", True),
        ("other = [rel for rel in (1, 2)]", True),
    ],
)
def test_a_use_is_found_wherever_it_hides(tries: Attempts, later: str, refused: bool) -> None:
    above = "#checkpoint\nrel = iter([1])\ndef through(): return rel"
    tries(above, "assert False")
    second = tries(above, later if "+=" not in later else "try:\n    rel += 1\nexcept TypeError: pass")
    assert second.code is None
    assert bool(told(second, Kind.RESUMED)[0]["why_not"]) is refused


def test_pickle_is_used_only_where_it_is_allowed(tries: Attempts) -> None:
    above = "#checkpoint\nclass Odd:\n    def __init__(self): self.value = {1: object}\nodd = Odd()"
    first = tries(above, "assert False")
    assert told(first, Kind.CHECKPOINT)[0]["left_out"] == {"odd": "a Odd"}
    more = {"pickle": True, "checkpoint_key": "with pickle"}
    first = tries(above, "assert False", **more)
    assert told(first, Kind.CHECKPOINT)[0]["left_out"] == {}
    second = tries(above, "odd.value[1] is object and type(odd) is Odd", **more)
    assert (second.states, second.text_of(1)) == (["restored", "succeeded"], "True")
    tries(above, "assert False", **more)
    third = tries(above, "odd.value[1] is object", checkpoint_key="with pickle")
    assert third.states == ["succeeded"] * 2
    assert "only pickle saves" in told(third, Kind.RESUMED)[0]["why_not"]


def test_cells_above_have_no_effect_again(tries: Attempts, tmp_path: Path) -> None:
    above = """
    #checkpoint
    import json
    try:
        import numpy as np
    except ImportError:
        np = None
    open("../effects", "a").write("x")
    def register(function):
        open("../registered", "a").write("x")
        return function
    class Shown:
        size = 3
    kept = json.dumps({"a": 1})
    """
    tries(above.replace("\n    ", "\n").strip(), "assert False")
    second = tries(above.replace("\n    ", "\n").strip(), "(kept, Shown.size, np.pi > 3, register(len) is len)")
    assert second.text_of(1) == "('{\"a\": 1}', 3, True, True)"
    assert (tmp_path / "step" / "effects").read_text() == "x"


def change(what: str, folder: Path) -> None:
    (place,) = [path for path in (folder / "checkpoint").iterdir() if path.is_dir()]
    if what == "content":
        path = place / "content.json"
        path.write_text(path.read_text().replace('"same"', '"Same"'))
    elif what == "file":
        path = place / "0.npy"
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    elif what == "gone":
        (place / "namespace.json").unlink()
    elif what == "torn":
        place.rename(place.with_name("new-torn"))


@pytest.mark.parametrize(
    ("what", "why"),
    [("content", "damaged"), ("file", "damaged"), ("gone", "damaged"), ("torn", None)],
)
def test_a_damaged_checkpoint_is_not_used(tries: Attempts, tmp_path: Path, what: str, why: str | None) -> None:
    above = "#checkpoint\nimport numpy; grid = numpy.arange(10)"
    tries(COUNT, above, "assert False")
    change(what, tmp_path / "step")
    second = tries(COUNT, above, "grid.sum()")
    assert (second.states, second.text_of(2)) == (["succeeded"] * 3, "np.int64(45)")
    told_why = [event["why_not"] for event in told(second, Kind.RESUMED)]
    assert told_why == ([] if why is None else ["the checkpoint is damaged"])


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"checkpoint_key": "other"}, "have changed since the checkpoint"),
        ({"above": "#checkpoint\nvalue = 2"}, "a cell above the checkpoint has changed"),
    ],
)
def test_what_has_changed_since_begins_at_the_top(tries: Attempts, second: dict[str, str], why: str) -> None:
    above = "#checkpoint\nvalue = 1"
    tries(COUNT, above, "assert False")
    outcome = tries(COUNT, second.pop("above", above), "value", **second)
    assert outcome.states == ["succeeded"] * 3
    assert why in told(outcome, Kind.RESUMED)[0]["why_not"]


def test_text_between_the_cells_may_change(tries: Attempts) -> None:
    tries(COUNT, "#md before", "#checkpoint\nvalue = 1", "assert False")
    outcome = tries("#md new", COUNT, "#md after", "#checkpoint\nvalue = 1", "value")
    assert outcome.states == ["not_run", "restored", "not_run", "restored", "succeeded"]
    assert outcome.text_of(4) == "1"


def test_the_newest_of_several_checkpoints_counts(tries: Attempts, tmp_path: Path) -> None:
    tries("#checkpoint\na = 1", "#checkpoint\nb = 2", "assert False")
    assert len(list((tmp_path / "step" / "checkpoint").iterdir())) == 1
    outcome = tries("#checkpoint\na = 1", "#checkpoint\nb = 2", "a + b")
    assert (outcome.states, outcome.text_of(2)) == (["restored", "restored", "succeeded"], "3")


def test_what_was_read_written_and_recorded_is_carried_over(tries: Attempts, tmp_path: Path) -> None:
    import hashlib

    data = tmp_path / "data.parquet"
    data.write_bytes(b"rows")
    file = {"path": str(data), "rows": 1, "bytes": 4, "digest": hashlib.sha256(b"rows").hexdigest(), "partition": {}}
    write = {"dataset": "a.b", "mode": "append", "schema": {"columns": []}, "files": [file]}
    tell = f"""
    #checkpoint
    from IPython.display import publish_display_data
    for kind, data in (("record", {{"name": "auc", "value": 0.9}}), ("staged", {write!r})):
        publish_display_data({{"application/vnd.workbench.event+json": {{"kind": kind, "data": data}}}})
    """.replace("\n    ", "\n").strip()
    tries(COUNT, tell, "assert False")
    second = tries("#md one more", COUNT, tell, "1")
    assert second.states == ["not_run", "restored", "restored", "succeeded"]
    assert told(second, Kind.RECORD) == [{"name": "auc", "value": 0.9, "cell": 2}]
    assert told(second, Kind.STAGED)[0]["files"] == [file]
    data.write_bytes(b"other")
    third = tries(COUNT, tell, "1")
    assert third.states == ["succeeded"] * 3
    assert "staged before the checkpoint is gone" in told(third, Kind.RESUMED)[0]["why_not"]


def test_a_checkpoint_is_private_and_bounded(tries: Attempts, tmp_path: Path) -> None:
    first = tries("#checkpoint\nsecret = 'x' * 1000", "assert False")
    assert first.code == "WB-RUN-104"
    shelf = tmp_path / "step" / "checkpoint"
    for folder in (shelf, *shelf.iterdir()):
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    large = "#checkpoint\nimport numpy; grid = numpy.zeros(1_000_000); small = 1"
    first = tries(large, "assert False", limits=Limits(checkpoint=100_000))
    assert told(first, Kind.CHECKPOINT)[0]["left_out"] == {"grid": "the checkpoint would be too large"}


def test_no_checkpoint_is_no_failure(tries: Attempts, tmp_path: Path) -> None:
    shelf = tmp_path / "step" / "checkpoint"
    shelf.parent.mkdir()
    shelf.write_text("in the way")
    outcome = tries("#checkpoint\nvalue = 1", "value")
    assert outcome.states == ["succeeded"] * 2
    assert "WB-DSK-302" in told(outcome, Kind.CHECKPOINT)[0]["error"]
    assert "No checkpoint was made" in outcome.text_of(0)


def test_the_notebook_sees_nothing_of_it(tries: Attempts) -> None:
    look = "sorted(name for name in globals() if not name.startswith('_')), len(In), Out"
    plain = tries("value = 1", "value", look)
    tagged = tries("#checkpoint\nvalue = 1", "value", look)
    assert tagged.outputs(2) == plain.outputs(2)


def test_a_kernel_without_checkpoints_says_so(tries: Attempts) -> None:
    cell = "#checkpoint\nimport sys; sys.modules['workbench.execution.checkpoint.namespace'] = None"
    outcome = tries(cell, "1")
    assert outcome.states == ["succeeded"] * 2
    assert told(outcome, Kind.CHECKPOINT)[0]["error"]
