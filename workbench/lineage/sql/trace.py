"""What a text of SQL does: from statements, schemas and dialect to the tables and columns that flow into others.

    trace("INSERT INTO marts.days SELECT day, count(*) FROM clean.flights GROUP BY day", schemas, "duckdb")

Nothing is asked of an engine and nothing is stored; equal questions get the same answer, the second time from memory.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from workbench.lineage.sql import words
from workbench.lineage.sql.schemas import Schemas
from workbench.lineage.sql.scope import Reading, TooMuch
from workbench.lineage.sql.session import Session, TooManyEdges
from workbench.lineage.sql.statements import carry_out
from workbench.lineage.sql.targets import Unread
from workbench.model.frozen import dataclass
from workbench.model.lineage import ColumnEdge

MOST_CHARACTERS = 600_000
"""Characters of a text that is read with its grammar; a longer one gives its tables alone."""
MOST_DEPTH = 200
"""Parentheses, brackets and CASEs that may stand inside each other, and signs before each other."""
KEPT = 512
"""Answers that are remembered."""
_LARGEST = 5_000
"""Edges of an answer that is remembered."""
_OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
_SIGNS = frozenset({TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE})
_LITERAL = re.compile(r"'[^']*'?")
_thread = threading.local()


class _Quiet(logging.Filter):
    """What the parser cannot read is told by us, not in the log; others who parse in this process keep their log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(_thread, "reading", False)


logging.getLogger("sqlglot").addFilter(_Quiet())


@dataclass(frozen=True)
class Traced:
    """What statements do.

    ``reads`` and ``writes`` are datasets, ``tables`` the pairs of which the first flows into the second, ``columns``
    the same by column. ``unknown`` says in sentences what could not be said; empty when all is told. Temporary tables,
    and those that were made and dropped, are in none of them. An edge whose target is empty leads to the result
    of a query.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    tables: tuple[tuple[str, str], ...] = ()
    columns: tuple[ColumnEdge, ...] = ()
    unknown: tuple[str, ...] = ()

    def named(self, ids: Mapping[str, str]) -> Traced:
        """The same with datasets called by their ids, where they have others than the names in statements."""

        def new(names: Sequence[str]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(ids.get(name, name) for name in names))

        return Traced(
            new(self.reads),
            new(self.writes),
            tuple(dict.fromkeys((ids.get(one, one), ids.get(other, other)) for one, other in self.tables)),
            tuple(
                replace(edge, source=ids.get(edge.source, edge.source), target=ids.get(edge.target, edge.target))
                for edge in self.columns
            ),
            self.unknown,
        )


def trace(
    statements: str | Sequence[str],
    schemas: Schemas | Mapping[str, Sequence[str] | None] | None = None,
    dialect: str | None = None,
    *,
    result: str = "",
) -> Traced:
    """What ``statements`` do, one text or several in the order they were carried out, each of one statement or many.

    ``schemas`` are the columns of the datasets at the snapshots that were read, ``dialect`` a name that sqlglot knows,
    ``result`` names what takes the columns of a query that writes nothing, such as a frame. Whatever the text is, this
    answers: what cannot be read keeps the tables that its words name, and ``unknown`` says so.
    """
    known = schemas if isinstance(schemas, Schemas) else Schemas(schemas)
    texts = (statements,) if isinstance(statements, str) else tuple(statements)
    key = _key(texts, known, dialect, result)
    if (answer := _answers.get(key)) is None:
        answer = _traced(texts, known, dialect, result)
        if len(answer.columns) <= _LARGEST:
            _answers.put(key, answer)
    return answer


def forget() -> None:
    """Forget all answers."""
    _answers.clear()


class _Answers:
    """The answers given last, for threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Traced] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Traced | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, answer: Traced) -> None:
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_answers = _Answers()


def _key(texts: Sequence[str], schemas: Schemas, dialect: str | None, result: str) -> str:
    digest = hashlib.sha256(f"{schemas.digest}\0{dialect}\0{result}".encode("utf-8", "surrogatepass"))
    for text in texts:
        digest.update(b"\0%d\0" % len(text))
        digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _traced(texts: Sequence[str], schemas: Schemas, dialect: str | None, result: str) -> Traced:
    _thread.reading = True
    try:
        return _read_all(texts, schemas, dialect, result)
    finally:
        _thread.reading = False


def _read_all(texts: Sequence[str], schemas: Schemas, dialect: str | None, result: str) -> Traced:
    session = Session(schemas)
    unknown: dict[str, None] = {}
    try:
        grammar = Dialect.get_or_raise(dialect)
    except ValueError:
        unknown[f'"{str(dialect)[:50]}" is no dialect that is known; read as general SQL'] = None
        dialect, grammar = None, Dialect.get_or_raise(None)
    for text in texts:
        try:
            _read(_storable(text), grammar, dialect, session, unknown, result)
        except TooManyEdges:
            unknown["there are more edges between columns than are kept"] = None
            break
    return Traced(tuple(session.reads), tuple(session.writes), tuple(session.pairs), session.edges, tuple(unknown))


def _storable(text: str) -> str:
    """``text`` without what no store can keep: halves of letters, and the letter of number 0."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _read(
    text: str, grammar: Dialect, dialect: str | None, session: Session, unknown: dict[str, None], result: str
) -> None:
    if len(text) > MOST_CHARACTERS:
        unknown[f"a text of {len(text):,} characters is too long to be read by column"] = None
        _by_words(text, session)
        return
    try:
        tokens = grammar.tokenize(text)
    except (SqlglotError, RecursionError, ValueError, IndexError):
        unknown[f"known by table alone, its words cannot be told apart: {_beginning(text)}"] = None
        _by_words(text, session)
        return
    for one in _split(tokens):
        source = text[one[0].start : one[-1].end + 1]
        why = "it is nested too deeply"
        if not _too_deep(one):
            why = _carried_out(one, text, grammar, dialect, session, unknown, result)
        if why:
            unknown[f"known by table alone, {why}: {_beginning(source)}"] = None
            _by_words(source, session)


def _carried_out(
    tokens: list[Token],
    text: str,
    grammar: Dialect,
    dialect: str | None,
    session: Session,
    unknown: dict[str, None],
    result: str,
) -> str:
    """Read one statement; empty, or why it could not be read."""
    try:
        tree = _parsed(tokens, text, grammar)
        if tree is None:
            return ""
        reading = Reading(session.table, dialect)
        carry_out(tree, session, reading, result)
    except Unread:
        return "its kind is not read"
    except TooMuch:
        return "it takes more work than it is given"
    except TooManyEdges:
        raise
    except RecursionError:
        return "it is nested too deeply"
    except SqlglotError as error:
        return _first_line(error)
    except Exception as error:  # a tree that nobody has thought of must not end a run
        return f"{type(error).__name__} while reading it"
    unknown.update(reading.notes)
    return ""


def _parsed(tokens: list[Token], text: str, grammar: Dialect) -> exp.Expr | None:
    """The tree of one statement, in its dialect or else in general SQL. Raises ParseError of the first."""
    try:
        trees = grammar.parser().parse(tokens, text)
    except SqlglotError:
        try:
            trees = Dialect.get_or_raise(None).parser().parse(tokens, text)
        except SqlglotError:
            trees = []
        if not trees or isinstance(trees[0], exp.Command):
            raise
    return next((tree for tree in trees if tree is not None), None)


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens of each statement."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            found.append([])
        else:
            found[-1].append(token)
    return [each for each in found if each]


def _too_deep(tokens: Sequence[Token]) -> bool:
    depth = signs = 0
    for token in tokens:
        kind = token.token_type
        signs = signs + 1 if kind in _SIGNS else 0
        depth = depth + 1 if kind in _OPEN else max(depth - 1, 0) if kind in _CLOSE else depth
        if depth > MOST_DEPTH or signs > MOST_DEPTH:
            return True
    return False


def _by_words(text: str, session: Session) -> None:
    """Keep the tables that the words of a text name; each that is read flows into each that is written."""
    reads, writes = words.tables(text)
    sources: dict[str, None] = {}
    for parts in reads:
        relation, _ = session.table(parts)
        sources.update(dict.fromkeys(sorted(relation.tables)))
    session.reads.update(sources)
    for parts in writes:
        held = session.target(parts)
        if not held.temporary:
            session.wrote(held.name, sources)


def _beginning(text: str) -> str:
    """How a statement begins, without its literals, for they may hold secrets."""
    start = " ".join(_LITERAL.sub("'…'", text[:400]).split())
    return start if len(start) <= 60 else start[:59] + "…"


def _first_line(error: Exception) -> str:
    """What is wrong, without the excerpt that may hold secrets."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return first.partition(" for <class")[0].rstrip(".")[:200]
