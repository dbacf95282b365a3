"""How datasets stand and stood by their checks, as the API and the widgets of notebooks tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.model.quality import Outcome, Standing
from workbench.ui import codec

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.ui import shapes


def standings(
    project: Project, place: str, *, query: str = "", state: Standing | None = None, limit: int, offset: int = 0
) -> shapes.Quality:
    """Datasets of the environment ``place`` whose name holds every word of ``query``, the worst first.

    The counts are those of all datasets, whatever was asked for.
    """
    words = query.lower().split()
    found = project.quality.standings(place)
    counts = {each.value: sum(one.standing is each for one in found) for each in Standing}
    kept = [
        one for one in found if state in (None, one.standing) and all(word in one.dataset.lower() for word in words)
    ]
    return {
        "environment": place,
        "counts": counts,
        "datasets": [codec.standing(one) for one in kept[offset : offset + limit]],
        "more": len(kept) > offset + limit,
    }


def trend(project: Project, name: str, limit: int) -> shapes.Trend:
    """How the checks of a dataset stood at each of its versions, newest first. Raises NotFound (WB-CAT-401)."""
    entry = project.catalog.show(name, project.place(), history=limit)
    points: list[shapes.TrendPoint] = []
    with project.store.reading() as transaction:
        for one in entry.history:
            outcomes = [result.outcome for result in transaction.quality.results(one.id)]
            passed = outcomes.count(Outcome.PASS)
            points.append(
                {
                    "snapshot": one.id,
                    "version": one.version,
                    "created_at": one.created_at,
                    "rows": one.rows,
                    "withheld": one.withheld,
                    "passed": passed,
                    "failed": len(outcomes) - passed,
                    "run": one.run or None,
                    "step": one.step or None,
                }
            )
    return {"dataset": name, "points": points}
