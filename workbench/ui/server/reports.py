"""What the API answers about reports: which there are, whether they are what was published, and their pages."""

from __future__ import annotations

from workbench.model.errors import NotFound
from workbench.model.report import Report
from workbench.project import Project
from workbench.ui import codec, shapes
from workbench.ui.server.page import Page
from workbench.ui.server.values import Limit, Offset, ReportId


def list_reports(project: Project, limit: Limit = 50, offset: Offset = 0) -> shapes.Reports:
    """The published reports, newest first; ``genuine`` when the file is still what was published."""
    found = project.reports.list(offset + limit + 1)[offset:]
    return {"reports": [_row(project, one) for one in found[:limit]], "more": len(found) > limit}


def show(project: Project, report: ReportId) -> shapes.ReportWithProof:
    """A report with its proof: the run, code, parameters and snapshots that it was made from, and how those stood."""
    found = project.reports.get(report)
    return {**_row(project, found), "proof": codec.value(project.reports.proof(found))}


def page(project: Project, report: ReportId) -> Page:
    """The page of a report, as it was published."""
    found = project.reports.get(report)
    try:
        return Page((project.config.state / found.path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(
            "WB-REP-214", f'the file of the report "{found.title}" is gone', next=f"wb report build {found.run}"
        ) from None


def _row(project: Project, report: Report) -> shapes.ReportRow:
    return {**codec.report(report, state=project.config.state), "genuine": project.reports.genuine(report)}
