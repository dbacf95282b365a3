"""Finding datasets by name, column, description, tag or owner, in SQL that every database speaks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
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
from workbench.store.rows import chunks
from workbench.store.tables import dataset, dataset_search, snapshot

MOST_FACETS = 50
"""Values of one facet that are told; the most frequent."""
_MOST_TERMS = 8
_NOWHERE = 9
"""The rank of a term that occurs nowhere in a dataset; below it the smaller the better."""
_PLACE = Integer()
"""One for all statements: what tells that two of them are alike is found out once for each object of a type."""
_PARTS = 3
"""Parts of a misspelt term: whatever one slip of the finger does, it leaves one of three as it was meant."""
_MOST_LIKE = 100
"""Datasets among whose words the one that was meant is looked for: those that share most parts of a term."""


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
    names, total = _page(connection, terms, limit)
    corrected = ""
    if not total and (closest := _correct(connection, terms)) != terms:
        (names, _), terms, corrected = _page(connection, closest, limit), closest, " ".join(closest)
    return _hits(connection, names, terms, corrected)


def browse(connection: Connection, text: str, narrow: Narrow, limit: int, offset: int, *, facets: bool = True) -> Found:
    """Part of what ``find`` finds, narrowed; with how many there are, and by what else they can be narrowed."""
    terms = tuple(text.casefold().split()[:_MOST_TERMS])
    corrected, narrowed = "", _narrowed(connection, narrow)
    names, total = _page(connection, terms, limit, offset, narrowed)
    nowhere = not total and (not narrowed or not _count(connection, terms, ()))
    if nowhere and (closest := _correct(connection, terms)) != terms:
        terms, corrected = closest, " ".join(closest)
        names, total = _page(connection, terms, limit, offset, narrowed)
    told = _facets(_combinations(connection, terms), narrow) if facets else None
    return Found(_hits(connection, names, terms, corrected), total, told)


def _page(
    connection: Connection,
    terms: Sequence[str],
    limit: int,
    offset: int = 0,
    narrowed: Sequence[ColumnElement[bool]] = (),
) -> tuple[list[str], int]:
    """The names of part of what is found, best first, and how many are found in all.

    The texts of all datasets are gone through, and nothing else of them is: this is asked for with every key. They are
    gone through once more to be counted where there may be others than those of the part.
    """
    found = dataset_search.c
    ranks = [_rank(connection, term) for term in terms]
    statement = select(found.dataset).where(*(_holds(connection, term) for term in terms), *narrowed)
    if narrowed:
        statement = statement.join(dataset, dataset.c.name == found.dataset)
    ranked = statement.order_by(sum(ranks, literal(0)), found.dataset)
    names = list(connection.execute(ranked.limit(limit).offset(offset)).scalars())
    if len(names) < limit and (names or not offset):
        return names, offset + len(names)
    return names, _count(connection, terms, narrowed)


def _count(connection: Connection, terms: Sequence[str], narrowed: Sequence[ColumnElement[bool]]) -> int:
    found = dataset_search.c
    statement = select(func.count(found.dataset)).where(*(_holds(connection, term) for term in terms), *narrowed)
    if narrowed:
        statement = statement.join(dataset, dataset.c.name == found.dataset)
    return connection.execute(statement).scalar_one()


def _hits(connection: Connection, names: Sequence[str], terms: Sequence[str], corrected: str) -> tuple[SearchHit, ...]:
    latest, rows = _latest(connection, names), {row["name"]: row for row in _rows(connection, names)}
    return tuple(_hit(rows[name], terms, latest.get(name, {}), corrected) for name in names)


def _rows(connection: Connection, names: Sequence[str]) -> Iterator[Mapping[Any, Any]]:
    statement = select(dataset, dataset_search.c.columns).join(
        dataset_search, dataset_search.c.dataset == dataset.c.name
    )
    for some in chunks(names):
        yield from connection.execute(statement.where(dataset.c.name.in_(some))).mappings()


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
        .where(*(_holds(connection, term) for term in terms))
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
    dot = _at(connection, dataset.c.name, literal_column("'.'"))
    return func.substr(dataset.c.name, literal_column("1"), dot - literal_column("1"))


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


def _at(connection: Connection, text: ColumnElement[str], part: str | ColumnElement[str]) -> ColumnElement[int]:
    """Where a part begins in a text, from 1; 0 where it does not occur. Cheaper than a pattern is."""
    place = func.instr if connection.dialect.name == "sqlite" else func.strpos
    given = literal(part, text.type) if isinstance(part, str) else part
    return place(text, given, type_=_PLACE)


def _holds(connection: Connection, term: str) -> ColumnElement[bool]:
    """Whether a term occurs anywhere in a dataset, whose name is one of its words: as a rank tells, and cheaper."""
    found = dataset_search.c
    return or_(*(_at(connection, place, term) > 0 for place in (found.words, found.columns, found.about)))


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


def _rank(connection: Connection, term: str) -> ColumnElement[int]:
    found = dataset_search.c

    def holds(text: ColumnElement[str], part: str) -> ColumnElement[bool]:
        return _at(connection, text, part) > 0

    return case(
        (found.dataset == term, 0),
        (holds(found.words, f".{term} "), 1),
        ((_at(connection, found.dataset, term) == 1) | holds(found.dataset, f".{term}"), 2),
        (holds(found.words, f" {term} "), 3),
        (holds(found.dataset, term), 4),
        (holds(found.columns, f" {term} "), 5),
        (holds(found.columns, term), 6),
        (holds(found.about, f" {term}"), 7),
        (holds(found.about, term), 8),
        else_=_NOWHERE,
    )


def _correct(connection: Connection, terms: Sequence[str]) -> tuple[str, ...]:
    """The terms, each that occurs nowhere replaced by a close word; terms that all occur, together nowhere, stay."""
    alone = len(terms) == 1  # then it is known to occur nowhere
    return tuple(term if not alone and _count(connection, (term,), ()) else _meant(connection, term) for term in terms)


def _meant(connection: Connection, term: str) -> str:
    """The word that is closest to a term, of names if one of those is close, else of columns; else the term itself."""
    for text in (dataset_search.c.words, dataset_search.c.columns):
        shared = sum((case((_at(connection, text, part) > 0, 1), else_=0) for part in _thirds(term)), literal(0))
        most = select(text).order_by(shared.desc(), dataset_search.c.dataset).limit(_MOST_LIKE)
        known = {word for words in connection.execute(most).scalars() for word in words.split()}
        if (closest := _closest(term, known)) != term:
            return closest
    return term


def _thirds(term: str) -> list[str]:
    """A term cut into parts about as long as each other, none of them empty."""
    ends = [round(number * len(term) / _PARTS) for number in range(_PARTS + 1)]
    return [term[start:end] for start, end in pairwise(ends) if end > start]


def _closest(term: str, known: set[str]) -> str:
    near = [word for word in known if abs(len(word) - len(term)) <= 2]
    return next(iter(get_close_matches(term, near, n=1, cutoff=0.7)), term)


def _latest(connection: Connection, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    told: dict[str, Mapping[str, Any]] = {}
    for some in chunks(names):
        newest = (
            select(snapshot.c.dataset, func.max(snapshot.c.version).label("version"))
            .where(snapshot.c.dataset.in_(some))
            .group_by(snapshot.c.dataset)
            .subquery()
        )
        same = (newest.c.dataset == snapshot.c.dataset) & (newest.c.version == snapshot.c.version)
        columns = (snapshot.c.dataset, snapshot.c.version, snapshot.c.rows, snapshot.c.created_at.label("written_at"))
        rows = connection.execute(select(*columns).join(newest, same)).mappings()
        told |= {row["dataset"]: {key: row[key] for key in ("version", "rows", "written_at")} for row in rows}
    return told


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
