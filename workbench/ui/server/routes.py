"""The table of routes: adding one is a line here and a function, whose signature says what it takes and gives.

The handler, the OpenAPI document and the TypeScript types are all made from this table.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from workbench.model.errors import NotFound, UsageError
from workbench.ui.server import (
    about,
    code,
    data,
    drawings,
    evidence,
    notebooks,
    opening,
    pipelines,
    promotion,
    reports,
    runs,
    sketches,
)
from workbench.ui.server.route import Route

BASE = "workbench/api"

ROUTES: tuple[Route, ...] = (
    Route("GET", "catalog", data.catalog),
    Route("GET", "datasets/{name}", data.dataset),
    Route("GET", "datasets/{name}/sample", data.sample),
    Route("GET", "datasets/{name}/distribution", data.distribution),
    Route("GET", "datasets/{name}/snapshots", data.snapshots),
    Route("GET", "lineage/{name}", data.lineage),
    Route("GET", "lineage/{name}/drawing", drawings.lineage),
    Route("GET", "lineage/{name}/impact", data.impact),
    Route("GET", "lineage/{name}/path/{other}", data.path),
    Route("GET", "lineage/{name}/path/{other}/drawing", drawings.path),
    Route("GET", "lineage/{name}/evidence/{other}", evidence.evidence),
    Route("GET", "quality", data.quality),
    Route("GET", "quality/{name}", data.trend),
    Route("GET", "pipelines", pipelines.list_pipelines),
    Route("GET", "pipelines/{pipeline}", pipelines.show),
    Route("GET", "pipelines/{pipeline}/graph", pipelines.graph),
    Route("GET", "pipelines/{pipeline}/drawing", drawings.pipeline),
    Route("GET", "pipelines/{pipeline}/parameters", pipelines.parameters),
    Route("GET", "pipelines/{pipeline}/matrix", pipelines.matrix),
    Route("POST", "pipelines/{pipeline}/plan", pipelines.plan),
    Route("POST", "pipelines/{pipeline}/sketch", sketches.sketch),
    Route("POST", "pipelines/{pipeline}/edit", sketches.edit),
    Route("GET", "schemas/pipeline", sketches.schema),
    Route("GET", "runs", runs.list_runs),
    Route("POST", "runs", runs.start, "write", 202),
    Route("GET", "live", runs.live),
    Route("GET", "runs/{run}", runs.show),
    Route("GET", "runs/{run}/drawing", drawings.run),
    Route("GET", "runs/{run}/timeline", runs.timeline),
    Route("GET", "runs/{run}/steps/{step}/logs", runs.logs),
    Route("GET", "runs/{run}/steps/{step}/cells", runs.cells),
    Route("GET", "runs/{run}/steps/{step}/notebook", runs.notebook),
    Route("POST", "runs/{run}/steps/{step}/open", opening.opened, "write"),
    Route("POST", "runs/{run}/cancel", runs.cancel, "write"),
    Route("POST", "runs/{run}/repair", runs.repair, "write", 202),
    Route("GET", "runs/{before}/diff/{after}", runs.diff),
    Route("GET", "notebook", notebooks.show),
    Route("GET", "notebook/cells", notebooks.cells),
    Route("GET", "notebook/parameters", notebooks.parameters),
    Route("GET", "notebook/notes", code.notes),
    Route("POST", "notebook/completion", code.completion),
    Route("POST", "notebook/promotion", promotion.propose),
    Route("POST", "notebook/promotion/trial", promotion.trial, "write", 202),
    Route("POST", "notebook/promotion/carried-out", promotion.carry_out, "write"),
    Route("GET", "notebook/promotion/trial/{run}", promotion.compared),
    Route("GET", "reports", reports.list_reports),
    Route("GET", "reports/{report}", reports.show),
    Route("GET", "reports/{report}/page", reports.page),
    Route("GET", "plots.js", reports.plots),
    Route("GET", "project", about.project_facts),
    Route("POST", "project", about.begin, "write", 201),
    Route("GET", "doctor", about.doctor),
    Route("GET", "openapi.json", about.openapi),
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route that a request is for, and the values in its path, which is still quoted.

    Raises NotFound (WB-WEB-801), UsageError (WB-WEB-802 for another method, WB-WEB-804).
    """
    segments = [_unquoted(segment) for segment in path.removeprefix("/").split("/")]
    known = [(route, found) for route in ROUTES if (found := route.match(segments)) is not None]
    for route, found in known:
        if route.method == method:
            return route, found
    if known:
        allowed = ", ".join(dict.fromkeys(route.method for route, _ in known))
        raise UsageError("WB-WEB-802", f"{method} is not possible here", next=f"use {allowed}")
    raise NotFound("WB-WEB-801", "there is nothing at this address", next=f"{BASE}/openapi.json lists what there is")


def _unquoted(segment: str) -> str:
    try:
        text = unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("WB-WEB-804", "the address is no UTF-8 text") from None
    if any(character < " " or character == "\x7f" for character in text):
        raise UsageError("WB-WEB-804", "the address holds a control character")
    return text
