"""What the API answers about pipelines: what they are, what may be given to them, and what running them would do."""

from __future__ import annotations

from typing import Any

from workbench.model.errors import WorkbenchError
from workbench.model.lineage import Graph, Node
from workbench.model.matrix import Matrix
from workbench.pipeline import spec
from workbench.pipeline.parameters import json_schema
from workbench.project import Project
from workbench.scheduler.service import ScheduleService
from workbench.ui import codec, page_shapes, planned, run_shapes, shapes
from workbench.ui.server import begin
from workbench.ui.server.values import EnvironmentName, Limit, Offset, PipelineName


def list_pipelines(project: Project, limit: Limit = 50, offset: Offset = 0) -> run_shapes.Pipelines:
    """The pipelines of the project with their last run; of one whose file is wrong the error."""
    names = spec.pipeline_names(project.root)
    return {
        "pipelines": [_row(project, name) for name in names[offset : offset + limit]],
        "more": len(names) > offset + limit,
    }


def show(project: Project, pipeline: PipelineName) -> run_shapes.Pipeline:
    """A pipeline with its steps as the file has them, its schedule and triggers, and its last runs."""
    found = spec.load_pipeline(project.root, pipeline)
    runs = project.runs.list(10, pipeline=pipeline)
    beside = project.runs.beside(runs)
    scheduled = [one for one in ScheduleService(project).list() if one.pipeline == pipeline]
    return {
        **_row(project, pipeline),
        "parameters": json_schema(found.parameters),
        "timeout": found.timeout,
        "concurrency": found.concurrency,
        "triggers": [planned.scheduled(one) for one in scheduled],
        "runs": [codec.run_line(run, beside) for run in runs],
        "specs": [
            {
                "name": step.name,
                "notebook": step.notebook,
                "parameters": codec.value(step.parameters),
                "after": list(step.after),
                "tags": list(step.tags),
                "fans_out": codec.value(step.fan.over) if step.fan else None,
                "report": step.report.title if step.report else None,
            }
            for step in found.steps
        ],
    }


def graph(project: Project, pipeline: PipelineName) -> shapes.Graph:
    """The steps of a pipeline and the datasets between them, as far as notebooks and file tell."""
    return codec.graph(graph_of(project, pipeline))


def graph_of(project: Project, pipeline: str) -> Graph:
    """The steps of a pipeline and the datasets between them. Raises what ``PlanService.graph`` raises."""
    found = project.plans.graph(pipeline)
    nodes: dict[str, Node] = {}
    arrows: dict[tuple[str, str], None] = {}
    for step in found.steps:
        own = f"step:{pipeline}.{step.name}"
        nodes[own] = Node(own, "step", step.name)
        for names, reading in ((step.reads, True), (step.writes, False)):
            for name in names:
                nodes.setdefault(name, Node(name, "dataset", name))
                arrows[(name, own) if reading else (own, name)] = None
        written = {found.writers.get(name) for name in step.reads}
        for before in step.upstream:
            if before not in written:  # nothing but the order binds them
                arrows[f"step:{pipeline}.{before}", own] = None
    return Graph(tuple(nodes.values()), tuple(arrows), pipeline)


def parameters(project: Project, pipeline: PipelineName) -> dict[str, Any]:
    """What may be given to a pipeline, as the JSON Schema (2020-12) of one object: a form can be made of it."""
    return json_schema(spec.load_pipeline(project.root, pipeline).parameters)


def plan(project: Project, pipeline: PipelineName, body: begin.PlanRequest) -> run_shapes.Plan:
    """What running a pipeline would do, step by step, and why; nothing is started."""
    made = project.plan(
        pipeline, dict(body.parameters), environment=body.environment, force=body.force, select=body.select
    )
    return planned.plan(made)


def matrix(
    project: Project,
    pipeline: PipelineName,
    environment: EnvironmentName | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> page_shapes.Matrix:
    """What became of each step in each partition last, in the order of the partitions."""
    if not spec.load_pipeline(project.root, pipeline).partitions:
        return planned.part(Matrix(pipeline, project.place(environment), (), (), ()), 0, 0)
    return planned.part(project.matrix(pipeline, environment=environment), offset, limit)


def _row(project: Project, name: str) -> run_shapes.PipelineRow:
    """A pipeline as lists have it."""
    row: run_shapes.PipelineRow = {
        "name": name,
        "path": f"{spec.FOLDER}/{name}.yaml",
        "description": "",
        "steps": 0,
        "cron": None,
        "timezone": None,
        "last": None,
        "error": None,
    }
    try:
        found = spec.load_pipeline(project.root, name)
        row |= {"description": found.description, "steps": len(found.steps)}
        if found.schedule:
            row |= {"cron": found.schedule.cron, "timezone": found.schedule.timezone}
        last = project.runs.list(1, pipeline=name)
        row["last"] = codec.run_row(last[0]) if last else None
    except WorkbenchError as error:
        row["error"] = codec.fault(error)
    return row
