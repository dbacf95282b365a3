"""Finding datasets by name, column, description, tag or owner, in SQL that every database speaks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    Text,
    case,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    update,
)

from workbench.model.catalog import Facet, Found, Freshness, Narrow, SearchHit
from workbench.model.dataset import Schema
from workbench.store.engine import moment
from workbench.store.tables import dataset, dataset_search, snapshot

MOST_FACETS = 50
"""Values of one facet that are told; the most frequent."""
_MOST_TERMS = 8
_NOWHERE = 9
"""The rank of a term that occurs nowhere in a dataset; below it the smaller the better."""


def keep_columns(connection: Connection, name: str, schema: Schema) -> None:
    """A dataset is found by the columns of ``schema`` from now on."""
    words = [word for column in schema.columns for word in (column.name, *_parts(column.name), column.doc)]
    _keep(connection, name, columns=_padded(words))


def keep_about(connection: Connection, name: str, about: Iterable[str]) -> None:
    """A dataset is found by these texts from now on, beside its name and columns."""
    _keep(connection, name, about=_padded(about))


def find(connection: Connection, text: str, limit: int) -> tuple[SearchHit, ...]:
    """Datasets in which every word of ``text`` occurs, best first; a word found nowhere is replaced by a close one."""
    terms = tuple(text.casefold().split()[:_MOST_TERMS])
    rows = _ranked(connection, terms, limit)
    corrected = ""
    if not rows and terms:
        closest = _correct(connection, terms)
        if closest != terms:
            rows, terms, corrected = _ranked(connection, closest, limit), closest, " ".join(closest)
    return _hits(connection, rows, terms, corrected)


def browse(connection: Connection, text: str, narrow: Narrow, limit: int, offset: int, *, facets: bool = True) -> Found:
    """Part of what ``find`` finds, narrowed; with how many there are, and by what else they can be narrowed."""
    terms = tuple(text.casefold().split()[:_MOST_TERMS])
    corrected, narrowed = "", _narrowed(connection, narrow)
    if terms and not _count(connection, terms, ()) and (closest := _correct(connection, terms)) != terms:
        terms, corrected = closest, " ".join(closest)
    hits = _hits(connection, _ranked(connection, terms, limit, offset, narrowed), terms, corrected)
    told = _facets(_combinations(connection, terms), narrow) if facets else None
    return Found(hits, _count(connection, terms, narrowed), told)


def _count(connection: Connection, terms: Sequence[str], narrowed: Sequence[ColumnElement[bool]]) -> int:
    statement = (
        select(func.count())
        .select_from(dataset.join(dataset_search, dataset_search.c.dataset == dataset.c.name))
        .where(*(_holds(term) for term in terms), *narrowed)
    )
    return connection.execute(statement).scalar_one()


def _hits(
    connection: Connection, rows: Sequence[Mapping[Any, Any]], terms: Sequence[str], corrected: str
) -> tuple[SearchHit, ...]:
    latest = _latest(connection, [row["name"] for row in rows])
    return tuple(_hit(row, terms, latest.get(row["name"], {}), corrected) for row in rows)


_Facts = Mapping[str, tuple[str, ...]]
"""The values by which some datasets can be narrowed, by facet."""


def _combinations(connection: Connection, terms: Sequence[str]) -> list[tuple[_Facts, int]]:
    """What the datasets with all the terms can be narrowed by, and how many share it."""
    written = _written()
    parts = (_namespace(connection), dataset.c.owner, type_coerce(dataset.c.tags, Text), _age(connection, written))
    rows = connection.execute(
        select(*parts, func.count())
        .join(dataset_search, dataset_search.c.dataset == dataset.c.name)
        .outerjoin(written, written.c.dataset == dataset.c.name)
        .where(*(_holds(term) for term in terms))
        .group_by(*parts)
    )
    return [
        (
            {
                "namespace": (namespace,),
                "owner": (owner,) if owner else (),
                "tag": tuple(json.loads(tags)),
                "freshness": (age,),
            },
            count,
        )
        for namespace, owner, tags, age, count in rows
    ]


def _narrowed(connection: Connection, narrow: Narrow) -> list[ColumnElement[bool]]:
    """The same narrowing as ``_fits``, in SQL."""
    conditions: list[ColumnElement[bool]] = []
    if narrow.namespace:
        conditions.append(dataset.c.name.startswith(f"{narrow.namespace}.", autoescape=True))
    if narrow.owner:
        conditions.append(dataset.c.owner == narrow.owner)
    if narrow.tag:
        conditions.append(type_coerce(dataset.c.tags, Text).contains(json.dumps(narrow.tag), autoescape=True))
    if narrow.freshness:
        written = _written()
        found = (
            select(dataset.c.name)
            .outerjoin(written, written.c.dataset == dataset.c.name)
            .where(_age(connection, written) == narrow.freshness.value)
        )
        conditions.append(dataset.c.name.in_(found))
    return conditions


def _written() -> Subquery:
    """When each dataset was written last."""
    return (
        select(snapshot.c.dataset, func.max(snapshot.c.created_at).label("at"))
        .where(snapshot.c.version.is_not(None))
        .group_by(snapshot.c.dataset)
        .subquery()
    )


def _namespace(connection: Connection) -> ColumnElement[str]:
    place = func.instr if connection.dialect.name == "sqlite" else func.strpos
    return func.substr(
        dataset.c.name, literal_column("1"), place(dataset.c.name, literal_column("'.'")) - literal_column("1")
    )


def _age(connection: Connection, written: Subquery) -> ColumnElement[str]:
    """How fresh a dataset is, as a word."""
    now = moment(connection)
    days = {Freshness.DAY: 1, Freshness.WEEK: 7, Freshness.MONTH: 30}
    since = {word: (now - timedelta(days=count)).isoformat(timespec="milliseconds") for word, count in days.items()}
    return case(
        (written.c.at.is_(None), literal_column(f"'{Freshness.NEVER}'")),
        *(
            (written.c.at >= literal_column(f"'{moment_}'"), literal_column(f"'{word}'"))
            for word, moment_ in since.items()
        ),
        else_=literal_column(f"'{Freshness.OLDER}'"),
    )


def _holds(term: str) -> ColumnElement[bool]:
    """Whether a term occurs anywhere in a dataset: the same as a rank, and cheaper."""
    found = dataset_search.c
    places = (found.dataset, found.words, found.columns, found.about)
    return or_(*(place.contains(term, autoescape=True) for place in places))


def _asked(narrow: Narrow) -> dict[str, str]:
    asked = {"namespace": narrow.namespace, "owner": narrow.owner, "tag": narrow.tag}
    return {name: value for name, value in {**asked, "freshness": narrow.freshness or ""}.items() if value}


def _fits(facts: _Facts, narrow: Narrow, but: str = "") -> bool:
    return all(value in facts[name] for name, value in _asked(narrow).items() if name != but)


def _facets(known: Sequence[tuple[_Facts, int]], narrow: Narrow) -> dict[str, tuple[Facet, ...]]:
    """Each facet counted over what the others leave, so that another value of it can be chosen."""
    whole = sum(count for facts, count in known if _fits(facts, narrow))
    found: dict[str, tuple[Facet, ...]] = {"kind": (Facet("dataset", whole),)}
    for name in ("namespace", "owner", "tag", "freshness"):
        counts: Counter[str] = Counter()
        for facts, count in known:
            if _fits(facts, narrow, name):
                counts.update(dict.fromkeys(facts[name], count))
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        found[name] = tuple(Facet(value, count) for value, count in ordered[:MOST_FACETS])
    return found


def _keep(connection: Connection, name: str, **texts: str) -> None:
    here = dataset_search.c.dataset == name
    if connection.execute(select(dataset_search.c.dataset).where(here)).first() is None:
        words = _padded([name, name.partition(".")[2], *_parts(name)])
        connection.execute(insert(dataset_search).values(dataset=name, words=words, columns="", about=""))
    connection.execute(update(dataset_search).where(here).values(texts))


def _ranked(
    connection: Connection,
    terms: Sequence[str],
    limit: int,
    offset: int = 0,
    narrowed: Sequence[ColumnElement[bool]] = (),
) -> Sequence[Mapping[Any, Any]]:
    ranks = [_rank(term) for term in terms]
    found = dataset_search.c
    statement = (
        select(dataset, found.columns)
        .join(dataset_search, found.dataset == dataset.c.name)
        .where(*(_holds(term) for term in terms), *narrowed)
        .order_by(sum(ranks, literal(0)), dataset.c.name)
        .limit(limit)
        .offset(offset)
    )
    return connection.execute(statement).mappings().all()


def _rank(term: str) -> ColumnElement[int]:
    found = dataset_search.c
    name = found.dataset
    return case(
        (name == term, 0),
        (name.endswith(f".{term}", autoescape=True), 1),
        (name.startswith(term, autoescape=True) | name.contains(f".{term}", autoescape=True), 2),
        (found.words.contains(f" {term} ", autoescape=True), 3),
        (name.contains(term, autoescape=True), 4),
        (found.columns.contains(f" {term} ", autoescape=True), 5),
        (found.columns.contains(term, autoescape=True), 6),
        (found.about.contains(f" {term}", autoescape=True), 7),
        (found.about.contains(term, autoescape=True), 8),
        else_=_NOWHERE,
    )


def _correct(connection: Connection, terms: Sequence[str]) -> tuple[str, ...]:
    rows = connection.execute(select(dataset_search.c.words, dataset_search.c.columns))
    known = {word for words, columns in rows for word in f"{words}{columns}".split()}
    return tuple(_closest(term, known) for term in terms)


def _closest(term: str, known: set[str]) -> str:
    if any(term in word for word in known):
        return term
    near = [word for word in known if abs(len(word) - len(term)) <= 2]
    return next(iter(get_close_matches(term, near, n=1, cutoff=0.7)), term)


def _latest(connection: Connection, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    newest = (
        select(snapshot.c.dataset, func.max(snapshot.c.version).label("version"))
        .where(snapshot.c.dataset.in_(names))
        .group_by(snapshot.c.dataset)
        .subquery()
    )
    same = (newest.c.dataset == snapshot.c.dataset) & (newest.c.version == snapshot.c.version)
    columns = (snapshot.c.dataset, snapshot.c.version, snapshot.c.rows, snapshot.c.created_at.label("written_at"))
    rows = connection.execute(select(*columns).join(newest, same)).mappings()
    return {row["dataset"]: {key: row[key] for key in ("version", "rows", "written_at")} for row in rows}


def _hit(row: Mapping[Any, Any], terms: Sequence[str], latest: Mapping[str, Any], corrected: str) -> SearchHit:
    matched = dict.fromkeys(_matched(row, term) for term in terms)
    return SearchHit(
        row["name"],
        row["description"],
        row["owner"],
        tuple(row["tags"]),
        ", ".join(matched),
        corrected=corrected,
        **latest,
    )


def _matched(row: Mapping[Any, Any], term: str) -> str:
    if term in row["name"]:
        return "name"
    for column in row["columns"].split():
        if term in column:
            return f"column {column}"
    for tag in row["tags"]:
        if term in tag.casefold():
            return f"tag {tag}"
    return "owner" if term in row["owner"].casefold() else "description"


def _parts(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name)


def _padded(words: Iterable[str]) -> str:
    text = " ".join(" ".join(words).casefold().split())
    return f" {text} " if text else ""
