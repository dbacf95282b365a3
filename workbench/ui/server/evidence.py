"""What the API answers about an arrow of lineage: the runs that proved it, down to the cell that wrote."""

from __future__ import annotations

from workbench.model.errors import WorkbenchError
from workbench.model.lineage import Edge
from workbench.project import Project
from workbench.ui import shapes
from workbench.ui.server.values import EnvironmentName, Limit, NodeName


def evidence(
    project: Project,
    name: NodeName,
    other: NodeName,
    environment: EnvironmentName | None = None,
    limit: Limit = 20,
) -> shapes.Evidence:
    """The runs that proved an arrow of a graph, newest first, and in which cell of which executed notebook."""
    found = project.lineage.evidence(name, other, environment=project.place(environment))
    return {"evidence": [_evidence(project, edge) for edge in found[:limit]], "more": len(found) > limit}


def _evidence(project: Project, edge: Edge) -> shapes.EvidenceEntry:
    """One edge with the cell that it names; what was removed since is left out."""
    told: shapes.EvidenceEntry = {
        "source": edge.source,
        "target": edge.target,
        "run": edge.run,
        "pipeline": None,
        "step": edge.step,
        "at": None,
        "cell": None,
        "number": None,
        "notebook": None,
    }
    try:
        run = project.runs.get(edge.run) if edge.run else None
        step = project.runs.step(run, edge.step) if run else None
    except WorkbenchError:
        return told
    if run is None or step is None:
        return told
    cells = {cell.index: cell for attempt in step.attempts if attempt.id == edge.attempt for cell in attempt.cells}
    cell = cells.get(edge.cell) if edge.cell is not None else None
    notebook = project.runs.notebook(step)
    inside = notebook is not None and notebook.is_relative_to(project.root)
    return {
        **told,
        "pipeline": run.pipeline,
        "at": step.ended_at,
        "cell": cell.id if cell else None,
        "number": cell.number if cell else None,
        "notebook": notebook.relative_to(project.root).as_posix() if notebook and inside else None,
    }
