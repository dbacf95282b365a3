"""Finding datasets by name, column, description, tag or owner, in SQL that every database speaks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, case, func, insert, literal, select, type_coerce, update

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


def browse(connection: Connection, text: str, narrow: Narrow, limit: int, offset: int) -> Found:
    """Part of what ``find`` finds, narrowed; with how many there are, and by what else they can be narrowed."""
    terms = tuple(text.casefold().split()[:_MOST_TERMS])
    known, corrected = _facts(connection, terms), ""
    if not known and terms and (closest := _correct(connection, terms)) != terms:
        known, terms, corrected = _facts(connection, closest), closest, " ".join(closest)
    kept = [facts for facts in known if _fits(facts, narrow)]
    names = [facts["name"][0] for facts in kept[offset : offset + limit]]
    columns = (dataset, *dataset_search.c)
    rows = connection.execute(
        select(*columns)
        .join(dataset_search, dataset_search.c.dataset == dataset.c.name)
        .where(dataset.c.name.in_(names))
    ).mappings()
    by_name = {row["name"]: row for row in rows}
    hits = _hits(connection, [by_name[name] for name in names], terms, corrected)
    return Found(hits, len(kept), _facets(known, narrow))


def _hits(
    connection: Connection, rows: Sequence[Mapping[Any, Any]], terms: Sequence[str], corrected: str
) -> tuple[SearchHit, ...]:
    latest = _latest(connection, [row["name"] for row in rows])
    return tuple(_hit(row, terms, latest.get(row["name"], {}), corrected) for row in rows)


_Facts = Mapping[str, tuple[str, ...]]
"""What a dataset can be narrowed by: its values by facet, and its ``name``."""


def _facts(connection: Connection, terms: Sequence[str]) -> list[_Facts]:
    """Every dataset with all the terms, best first."""
    ranks = [_rank(term) for term in terms]
    written = (
        select(snapshot.c.dataset, func.max(snapshot.c.created_at).label("at"))
        .where(snapshot.c.version.is_not(None))
        .group_by(snapshot.c.dataset)
        .subquery()
    )
    columns = (dataset.c.name, dataset.c.owner, type_coerce(dataset.c.tags, Text).label("tags"), written.c.at)
    rows = connection.execute(
        select(*columns)
        .join(dataset_search, dataset_search.c.dataset == dataset.c.name)
        .outerjoin(written, written.c.dataset == dataset.c.name)
        .where(*(rank < _NOWHERE for rank in ranks))
        .order_by(sum(ranks, literal(0)), dataset.c.name)
    )
    ages = _ages(connection)
    tags: dict[str, tuple[str, ...]] = {}
    found: list[_Facts] = []
    for name, owner, text, at in rows:
        if text not in tags:
            tags[text] = tuple(json.loads(text))
        fresh = next((word for word, since in ages if at and at >= since), Freshness.OLDER if at else Freshness.NEVER)
        values = {"name": (name,), "namespace": (name.partition(".")[0],), "tag": tags[text]}
        found.append({**values, "owner": (owner,) if owner else (), "freshness": (fresh.value,)})
    return found


def _ages(connection: Connection) -> list[tuple[Freshness, str]]:
    """Since when something counts as so fresh, the freshest first."""
    now = moment(connection)
    days = {Freshness.DAY: 1, Freshness.WEEK: 7, Freshness.MONTH: 30}
    return [(word, (now - timedelta(days=count)).isoformat(timespec="milliseconds")) for word, count in days.items()]


def _asked(narrow: Narrow) -> dict[str, str]:
    asked = {"namespace": narrow.namespace, "owner": narrow.owner, "tag": narrow.tag}
    return {name: value for name, value in {**asked, "freshness": narrow.freshness or ""}.items() if value}


def _fits(facts: _Facts, narrow: Narrow, but: str = "") -> bool:
    return all(value in facts[name] for name, value in _asked(narrow).items() if name != but)


def _facets(known: Sequence[_Facts], narrow: Narrow) -> dict[str, tuple[Facet, ...]]:
    """Each facet counted over what the others leave, so that another value of it can be chosen."""
    found: dict[str, tuple[Facet, ...]] = {"kind": (Facet("dataset", sum(_fits(facts, narrow) for facts in known)),)}
    for name in ("namespace", "owner", "tag", "freshness"):
        rest = known if not (_asked(narrow).keys() - {name}) else [each for each in known if _fits(each, narrow, name)]
        counts = Counter(value for facts in rest for value in facts[name])
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        found[name] = tuple(Facet(value, count) for value, count in ordered[:MOST_FACETS])
    return found


def _keep(connection: Connection, name: str, **texts: str) -> None:
    here = dataset_search.c.dataset == name
    if connection.execute(select(dataset_search.c.dataset).where(here)).first() is None:
        words = _padded([name, name.partition(".")[2], *_parts(name)])
        connection.execute(insert(dataset_search).values(dataset=name, words=words, columns="", about=""))
    connection.execute(update(dataset_search).where(here).values(texts))


def _ranked(connection: Connection, terms: Sequence[str], limit: int) -> Sequence[Mapping[Any, Any]]:
    ranks = [_rank(term) for term in terms]
    found = dataset_search.c
    statement = (
        select(dataset, found.columns)
        .join(dataset_search, found.dataset == dataset.c.name)
        .where(*(rank < _NOWHERE for rank in ranks))
        .order_by(sum(ranks, literal(0)), dataset.c.name)
        .limit(limit)
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
