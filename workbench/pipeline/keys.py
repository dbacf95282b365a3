"""The keys of a pipeline file: one table that parsing, the JSON Schema and the documentation agree on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.model.frozen import dataclass
from workbench.model.notification import Occasion
from workbench.model.run import Cause
from workbench.model.schedule import Catchup, Overlap

Shape = Mapping[str, Any]

NAME = r"^[a-z][a-z0-9_]{0,62}$"
IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_]*$"
TEXT: Shape = {"type": "string"}
FLAG: Shape = {"type": "boolean"}
COUNT: Shape = {"type": "integer", "minimum": 1}
TEXTS: Shape = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
DURATION: Shape = {
    "type": "string",
    "pattern": r"^\s*(?=\S)([0-9]+d)?\s*([0-9]+h)?\s*([0-9]+m)?\s*([0-9]+s)?\s*$",
    "examples": ["90s", "30m", "1h 30m"],
}
SIZE: Shape = {
    "type": "string",
    "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([kKMGT]i?B|B)\s*$",
    "examples": ["500MB", "4GB", "4GiB"],
}
_OCCASIONS: Shape = {"type": "array", "items": {"enum": list(Occasion)}}
SCALAR: Shape = {"type": ["string", "number", "boolean"]}
RETRY_CAUSES = tuple(cause.value for cause in Cause if cause is not Cause.CANCELLED)
"""What ``retries: {on: …}`` may name beside classes of exceptions; a cancelled attempt is never tried again."""


@dataclass(frozen=True)
class Key:
    """One key of a mapping: what it says, in a phrase, and the JSON Schema of its value."""

    name: str
    says: str
    shape: Shape
    required: bool = False


def names(keys: Sequence[Key]) -> tuple[str, ...]:
    """The names of the keys, in order."""
    return tuple(key.name for key in keys)


def mapping(keys: Sequence[Key]) -> Shape:
    """The JSON Schema of a mapping that holds these keys and no others."""
    shape: dict[str, Any] = {
        "type": "object",
        "properties": {key.name: {**key.shape, "description": key.says} for key in keys},
        "additionalProperties": False,
    }
    if required := [key.name for key in keys if key.required]:
        shape["required"] = required
    return shape


def named(values: Shape, pattern: str = NAME) -> Shape:
    """The JSON Schema of a mapping from names to values."""
    return {"type": "object", "patternProperties": {pattern: values}, "additionalProperties": False}


PARAMETER_KEYS = (
    Key("type", "the type, written as in a parameters cell: date, list[str], int | None", TEXT),
    Key("default", "the value when none is given; without it the parameter is required", {}),
    Key("help", "what it is, in a phrase", TEXT),
)
PARTITION_KEYS = (
    Key("every", "day or hour", {"enum": ["day", "hour"]}),
    Key("start", "the first one, as 2013-01-01 or, for hours, also 2013-01-01T06:00", TEXT),
    Key("end", "the last one, included; left out, the one that goes on now", TEXT),
    Key("timezone", "where days and hours begin, such as America/New_York; UTC when left out", TEXT),
    Key("values", "the values, when they are neither days nor hours", {"type": "array", "items": SCALAR}),
)
REPORT_KEYS = (
    Key("title", "its title; may hold ${parameter}", TEXT),
    Key("hide_code", "whether the code is folded away", FLAG),
    Key("toc", "whether it has a table of contents", FLAG),
)
RETRY_KEYS = (
    Key("max", "how many tries follow the first", {"type": "integer", "minimum": 0}),
    Key(
        "on",
        f"what is tried again: {', '.join(RETRY_CAUSES)}, or the class of an exception, such as ConnectionError",
        TEXTS,
    ),
    Key("backoff", "how long to wait before the second try", DURATION),
    Key("factor", "how many times as long before each further one", {"type": "number", "minimum": 1}),
    Key("longest", "how long at most", DURATION),
    Key("jitter", "by which share the wait is varied at random, from 0 to 1", {"type": "number", "maximum": 1}),
)
_RETRIES: Shape = {"anyOf": [{"type": "integer", "minimum": 0}, mapping(RETRY_KEYS)]}
DEFAULT_KEYS = (
    Key("timeout", "how long a step may take", DURATION),
    Key("cell_timeout", "how long each of its cells may take", DURATION),
    Key("retries", "how often, and after what, a failed attempt is tried again", _RETRIES),
    Key("memory", "how much memory its processes may take together", SIZE),
    Key("processes", "how many processes it may have at once", COUNT),
    Key("keep_failed", "how long a failed step keeps its kernel, for a look inside", DURATION),
)
STEP_KEYS = (
    Key("notebook", "the notebook, from the project's folder", {**TEXT, "pattern": r"\.ipynb$"}, required=True),
    Key("parameters", "values for its parameters cell; ${name} is a parameter of the pipeline", {"type": "object"}),
    Key("foreach", "one instance for each value: a list, ${parameter} or ${step.recorded}", named({}, IDENTIFIER)),
    Key("max_parallel", "how many of its instances run at once", COUNT),
    Key("reads", "datasets that it reads under names it computes", TEXTS),
    Key("writes", "datasets that it writes under names it computes", TEXTS),
    Key("after", "steps to wait for although no dataset leads there", TEXTS),
    *DEFAULT_KEYS,
    Key("cpus", "how many processors it keeps busy", {"type": "number", "exclusiveMinimum": 0}),
    Key("requires", "what a worker must offer to run it, such as gpu", TEXTS),
    Key("pickle", "whether checkpoints may hold what only pickle saves", FLAG),
    Key("early_exit", "ok: sys.exit(0) ends it well", {"enum": ["ok", "fail"]}),
    Key("report", "makes a page of the executed notebook", {"anyOf": [FLAG, mapping(REPORT_KEYS)]}),
    Key("tags", "words to select it by", TEXTS),
)
_GIVEN = (
    Key("timezone", "the zone whose clocks count, such as America/New_York; UTC when left out", TEXT),
    Key("parameters", "values for parameters of the pipeline; may hold ${run.date - 1d}", {"type": "object"}),
    Key("force", "whether every step runs, changed or not", FLAG),
)
SCHEDULE_KEYS = (
    Key("cron", "five fields: minute, hour, day of the month, month, day of the week", TEXT, required=True),
    *_GIVEN,
    Key("catchup", "what becomes of times that nobody was there for", {"enum": list(Catchup)}),
    Key("catchup_max", "how many of them all makes up at most", COUNT),
    Key("overlap", "what becomes of a time that comes while the run before it goes on", {"enum": list(Overlap)}),
)
FILE_KEYS = (
    Key("file", "a pattern of files in the project, such as landing/*.csv", TEXT, required=True),
    Key("name", "what the trigger is called", {**TEXT, "pattern": NAME}),
    *_GIVEN,
    Key("stable", "how long a file must not have changed", DURATION),
    Key("done", "the ending of a marker that must stand beside a file, such as .done", TEXT),
    Key("batch", "whether all files that arrive together make one run", FLAG),
)
DATASET_KEYS = (
    Key("dataset", "the dataset, or a list of some", TEXTS, required=True),
    Key("name", "what the trigger is called", {**TEXT, "pattern": NAME}),
    *_GIVEN,
    Key("when", "of several: any of them is new, or all are", {"enum": ["any", "all"]}),
)
NOTIFY_KEYS = (
    Key("on", f"what is told: {', '.join(Occasion)}", {"anyOf": [{"enum": list(Occasion)}, _OCCASIONS]}),
    Key("to", "receivers of workbench.toml", TEXTS),
    Key("late_after", "how long after its nominal time a run should be over", DURATION),
)
PIPELINE_KEYS = (
    Key("name", "the name, the same as that of the file", {**TEXT, "pattern": NAME}, required=True),
    Key("description", "what it is for, in a sentence", TEXT),
    Key(
        "parameters",
        "what a run may be given: a value, or a type with an optional default",
        named({"anyOf": [{"not": {"type": "object"}}, mapping(PARAMETER_KEYS)]}, IDENTIFIER),
    ),
    Key(
        "partitions",
        "parameters whose values cut the data into parts: days, hours or a list",
        named({"anyOf": [{"type": "array", "items": SCALAR}, mapping(PARTITION_KEYS)]}, IDENTIFIER),
    ),
    Key("defaults", "what holds for every step that says nothing else", mapping(DEFAULT_KEYS)),
    Key("timeout", "how long a whole run may take", DURATION),
    Key("concurrency", "how many runs of it go on at once; further ones wait", COUNT),
    Key("schedule", "when it runs by itself", mapping(SCHEDULE_KEYS)),
    Key(
        "triggers",
        "files and datasets whose arrival makes it run",
        {"type": "array", "items": {"anyOf": [mapping(FILE_KEYS), mapping(DATASET_KEYS)]}},
    ),
    Key("notify", "who is told of its runs, and on which occasions", mapping(NOTIFY_KEYS)),
    Key(
        "steps",
        "the notebooks, by the name of the step",
        {**named({"anyOf": [{**TEXT, "pattern": r"\.ipynb$"}, mapping(STEP_KEYS)]}), "minProperties": 1},
        required=True,
    ),
)


def json_schema() -> dict[str, Any]:
    """The whole file as JSON Schema (2020-12), for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A pipeline of Workbench",
        **mapping(PIPELINE_KEYS),
    }
