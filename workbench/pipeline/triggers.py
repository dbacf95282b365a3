"""``schedule:``, ``triggers:`` and ``notify:`` of a pipeline file, read strictly; faults are told with their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from workbench.documents import Section, describe
from workbench.model.errors import InvalidName, ParameterError, SpecError, did_you_mean
from workbench.model.names import parse_dataset, parse_name
from workbench.model.notification import Notify, Occasion
from workbench.model.pipeline import Pipeline
from workbench.model.schedule import Catchup, DatasetTrigger, FileTrigger, Overlap, Schedule, Trigger
from workbench.pipeline.handover import BadExpression, check, hand_over, names
from workbench.pipeline.keys import DATASET_KEYS, FILE_KEYS, NOTIFY_KEYS, SCHEDULE_KEYS
from workbench.pipeline.keys import names as key_names
from workbench.pipeline.parameters import coerce
from workbench.pipeline.schedule import BadCron, check_cron, zone
from workbench.pipeline.substitution import references

_A_MOMENT = datetime(2024, 2, 29, 6, tzinfo=UTC)


def with_triggers(pipeline: Pipeline, top: Section) -> Pipeline:
    """``pipeline`` with what its file says of when it runs by itself, and who is told.

    Raises SpecError (WB-CFG-650 cron, 651 time zone, 652 ``${…}``, 653 parameters, 654 file pattern, 655 two triggers
    of one name, and those of every file).
    """
    triggers: list[FileTrigger | DatasetTrigger] = []
    for index in range(len(top.items_at("triggers"))):
        section = Section.over(top.document, (*top.path, "triggers", index), None)
        trigger = _trigger(section)
        if trigger.name in ("schedule", *(other.name for other in triggers)):
            raise section.error("WB-CFG-655", f'two triggers are called "{trigger.name}"', next='give one a "name:"')
        _check_parameters(pipeline, trigger, section)
        triggers.append(trigger)
    schedule = _schedule(top.section("schedule", key_names(SCHEDULE_KEYS))) if "schedule" in top else None
    if schedule is not None:
        _check_parameters(pipeline, schedule, top.section("schedule"))
    return replace(pipeline, schedule=schedule, triggers=tuple(triggers), notify=read_notify(top))


def read_notify(top: Section) -> Notify | None:
    """What ``notify:`` says; None where it is absent. Raises SpecError (WB-CFG-625, WB-CFG-628)."""
    if top.get("notify") is None:
        return None
    section = top.section("notify", key_names(NOTIFY_KEYS))
    on = tuple(_one_of(section, "on", text, Occasion, index) for index, text in enumerate(section.texts("on")))
    to = section.texts("to")
    for index, name in enumerate(to):
        try:
            parse_name(name, "receiver")
        except InvalidName as error:
            raise section.error("WB-CFG-628", error.what, "to", index, cause=error.cause) from None
    return Notify(
        on if "on" in section else None, to if "to" in section else None, section.duration("late_after", None)
    )


def _schedule(section: Section) -> Schedule:
    cron = section.text("cron")
    try:
        check_cron(cron)
    except BadCron as error:
        raise section.error(
            "WB-CFG-650",
            "not a pattern of cron",
            "cron",
            cause=str(error),
            next='write it like "0 6 * * *": every day at 6',
        ) from None
    return Schedule(
        cron=" ".join(cron.split()),
        timezone=_zone(section),
        catchup=_choice(section, "catchup", Catchup.LATEST),
        catchup_max=section.whole("catchup_max", 24, minimum=1),
        overlap=_choice(section, "overlap", Overlap.SKIP),
        parameters=_parameters(section),
        force=section.flag("force", False),
    )


def _trigger(section: Section) -> FileTrigger | DatasetTrigger:
    kinds = [key for key in ("file", "dataset") if key in section]
    if len(kinds) != 1:
        raise section.error("WB-CFG-626", 'a trigger names either a "file" or a "dataset"')
    return _file(section) if kinds == ["file"] else _dataset(section)


def _file(section: Section) -> FileTrigger:
    section.refuse_unknown(key_names(FILE_KEYS))
    pattern = section.text("file")
    parts = PurePosixPath(pattern).parts
    mixed = any("**" in part and part != "**" for part in parts)
    if not parts or mixed or pattern.startswith(("/", "~")) or ".." in parts or "\0" in pattern or "\\" in pattern:
        raise section.error(
            "WB-CFG-654",
            f'"{pattern}" is no pattern of files in the project',
            "file",
            cause='"**" stands for whole folders' if mixed else "files are watched inside the project only",
            next="write it from the project's folder, like landing/*.csv",
        )
    done = section.text("done", "")
    if "/" in done or "\0" in done:
        raise section.wrong("done", "the ending of the marker's name, such as .done")
    return FileTrigger(
        pattern=str(PurePosixPath(pattern)),
        stable=section.duration("stable", None) or 10.0,
        done=done,
        batch=section.flag("batch", False),
        timezone=_zone(section),
        parameters=_parameters(section),
        force=section.flag("force", True),
        name=_name(section, f"file {pattern}"),
    )


def _dataset(section: Section) -> DatasetTrigger:
    section.refuse_unknown(key_names(DATASET_KEYS))
    found = tuple(dict.fromkeys(section.texts("dataset")))
    if not found:
        raise section.wrong("dataset", "a dataset, or a list of some")
    for index, name in enumerate(found):
        try:
            parse_dataset(name)
        except InvalidName as error:
            raise section.error("WB-CFG-628", error.what, "dataset", index, cause=error.cause) from None
    when = section.text("when", "any")
    if when not in ("any", "all"):
        raise section.wrong("when", "any or all")
    joined = (" and " if when == "all" else " or ").join(found)
    return DatasetTrigger(
        datasets=found,
        every=when == "all",
        timezone=_zone(section),
        parameters=_parameters(section),
        force=section.flag("force", False),
        name=_name(section, f"dataset {joined}"),
    )


def _name(section: Section, default: str) -> str:
    if "name" not in section:
        return default
    try:
        return parse_name(section.text("name"), "trigger")
    except InvalidName as error:
        raise section.error("WB-CFG-628", error.what, "name", cause=error.cause) from None


def _zone(section: Section) -> str:
    name = section.text("timezone", "UTC")
    try:
        zone(name)
    except ValueError as error:
        raise section.error(
            "WB-CFG-651", str(error), "timezone", next="use an IANA name, such as Europe/Berlin"
        ) from None
    return name


def _parameters(section: Section) -> Mapping[str, Any]:
    return dict(section.section("parameters").data)


def _check_parameters(pipeline: Pipeline, trigger: Trigger, section: Section) -> None:
    """Hold the parameters of a trigger to those of the pipeline, with a moment to try them out."""
    declared = {parameter.name: parameter for parameter in pipeline.parameters}
    for text, place in references(trigger.parameters):
        try:
            check(text, names(trigger))
        except BadExpression as error:
            hint = did_you_mean(error.name, names(trigger)) if error.name else ""
            raise section.error(
                "WB-CFG-652", f'"${{{text}}}" means nothing here', "parameters", *place, cause=f"{error}.{hint}"
            ) from None
    sample = {"file": "/project/landing/file.csv", "files": ["/project/landing/file.csv"]}
    for name, value in hand_over(trigger, _A_MOMENT, sample).items():
        if name not in declared:
            known = f"it declares: {', '.join(declared)}." if declared else "it declares none."
            raise section.error(
                "WB-CFG-653",
                f'the pipeline has no parameter "{name}"',
                "parameters",
                name,
                key=True,
                cause=known + did_you_mean(name, declared),
            )
        try:
            coerce(declared[name], value, text=True)
        except ParameterError as error:
            raise section.error("WB-CFG-653", error.what, "parameters", name, cause=error.cause) from None
    filled = {*trigger.parameters, *(partition.name for partition in pipeline.partitions if partition.every)}
    missing = [parameter.name for parameter in pipeline.parameters if parameter.required]
    if missing := [name for name in missing if name not in filled]:
        raise section.error(
            "WB-CFG-653",
            f'nobody is there to give the parameter "{missing[0]}"',
            cause="it has no default",
            next=f'add "parameters: {{{missing[0]}: …}}" here, or a default there',
        )


def _choice(section: Section, key: str, default: Any) -> Any:
    return _one_of(section, key, section.text(key, default.value), type(default))


def _one_of(section: Section, key: str, text: str, kind: Any, *place: int) -> Any:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(kind)
        cause = f"found {describe(text)}, known: {known}.{did_you_mean(text, kind)}"
        fault: SpecError = section.error("WB-CFG-625", f'"{key}" must be one of these', key, *place, cause=cause)
        raise fault from None
