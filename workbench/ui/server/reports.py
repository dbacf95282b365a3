"""What the API answers about reports: which there are, whether they are what was published, and their pages."""

from __future__ import annotations

from workbench.model.errors import NotFound
from workbench.model.report import Report
from workbench.project import Project
from workbench.ui import codec, shapes
from workbench.ui.server.page import Page, Script
from workbench.ui.server.values import Limit, Offset, ReportId, Text


def list_reports(project: Project, query: Text = "", limit: Limit = 50, offset: Offset = 0) -> shapes.Reports:
    """The published reports whose title, pipeline, step or run holds every word of ``query``, newest first.

    Each is ``genuine`` when its file is still what was published.
    """
    words = query.lower().split()
    found = [one for one in project.reports.list() if all(word in _words(one) for word in words)]
    shown = found[offset : offset + limit]
    return {
        "reports": [_row(project, one) for one in shown],
        "total": len(found),
        "more": len(found) > offset + limit,
    }


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


def plots() -> Script:
    """The script that figures are drawn with, the same as in reports. It is that of the plotly that is installed."""
    from workbench.reports.figures import plotly_script

    return Script(plotly_script())


def _row(project: Project, report: Report) -> shapes.ReportRow:
    return {
        **codec.report(report, state=project.config.state),
        "genuine": project.reports.genuine(report),
        "gone": not (project.config.state / report.path).is_file(),
    }


def _words(report: Report) -> str:
    return f"{report.title} {report.pipeline} {report.step} {report.run}".lower()
