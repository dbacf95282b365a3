"""Arrow columns as Iceberg can hold them: converted by a rule that is told, or refused with the mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.model.errors import FrameError

if TYPE_CHECKING:
    import pyarrow as pa

MAX_PRECISION = 38


class Unstorable(Exception):
    """A type that no stored type can stand for; the arguments are the cause and the mend."""

    def __init__(self, cause: str, mend: str) -> None:
        super().__init__(cause, mend)
        self.cause = cause
        self.mend = mend


def storable(name: str, column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    """A column of any Arrow type as a stored type, with the notes (``"held: duration stored as …"``).

    Raises FrameError: WB-DAT-306 for a type that has no counterpart, WB-DAT-307 for values that would change.
    """
    import pyarrow as pa

    rules: list[str] = []
    try:
        column = _unwrapped(column, rules)
        target = _target(column.type, rules)
    except Unstorable as unfit:
        raise unstorable(name, unfit.cause, unfit.mend) from None
    if column.type != target:
        try:
            column = _cast(column, target)
        except pa.ArrowNotImplementedError:
            raise unstorable(
                name, f"its type {column.type} has no conversion", f'convert the column "{name}" first'
            ) from None
        except (pa.ArrowInvalid, OverflowError) as error:
            raise _inexact(name, column.type, target, error) from None
    return column, tuple(f"{name}: {rule}" for rule in dict.fromkeys(rules))


def unstorable(name: str, cause: str, mend: str) -> FrameError:
    """The error for a column of a type that a table cannot hold."""
    return FrameError("WB-DAT-306", f'column "{name}" cannot be stored', cause=cause, next=mend)


def _inexact(name: str, source: pa.DataType, target: pa.DataType, error: Exception) -> FrameError:
    from pyarrow import types

    if types.is_timestamp(source) or types.is_time(source) or types.is_duration(source):
        return FrameError(
            "WB-DAT-307",
            f'column "{name}" would lose precision',
            cause=f"it holds {source}, a table holds microseconds, and some values are finer (or out of range)",
            next=f'round them first: df["{name}"] = df["{name}"].dt.floor("us")',
        )
    return FrameError(
        "WB-DAT-307",
        f'column "{name}" does not fit',
        cause=f"{source} is stored as {target}: {error}",
        next="convert the column to a type that holds its values, for example text",
    )


def _unwrapped(column: pa.ChunkedArray, rules: list[str]) -> pa.ChunkedArray:
    """The column without the encodings that ``cast`` does not undo."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == "arrow.uuid":
            rules.append("uuid stored as text")
            return pa.chunked_array([pa.array([_text(value) for value in column.to_pylist()], pa.string())])
        if kind.extension_name not in {"arrow.json", "arrow.bool8"}:
            raise Unstorable(f"its type is the extension {kind.extension_name}", "convert it to a plain type first")
        storage = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        return storage.cast(pa.bool_()) if kind.extension_name == "arrow.bool8" else storage
    if types.is_run_end_encoded(kind):
        chunks = [pc.run_end_decode(chunk) for chunk in column.chunks]
        return _unwrapped(pa.chunked_array(chunks, kind.value_type), rules)
    if types.is_dictionary(kind):
        rules.append("category stored as its values" + (", their order is not kept" if kind.ordered else ""))
        chunks = [chunk.dictionary_decode() for chunk in column.chunks]
        return _unwrapped(pa.chunked_array(chunks, kind.value_type), rules)
    return column


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _cast(column: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa
    from pyarrow import types

    if types.is_duration(column.type):
        column = column.cast(pa.duration("us"))
    return column.cast(target)


def _target(kind: pa.DataType, rules: list[str]) -> pa.DataType:
    """The stored type for an Arrow type; what changes its meaning is added to ``rules``."""
    import pyarrow as pa
    from pyarrow import types

    checks: tuple[tuple[Callable[[pa.DataType], bool], Callable[[], pa.DataType]], ...] = (
        (types.is_decimal, lambda: _decimal(kind)),
        (types.is_timestamp, lambda: _timestamp(kind, rules)),
        (types.is_time, lambda: pa.time64("us")),
        (types.is_duration, lambda: _ruled(pa.int64(), rules, "duration stored as whole microseconds")),
        (types.is_null, lambda: _ruled(pa.string(), rules, "nothing but nulls, stored as text")),
        (types.is_map, lambda: pa.map_(_target(kind.key_type, rules), _target(kind.item_type, rules))),
        (types.is_struct, lambda: _struct(kind, rules)),
        (_is_listed, lambda: pa.list_(pa.field("element", _target(kind.value_type, rules)))),
        (types.is_fixed_size_binary, pa.binary),
        (types.is_date, pa.date32),
        (types.is_float16, pa.float32),
        (types.is_uint64, lambda: _ruled(pa.int64(), rules, "unsigned 64-bit integers stored as long")),
        (types.is_uint32, pa.int64),
        (types.is_dictionary, lambda: _ruled(_target(kind.value_type, rules), rules, "category stored as its values")),
        (lambda _: kind in {pa.int8(), pa.int16(), pa.uint8(), pa.uint16()}, pa.int32),
        (lambda _: kind in {pa.large_string(), pa.string_view()}, pa.string),
        (lambda _: kind in {pa.large_binary(), pa.binary_view()}, pa.binary),
    )
    for matches, target in checks:
        if matches(kind):
            return target()
    if kind in {pa.bool_(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.string(), pa.binary()}:
        return kind
    raise Unstorable(f"its type {kind} has no counterpart in an Iceberg table", "convert it to text or numbers first")


def _ruled(target: pa.DataType, rules: list[str], rule: str) -> pa.DataType:
    rules.append(rule)
    return target


def _is_listed(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )


def _decimal(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if kind.precision > MAX_PRECISION or not 0 <= kind.scale <= MAX_PRECISION:
        raise Unstorable(
            f"it holds {kind}, and a table holds at most {MAX_PRECISION} digits", "round it, or store it as text"
        )
    return pa.decimal128(kind.precision, kind.scale)


def _timestamp(kind: pa.DataType, rules: list[str]) -> pa.DataType:
    import pyarrow as pa

    if kind.tz is None:
        return pa.timestamp("us")
    if kind.tz not in {"UTC", "Etc/UTC", "+00:00", "Z"}:
        rules.append(f"times in {kind.tz} stored as the same moments in UTC")
    return pa.timestamp("us", "UTC")


def _struct(kind: pa.DataType, rules: list[str]) -> pa.DataType:
    import pyarrow as pa

    if kind.num_fields == 0:
        raise Unstorable("its records have no fields", "drop the column")
    names = [field.name for field in kind]
    twice = [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    if twice or not all(names):
        raise Unstorable("two fields of its records share a name (capitals do not count)", "rename one of them")
    return pa.struct([pa.field(field.name, _target(field.type, rules)) for field in kind])
