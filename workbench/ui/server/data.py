"""What the API answers about data: the catalog, datasets, their lineage and their quality."""

from __future__ import annotations

from enum import StrEnum

from workbench.model.catalog import Freshness, Narrow
from workbench.model.dataset import Input, Snapshot
from workbench.model.errors import NotFound
from workbench.model.plain import to_plain
from workbench.model.quality import Distribution, Standing
from workbench.project import Project
from workbench.ui import codec, shapes, standing
from workbench.ui.server import wide
from workbench.ui.server.values import DatasetName, Depth, EnvironmentName, Flag, Limit, Offset, Text

KINDS = ("dataset", "step", "report")
MOST_IMPACT = 3000
"""Nodes that are told of what is made from a dataset."""
LONGEST_TEXT = 2000
"""Characters of a value in a sample."""


class Direction(StrEnum):
    """Which way lineage is walked."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


def catalog(  # noqa: PLR0913  each is a parameter of the query
    project: Project,
    query: Text = "",
    namespace: Text = "",
    owner: Text = "",
    tag: Text = "",
    freshness: Freshness | None = None,
    facets: Flag = True,
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.Found:
    """Datasets that hold every word of ``query``, best first, and the facets to narrow them by.

    Without ``facets`` the answer comes sooner, as it is wanted at each keystroke.
    """
    narrow = Narrow(namespace, owner, tag, freshness)
    return codec.found(project.catalog.browse(query, narrow, limit=limit, offset=offset, facets=facets))


def dataset(project: Project, name: DatasetName, environment: EnvironmentName | None = None) -> shapes.Dataset:
    """All that is known of a dataset: schema with profile, snapshots, checks, contract, use, one step of lineage."""
    return codec.catalog_entry(project.catalog.show(name, project.place(environment)))


def sample(
    project: Project, name: DatasetName, environment: EnvironmentName | None = None, limit: Limit = 20
) -> shapes.Sample:
    """Some rows of what is current of a dataset, in no particular order; long values are cut."""
    from workbench.data import query

    found = _current(project, name, environment)
    with query.connect({name: found}) as connection:
        namespace, _, table = name.partition(".")
        rows = connection.table(f"{namespace}.{table}").limit(limit).fetchall()
    return {
        "dataset": name,
        "version": found.version,
        "columns": codec.schema(found.schema),
        "rows": [[_shown(each) for each in row] for row in rows],
    }


def distribution(project: Project, name: DatasetName, environment: EnvironmentName | None = None) -> Distribution:
    """How the values of each column of what is current of a dataset are spread.

    Of many rows some are looked at, of many columns the first ones.
    """
    from workbench.quality.spread import spread

    found = _current(project, name, environment)
    measured = spread(name, found.version, [file.path for file in found.files], found.schema)
    told: Distribution = to_plain(measured)
    return told


def snapshots(project: Project, name: DatasetName, limit: Limit = 50, offset: Offset = 0) -> shapes.Snapshots:
    """The versions of a dataset, newest first, withheld ones too, each with what changed since the one before."""
    entry = project.catalog.show(name, project.place(), history=offset + limit + 2)
    found = entry.history[offset : offset + limit + 1]
    told: list[shapes.Version] = []
    for number, one in enumerate(found[:limit]):
        before = next((each for each in found[number + 1 :] if not each.withheld), None)
        now, then = _types(one), _types(before)
        told.append(
            {
                "snapshot": codec.snapshot(one),
                "rows_since": one.rows - before.rows if before else None,
                "added": [column for column in now if before and column not in then],
                "removed": [column for column in then if column not in now],
                "retyped": [column for column in now if column in then and now[column] != then[column]],
            }
        )
    return {"snapshots": told, "more": len(found) > limit}


def lineage(
    project: Project,
    name: DatasetName,
    direction: Direction = Direction.BOTH,
    depth: Depth | None = None,
    environment: EnvironmentName | None = None,
) -> shapes.Graph:
    """The datasets, steps and reports around a dataset; ``truncated`` where there is more than is told."""
    place = project.place(environment)
    return codec.graph(project.lineage.show(name, depth, direction=direction.value, environment=place))


def impact(project: Project, name: DatasetName, environment: EnvironmentName | None = None) -> shapes.Impact:
    """What is made from a dataset, however far away."""
    place = project.place(environment)
    found = project.lineage.show(name, direction="downstream", environment=place, most=MOST_IMPACT)
    others = [node for node in found.nodes if node.id != name]
    by_kind = {kind: to_plain([node for node in others if node.kind == kind]) for kind in KINDS}
    return {
        "dataset": name,
        "datasets": by_kind["dataset"],
        "steps": by_kind["step"],
        "reports": by_kind["report"],
        "truncated": found.truncated,
    }


def path(
    project: Project, name: DatasetName, other: DatasetName, environment: EnvironmentName | None = None
) -> shapes.Graph:
    """All ways from a dataset to another one, whichever comes first; no arrow when neither was made from the other."""
    return codec.graph(project.lineage.path(name, other, environment=project.place(environment)))


def quality(
    project: Project,
    query: Text = "",
    state: Standing | None = None,
    environment: EnvironmentName | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> shapes.Quality:
    """Every dataset by how its checks stand, the worst first, with those that do not pass and rows that fail them.

    ``query`` holds words of a name, all of which a dataset must have; the counts are those of all.
    """
    place = project.place(environment)
    return standing.standings(project, place, query=query, state=state, limit=limit, offset=offset)


def trend(project: Project, name: DatasetName, limit: Limit = 50) -> shapes.Trend:
    """How the checks of a dataset stood at each of its versions, newest first, and which run wrote each."""
    return standing.trend(project, name, limit)


def _current(project: Project, name: str, environment: str | None) -> Input:
    """What is current of a dataset. Raises NotFound (WB-CAT-401 not known, WB-DAT-330 no data there)."""
    place = project.place(environment)
    found = project.resolve(place, [name])
    if name not in found:
        project.catalog.show(name, place)  # says that it is not known, if so
        raise NotFound("WB-DAT-330", f"there is no data of {name} in {place}", next="run the pipeline that writes it")
    return found[name]


def _types(snapshot: Snapshot | None) -> dict[str, str]:
    return {column.name: column.type for column in snapshot.schema.columns} if snapshot else {}


def _shown(value: object) -> object:
    """A value of a row as JSON can hold it."""
    try:
        plain = wide.safe(codec.value(value))
    except TypeError:
        plain = str(value)
    return plain[:LONGEST_TEXT] + "…" if isinstance(plain, str) and len(plain) > LONGEST_TEXT else plain
