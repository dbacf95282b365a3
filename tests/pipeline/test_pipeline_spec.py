"""Pipeline files: what they say, and every fault with its line and column."""

from dataclasses import replace
from datetime import date

import pytest

from workbench.model.errors import InvalidName, NotFound, SpecError
from workbench.model.pipeline import MISSING, Fan, Kind, ReportSpec, Retries, StepOptions
from workbench.pipeline.spec import is_single, load_pipeline, parse_pipeline, pipeline_names, single
from workbench.pipeline.substitution import in_text, references, substitute

FLIGHTS = """\
name: flights
description: From the tables to a page
parameters:
  day: {type: date, default: 2013-01-15, help: local departure day}
  origins: {type: list[str], default: [EWR, JFK, LGA]}
  limit: 5
  label: {type: str | None, default: null}
  must: {type: int}
defaults: {timeout: 30m}
steps:
  ingest: notebooks/ingest.ipynb
  clean:  {notebook: notebooks/clean.ipynb, parameters: {day: ${day}, n: [1, "${limit} rows"]}, after: ingest}
  delays:
    notebook: notebooks/delays.ipynb
    reads: [clean.flights, raw.weather]
    writes: marts.delays
    timeout: 1h 30m
    tags: [slow]
    after: [ingest, clean]
  daily:  {notebook: notebooks/daily.ipynb, report: {title: "Delays on ${day}", hide_code: false}}
  plain:  {notebook: notebooks/plain.ipynb, report: true}
  none:   {notebook: notebooks/none.ipynb, report: false}
"""


def refused(text, name="p"):
    with pytest.raises(SpecError) as caught:
        parse_pipeline(text, f"pipelines/{name}.yaml", name)
    return caught.value


def test_a_whole_pipeline(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "flights.yaml").write_text(FLIGHTS)
    found = load_pipeline(tmp_path, "flights")
    assert (found.name, found.path, found.description) == (
        "flights",
        "pipelines/flights.yaml",
        "From the tables to a page",
    )
    assert [(p.name, p.type.kind, p.default) for p in found.parameters] == [
        ("day", Kind.DATE, date(2013, 1, 15)),
        ("origins", Kind.LIST, ["EWR", "JFK", "LGA"]),
        ("limit", Kind.INT, 5),
        ("label", Kind.STR, None),
        ("must", Kind.INT, MISSING),
    ]
    ingest, clean, delays, daily, plain, none = found.steps
    assert (ingest.notebook, ingest.options.timeout) == ("notebooks/ingest.ipynb", 1800)
    assert clean.parameters == {"day": "${day}", "n": [1, "${limit} rows"]}
    assert clean.after == ("ingest",)
    assert (delays.reads, delays.writes) == (("clean.flights", "raw.weather"), ("marts.delays",))
    assert (delays.options.timeout, delays.tags, delays.after) == (5400, ("slow",), ("ingest", "clean"))
    assert daily.report == ReportSpec("Delays on ${day}", hide_code=False, toc=True)
    assert (plain.report, none.report) == (ReportSpec(), None)
    assert pipeline_names(tmp_path) == ("flights",)


HEAD = "name: p\n"
STEP = "steps:\n  a: {notebook: a.ipynb, "


@pytest.mark.parametrize(
    ("text", "code", "begins", "says"),
    [
        ("", "WB-CFG-626", "1:1", "empty"),
        ("- a", "WB-CFG-625", "1:1", "expected a mapping"),
        ("steps: {a: a.ipynb}", "WB-CFG-626", "1:1", '"name" is missing'),
        ("name: q\nsteps: {a: a.ipynb}", "WB-CFG-627", "1:7", 'called "q"'),
        (HEAD, "WB-CFG-626", "1:1", '"steps" is missing'),
        (HEAD + "steps:", "WB-CFG-626", "2:1", "holds no step"),
        (HEAD + "steps: {}", "WB-CFG-626", "2:1", "holds no step"),
        (HEAD + "steps: [a]", "WB-CFG-625", "2:8", "expected a mapping"),
        (HEAD + "step: {a: a.ipynb}", "WB-CFG-624", "2:1", 'Did you mean "steps"?'),
        (HEAD + "steps: {A: a.ipynb}", "WB-CFG-628", "2:9", "not a valid name"),
        (HEAD + "steps: {a/b: a.ipynb}", "WB-CFG-628", "2:9", "not a valid name"),
        (HEAD + "steps: {a: 3}", "WB-CFG-625", "2:12", "expected a mapping"),
        (HEAD + "steps: {a: a.py}", "WB-CFG-625", "2:12", "the path of a notebook"),
        (HEAD + "steps: {a: {}}", "WB-CFG-626", "2:12", '"notebook" is missing'),
        (HEAD + STEP + "notebok: x}", "WB-CFG-624", "3:26", 'Did you mean "notebook"?'),
        (HEAD + STEP + "timeout: 30}", "WB-CFG-625", "3:35", "found the number 30"),
        (HEAD + STEP + "timeout: 3 weeks}", "WB-CFG-625", "3:35", "a duration such as"),
        (HEAD + STEP + "timeout: 0s}", "WB-CFG-625", "3:35", "a duration such as"),
        (HEAD + STEP + "reads: [x.y, Raw.x]}", "WB-CFG-628", "3:39", "not a valid name"),
        (HEAD + STEP + "reads: {}}", "WB-CFG-625", "3:33", "a list of texts"),
        (HEAD + STEP + "report: 3}", "WB-CFG-625", "3:34", "expected a mapping"),
        (HEAD + STEP + "report: {titel: x}}", "WB-CFG-624", "3:35", 'Did you mean "title"?'),
        (HEAD + STEP + "report: {toc: 1}}", "WB-CFG-625", "3:40", "true or false"),
        (HEAD + STEP + "report: {title: '${dya}'}}", "WB-CFG-630", "3:42", 'unknown reference "${dya}"'),
        (HEAD + STEP + "after: b}", "WB-CFG-629", "3:33", "no other step"),
        (HEAD + STEP + "after: a}", "WB-CFG-629", "3:33", "wait for itself"),
        (HEAD + STEP + "parameters: {x: [1, ${y}]}}", "WB-CFG-630", "3:46", "declares no parameters"),
        (HEAD + STEP + "parameters: {x: ${run.id}}}", "WB-CFG-630", "3:42", "${run.id}"),
        (HEAD + "defaults: {retry: 3}\nsteps: {a: a.ipynb}", "WB-CFG-624", "2:12", 'Did you mean "retries"?'),
        (HEAD + "timeout: 1\nsteps: {a: a.ipynb}", "WB-CFG-625", "2:10", "a duration"),
        (HEAD + "concurrency: 0\nsteps: {a: a.ipynb}", "WB-CFG-625", "2:14", "at least 1"),
        (HEAD + STEP + "memory: 4 gigs}", "WB-CFG-625", "3:34", "a size such as"),
        (HEAD + STEP + "memory: 4}", "WB-CFG-625", "3:34", "found the number 4"),
        (HEAD + STEP + "processes: 0}", "WB-CFG-625", "3:37", "at least 1"),
        (HEAD + STEP + "cpus: 0}", "WB-CFG-625", "3:32", "greater than 0"),
        (HEAD + STEP + "cpus: .inf}", "WB-CFG-625", "3:32", "a number"),
        (HEAD + STEP + "requires: [gpu, '']}", "WB-CFG-625", "3:36", "words"),
        (HEAD + STEP + "early_exit: true}", "WB-CFG-625", "3:38", "ok or fail"),
        (HEAD + STEP + "keep_failed: yes}", "WB-CFG-625", "3:39", "a duration"),
        (HEAD + STEP + "pickle: yes}", "WB-CFG-625", "3:34", "true or false"),
        (HEAD + STEP + "retries: -1}", "WB-CFG-625", "3:35", "at least 0"),
        (HEAD + STEP + "retries: {on: timeout}}", "WB-CFG-626", "3:35", '"max" is missing'),
        (HEAD + STEP + "retries: {max: 1, on: [timout]}}", "WB-CFG-625", "3:49", 'Did you mean "timeout"?'),
        (HEAD + STEP + "retries: {max: 1, on: cancelled}}", "WB-CFG-625", "3:48", 'nothing fails by "cancelled"'),
        (HEAD + STEP + "retries: {max: 1, on: []}}", "WB-CFG-625", "3:48", "names nothing"),
        (HEAD + STEP + "retries: {max: 1, factor: 0.5}}", "WB-CFG-625", "3:52", "at least 1"),
        (HEAD + STEP + "retries: {max: 1, jitter: 2}}", "WB-CFG-625", "3:52", "from 0 to 1"),
        (HEAD + STEP + "retries: {max: 1, wait: 1s}}", "WB-CFG-624", "3:44", "unknown key"),
        (HEAD + STEP + "max_parallel: 2}", "WB-CFG-626", "3:26", 'needs "foreach"'),
        (HEAD + STEP + "foreach: {}}", "WB-CFG-626", "3:26", "names no parameter"),
        (HEAD + STEP + "foreach: [1]}", "WB-CFG-625", "3:35", "expected a mapping"),
        (HEAD + STEP + "foreach: {x: 1}}", "WB-CFG-625", "3:39", "a list, or a reference"),
        (HEAD + STEP + "foreach: {x: 'a ${y}'}}", "WB-CFG-625", "3:39", "a list, or a reference"),
        (HEAD + STEP + "foreach: {x-y: [1]}}", "WB-CFG-628", "3:36", "not an identifier"),
        (HEAD + STEP + "foreach: {x: [1]}, parameters: {x: 2}}", "WB-CFG-621", "3:36", 'given by "parameters" too'),
        (HEAD + STEP + "foreach: {x: ${y}}}", "WB-CFG-630", "3:39", "declares no parameters"),
        (HEAD + STEP + "foreach: {x: ${a.y}}}", "WB-CFG-630", "3:39", "what it records itself"),
        (HEAD + STEP + "foreach: {x: ${b.y}}}", "WB-CFG-630", "3:39", "steps: none"),
        (HEAD + STEP + "foreach: {x: [1]}, parameters: {z: ${y}}}", "WB-CFG-630", "3:61", "known here: x"),
        (HEAD + "parameters: {class: 3}\nsteps: {a: a.ipynb}", "WB-CFG-628", "2:14", "keyword"),
        (HEAD + "parameters: {x: {help: h}}\nsteps: {a: a.ipynb}", "WB-CFG-626", "2:17", "a type or a default"),
        (HEAD + "parameters: {x: {type: tuple}}\nsteps: {a: a.ipynb}", "WB-CFG-625", "2:24", "not supported"),
        (
            HEAD + "parameters: {x: {type: int, default: a}}\nsteps: {a: a.ipynb}",
            "WB-CFG-625",
            "2:38",
            "got the text 'a'",
        ),
        (HEAD + "parameters: {x: {typ: int}}\nsteps: {a: a.ipynb}", "WB-CFG-624", "2:18", 'Did you mean "type"?'),
        (
            HEAD + "parameters: {x: {type: date, default: 2013-02-30}}\nsteps: {a: a.ipynb}",
            "WB-CFG-625",
            "2:39",
            "date",
        ),
    ],
)
def test_faults_are_told_with_their_place(text, code, begins, says):
    error = refused(text)
    assert error.code == code
    assert error.what.startswith(f"pipelines/p.yaml:{begins}: ")
    assert says in str(error)


LIMITS = """\
name: p
timeout: 1d
concurrency: 2
parameters: {origins: [A, B]}
defaults:
  timeout: 30m
  cell_timeout: 90s
  retries: {max: 2, backoff: 5s, on: [timeout, ConnectionError]}
  memory: 1.5GB
  processes: 8
  keep_failed: 1h
steps:
  a: a.ipynb
  b:
    notebook: b.ipynb
    timeout: 2h
    retries: 5
    memory: 4GiB
    cpus: 0.5
    requires: gpu
    pickle: true
    early_exit: ok
  c: {notebook: c.ipynb, retries: {factor: 3, longest: 1m, jitter: 0}}
  d: {notebook: d.ipynb, foreach: {origin: ${origins}, n: [1, 2], m: "${a.rows}"}, max_parallel: 3,
      parameters: {label: "from ${origin}"}, report: {title: "${origin} ${n}"}}
"""


def test_options_of_a_step_stand_over_the_defaults():
    found = parse_pipeline(LIMITS, "pipelines/p.yaml", "p")
    assert (found.timeout, found.concurrency) == (86400, 2)
    a, b, c, d = found.steps
    retries = Retries(2, ("timeout", "ConnectionError"), 5.0)
    assert a.options == StepOptions(1800, 90, retries, 1_500_000_000, 8, keep_failed=3600)
    assert b.options == StepOptions(
        7200, 90, replace(retries, max=5), 4 * 1024**3, 8, 0.5, ("gpu",), 3600, pickle=True, early_exit=True
    )
    assert c.options.retries == replace(retries, factor=3, longest=60, jitter=0)
    assert d.fan == Fan({"origin": "${origins}", "n": [1, 2], "m": "${a.rows}"}, 3)
    assert parse_pipeline("name: p\nsteps: {a: a.ipynb}", "p.yaml", "p").steps[0].options == StepOptions()


def test_a_reference_is_corrected():
    text = HEAD + "parameters: {day: 1}\n" + STEP + "parameters: {x: ${dya}}}"
    assert 'Did you mean "day"?' in refused(text).cause


def test_no_such_pipeline(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "flights.yaml").write_text(FLIGHTS)
    with pytest.raises(NotFound, match=r'WB-PIP-601.*Did you mean "flights"'):
        load_pipeline(tmp_path, "flight")
    for name in ("../flights", "flights/..", "Flights", "flights.yaml", "fl\u0430ghts", ""):
        with pytest.raises(InvalidName):
            load_pipeline(tmp_path, name)
    (tmp_path / "pipelines" / "bytes.yaml").write_bytes(b"name: bytes\n# \xff\n")
    with pytest.raises(SpecError, match=r"WB-CFG-620: pipelines/bytes.yaml:2:1"):
        load_pipeline(tmp_path, "bytes")


def test_a_notebook_alone_is_a_pipeline_of_one_step(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "2 Clean-up.ipynb").write_text("{}")
    found = single(tmp_path, "notebooks/2 Clean-up.ipynb")
    assert (found.name, found.path) == ("notebook_2_clean_up", "notebooks/2 Clean-up.ipynb")
    assert is_single(found)
    assert single(tmp_path, folder / "2 Clean-up.ipynb") == found
    monkeypatch.chdir(folder)
    assert single(tmp_path, "2 Clean-up.ipynb") == found
    assert single(tmp_path, "../../x.ipynb").path == "../../x.ipynb"


def test_what_is_not_there_names_what_was_meant(tmp_path):
    for folder, name in (("notebooks", "clean.ipynb"), ("pipelines", "flights.yaml")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("{}")
    with pytest.raises(NotFound, match=r'WB-NB-600: notebooks/claen\.ipynb.*Did you mean "notebooks/clean\.ipynb"'):
        single(tmp_path, "notebooks/claen.ipynb")
    with pytest.raises(InvalidName, match=r'WB-NAM-330.*leave the folder and the ending away: "flights"'):
        load_pipeline(tmp_path, "pipelines/flights.yaml")
    (tmp_path / "pipelines" / "first try.yaml").write_text("")
    with pytest.raises(InvalidName, match=r"WB-NAM-330.*rename pipelines/first try\.yaml"):
        load_pipeline(tmp_path, "first try")


def test_substitution_keeps_types_when_whole_and_writes_out_in_text():
    values = {"day": date(2013, 1, 15), "names": ["a", "b"], "none": None, "yes": True}
    assert substitute("${day}", values) == date(2013, 1, 15)
    assert substitute({"x": ["${names}", 3]}, values) == {"x": [["a", "b"], 3]}
    assert substitute("On ${day}: ${names}${none} ${yes} $${day} $5", values) == "On 2013-01-15: a, b true ${day} $5"
    assert list(references({"a": ["x ${b}", "$${c}"]})) == [("b", ("a", 0))]
    assert in_text({"a": date(2013, 1, 15)}) == "a: 2013-01-15"
