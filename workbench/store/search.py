"""Finding datasets by name, column, description, tag or owner, in SQL that every database speaks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, insert, literal, select, update

from workbench.model.catalog import SearchHit
from workbench.model.dataset import Schema
from workbench.store.tables import dataset, dataset_search, snapshot

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
    latest = _latest(connection, [row["name"] for row in rows])
    return tuple(_hit(row, terms, latest.get(row["name"], {}), corrected) for row in rows)


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
