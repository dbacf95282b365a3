"""A pipeline as a DAG of Apache Airflow: a plain file that runs each step with ``wb run``, the same for the same input.

Airflow decides when, Workbench what: each task is a run of one step. All tasks of a run of the DAG are given the same
nominal time, so that they mean the same parameters and partitions; what a task finds unchanged, it skips.
"""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from workbench.model.errors import SpecError
from workbench.model.frozen import dataclass
from workbench.model.pipeline import Pipeline, StepSpec
from workbench.model.plan import Plan
from workbench.model.schedule import Catchup, FileTrigger, Overlap, Schedule
from workbench.pipeline.handover import hand_over
from workbench.pipeline.spec import load_pipeline
from workbench.project import Project

MARK = "# Exported by Workbench"
"""How every file begins that we may replace."""
_LONGEST_TAG = 100
_TEMPLATE = re.compile(r"\{[{%#]")
_STEP = '''

def step(name, about):
    """The task of one step. What may be tried again, Workbench tries again."""
    return BashOperator(
        task_id=name,
        bash_command=f"{{RUN}} --select {{name}}",
{env}        append_env=True,
        retries=0,
        do_xcom_push=False,
        doc_md=about,
    )

'''
_LAST = re.compile(r"\b([0-7])L\b", re.ASCII)


@dataclass(frozen=True)
class Task:
    """One step as a task: its name, the steps before it, and what people are told of it."""

    step: str
    upstream: tuple[str, ...]
    about: str


@dataclass(frozen=True)
class Dag:
    """A DAG: its ``text``, what is in it, and in ``notes`` what Airflow does otherwise than ``wb up``."""

    name: str
    cron: str
    timezone: str
    tasks: tuple[Task, ...]
    tags: tuple[str, ...]
    notes: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Call:
    """How tasks call Workbench: the ``command``, as typed there, the project's folder there, and further options."""

    command: str
    folder: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    environment: str | None = None


def export(project: Project, name: str, call: Call, now: datetime | None = None) -> Dag:
    """A pipeline of the project as a DAG.

    It is planned as for a run at ``now``, so raises what ``Project.plan`` raises, and SpecError (WB-SCH-857) for a
    schedule that Airflow does not know.
    """
    pipeline = load_pipeline(project.root, name)
    given: dict[str, Any] = {}
    if pipeline.schedule is not None:
        given = hand_over(pipeline.schedule, now or datetime.now(UTC), None, pipeline.partitions)
    plan = project.plan(name, {**given, **call.parameters}, environment=call.environment)
    return draw(pipeline, tasks_of(pipeline, plan), call)


def tasks_of(pipeline: Pipeline, plan: Plan) -> tuple[Task, ...]:
    """One task for each step of the pipeline, instances together, each after those it waits for."""
    base = {step.name: step.base for step in plan.steps}
    before: dict[str, dict[str, None]] = {}
    data: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for step in plan.steps:
        waits = (base.get(name, name) for name in step.upstream)
        before.setdefault(step.base, {}).update(dict.fromkeys(name for name in waits if name != step.base))
        data.setdefault(step.base, (step.reads, step.writes))
    specs = {step.name: step for step in pipeline.steps}
    return tuple(Task(name, tuple(waits), _about(specs[name], *data[name])) for name, waits in before.items())


def draw(pipeline: Pipeline, tasks: tuple[Task, ...], call: Call) -> Dag:
    """The DAG of a pipeline whose tasks are known. Raises SpecError (WB-SCH-857)."""
    schedule = pipeline.schedule
    cron = _cron(pipeline, schedule) if schedule else ""
    zone = schedule.timezone if schedule else ""
    found = {tag for step in pipeline.steps for tag in step.tags if len(tag) <= _LONGEST_TAG}
    dag = Dag(pipeline.name, cron, zone, tasks, ("workbench", *sorted(found)), tuple(_notes(pipeline)), "")
    return Dag(dag.name, cron, zone, tasks, dag.tags, dag.notes, "\n".join(_lines(pipeline, dag, call)) + "\n")


def _lines(pipeline: Pipeline, dag: Dag, call: Call) -> Iterator[str]:
    yield f"{MARK}: wb export airflow {dag.name}"
    yield "# Change the pipeline and export it again, rather than this file."
    for note in dag.notes:
        yield "#"
        yield from (f"# {line}" for line in textwrap.wrap(" ".join(note.split()), 100, break_long_words=False))
    yield ""
    if pipeline.timeout is not None:
        yield from ("from datetime import timedelta", "")
    yield "from airflow.providers.standard.operators.bash import BashOperator"
    yield "from airflow.sdk import DAG"
    if dag.cron:
        yield "from airflow.timetables.trigger import CronTriggerTimetable"
    yield from ("", f"RUN = {_quoted(_command(pipeline, call))}")
    if dag.cron:
        yield 'NOMINAL_TIME = "{{ (dag_run.logical_date or dag_run.run_after).isoformat() }}"'
    yield _STEP.format(env='        env={"NOMINAL_TIME": NOMINAL_TIME},\n' if dag.cron else "")
    yield from _arguments(pipeline, dag)
    yield "    steps = {"
    for task in dag.tasks:
        yield f"        {_quoted(task.step)}: step({_quoted(task.step)}, {_quoted(task.about)}),"
    yield "    }"
    for task in dag.tasks:
        yield from (f"    steps[{_quoted(name)}] >> steps[{_quoted(task.step)}]" for name in task.upstream)


def _arguments(pipeline: Pipeline, dag: Dag) -> Iterator[str]:
    yield "with DAG("
    yield f"    dag_id={_quoted(dag.name)},"
    if pipeline.description:
        yield f"    description={_quoted(pipeline.description)},"
    if dag.cron:
        yield f"    schedule=CronTriggerTimetable({_quoted(dag.cron)}, timezone={_quoted(dag.timezone)}),"
    else:
        yield "    schedule=None,"
    yield from ("    catchup=False,", "    max_active_runs=1,")
    if pipeline.timeout is not None:
        yield f"    dagrun_timeout=timedelta(seconds={pipeline.timeout:g}),"
    yield f"    tags=[{', '.join(map(_quoted, dag.tags))}],"
    yield "):"


def _command(pipeline: Pipeline, call: Call) -> str:
    """What all tasks have in common, safe for the shell and for the templates of Airflow."""
    words = ["run", pipeline.name, "--project", call.folder]
    for name, value in call.parameters.items():
        words += ["-p", f"{name}={value}"]
    if call.environment is not None:
        words += ["--env", call.environment]
    if pipeline.schedule is not None and pipeline.schedule.force:
        words.append("--force")
    text = f"{call.command} {shlex.join(words)}"
    plain = _TEMPLATE.sub(lambda sign: f"{{{{ '{sign[0]}' }}}}", text)
    return plain + (' --nominal-time "$NOMINAL_TIME"' if pipeline.schedule else "")


def _cron(pipeline: Pipeline, schedule: Schedule) -> str:
    """The pattern as Airflow writes it: the last Friday of a month is ``L5`` there."""
    minute, hour, day, month, weekday = schedule.cron.split()
    if "W" in day.upper():
        raise SpecError(
            "WB-SCH-857",
            f"{pipeline.path}: Airflow does not know the pattern {schedule.cron}",
            cause="it has no last working day of a month (LW)",
            next="write another pattern, or leave this pipeline to wb up",
        )
    return " ".join((minute, hour, day, month, _LAST.sub(r"L\1", weekday)))


def _notes(pipeline: Pipeline) -> Iterator[str]:
    """What one has to know of this file, sentence by sentence."""
    fans = [step.name for step in pipeline.steps if step.fan]
    if fans:
        yield f"One task runs all instances of a step: {', '.join(fans)}."
    schedule = pipeline.schedule
    if schedule is not None:
        yield f"Where wb up is at work too, let it leave this to Airflow: wb schedule pause {pipeline.name}"
        if schedule.catchup is not Catchup.LATEST:
            yield f"Of times that were missed, Airflow makes up for the last; catchup: {schedule.catchup} is not kept."
        if schedule.overlap is Overlap.SKIP:
            yield "A run that comes while another goes on waits for it; overlap: skip is not kept."
    if pipeline.triggers:
        waits = [
            trigger.pattern if isinstance(trigger, FileTrigger) else " ".join(trigger.datasets)
            for trigger in pipeline.triggers
        ]
        yield f"Triggers are not in this file, wb up heeds them: {', '.join(waits)}."


def _about(step: StepSpec, reads: Iterable[str], writes: Iterable[str]) -> str:
    told = [step.notebook]
    for word, names in (("reads", reads), ("writes", writes), ("tags", step.tags)):
        told += [f"{word} {', '.join(names)}"] if names else []
    return "; ".join(told)


def _quoted(text: str) -> str:
    """A text as Python writes it, in double quotes."""
    return json.dumps(text, ensure_ascii=False)
