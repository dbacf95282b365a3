"""The keys of a pipeline file: the parser, the JSON Schema and the page of the docs know the same ones."""

import re
from pathlib import Path

import jsonschema
import pytest

from workbench.documents import load_yaml
from workbench.model.errors import SpecError
from workbench.model.run import Cause
from workbench.pipeline import keys
from workbench.pipeline.spec import parse_pipeline

PAGE = (Path(__file__).parents[2] / "docs" / "pipeline-file.md").read_text()
TABLES = {
    "a pipeline": keys.PIPELINE_KEYS,
    "a step": keys.STEP_KEYS,
    "defaults": keys.DEFAULT_KEYS,
    "retries": keys.RETRY_KEYS,
    "report": keys.REPORT_KEYS,
    "a parameter": keys.PARAMETER_KEYS,
    "a partition": keys.PARTITION_KEYS,
    "schedule": keys.SCHEDULE_KEYS,
    "a file trigger": keys.FILE_KEYS,
    "a dataset trigger": keys.DATASET_KEYS,
    "notify": keys.NOTIFY_KEYS,
}


@pytest.mark.parametrize("table", TABLES)
def test_every_key_has_its_row_and_no_other_has(table):
    section = PAGE.split(f"## Keys of {table}\n")[1].split("\n## ")[0]
    first = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = [name for cell in first for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(keys.names(TABLES[table]))


def test_every_cause_that_is_tried_again_is_named():
    section = PAGE.split("## Keys of retries")[1].split("\n## ")[0]
    assert [cause for cause in Cause if cause is not Cause.CANCELLED and f"`{cause}`" not in section] == []


def valid(text):
    try:
        jsonschema.validate(load_yaml(text, "p.yaml").data, keys.json_schema())
    except jsonschema.ValidationError:
        return False
    return True


def read(text):
    try:
        return parse_pipeline(text, "pipelines/p.yaml", "p")
    except SpecError:
        return None


GOOD = [
    "name: p\nsteps: {a: a.ipynb}",
    "name: p\nparameters: {day: 2013-01-15, n: {type: int}}\nsteps: {a: {notebook: a.ipynb, tags: x}}",
    "name: p\ntimeout: 2h\nconcurrency: 1\ndefaults: {timeout: 1h 30m, retries: 2}\nsteps: {a: a.ipynb}",
    "name: p\npartitions: {day: {every: day, start: 2013-01-01}, o: [a, b]}\nsteps: {a: a.ipynb}",
    "name: p\nsteps: {a: {notebook: a.ipynb, foreach: {x: [1, 2]}, max_parallel: 2, memory: 4GB, cpus: 0.5}}",
    "name: p\nsteps: {a: {notebook: a.ipynb, retries: {max: 1, on: [ConnectionError]}, early_exit: ok, report: true}}",
    "name: p\nschedule: {cron: 0 6 * * *, catchup: all}\nnotify: {on: late, to: ops}\nsteps: {a: a.ipynb}",
    "name: p\ntriggers: [{file: in/*.csv, stable: 5s}, {dataset: [a.b, c.d], when: all}]\nsteps: {a: a.ipynb}",
]
BAD = [
    "name: p",
    "name: P\nsteps: {a: a.ipynb}",
    "name: p\nsteps: {}",
    "name: p\nsteps: {a: a.py}",
    "name: p\nsteps: {a: {tags: x}}",
    "name: p\nsteps: {a: {notebook: a.ipynb, timeout: 3 weeks}}",
    "name: p\nsteps: {a: {notebook: a.ipynb, timeout: ''}}",
    "name: p\nsteps: {a: {notebook: a.ipynb, memory: 4}}",
    "name: p\nsteps: {a: {notebook: a.ipynb, cpus: 0}}",
    "name: p\nsteps: {a: {notebook: a.ipynb, early_exit: yes}}",
    "name: p\nsteps: {a: {notebook: a.ipynb, retries: {maximum: 3}}}",
    "name: p\ndefaults: {cpus: 2}\nsteps: {a: a.ipynb}",
    "name: p\nconcurrency: 0\nsteps: {a: a.ipynb}",
    "name: p\nschedule: {timezone: UTC}\nsteps: {a: a.ipynb}",
    "name: p\nschedule: {cron: 0 6 * * *, catchup: some}\nsteps: {a: a.ipynb}",
    "name: p\ntriggers: [{file: a, when: all}]\nsteps: {a: a.ipynb}",
    "name: p\nnotify: {on: [never]}\nsteps: {a: a.ipynb}",
    "name: p\npartitions: {day: {every: week, start: 2013-01-01}}\nsteps: {a: a.ipynb}",
]


@pytest.mark.parametrize("text", GOOD)
def test_the_schema_takes_what_the_parser_takes(text):
    assert valid(text)
    assert read(text)


@pytest.mark.parametrize("text", BAD)
def test_the_schema_refuses_what_the_parser_refuses(text):
    assert not valid(text)
    assert not read(text)


def test_the_examples_of_the_page_are_pipelines_of_both():
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    whole, *parts = blocks
    assert valid(whole.replace("name: flights", "name: p"))
    assert read(whole.replace("name: flights", "name: p"))
    for part in parts:
        text = f"name: p\n{part}" + ("" if "steps:" in part else "steps: {a: a.ipynb}")
        assert valid(text), part
        assert read(text), part
