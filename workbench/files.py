"""Files of data where they lie: in a folder of this machine, or in a bucket that speaks the S3 protocol.

A path says which: ``s3://bucket/key`` or an absolute local one. How a bucket is reached (endpoint, region) a process
learns once, from ``reach``; credentials come from the environment or from the files that AWS tools use. Objects
appear whole or not at all and are never changed, as files do that are put in place by renaming.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.durable import replacing
from workbench.model.errors import MissingExtra, StorageError
from workbench.model.frozen import dataclass
from workbench.model.location import Location, is_remote

if TYPE_CHECKING:
    import duckdb
    from pyarrow.fs import S3FileSystem

_REFUSED = ("ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "HTTP status 403", "HTTP status 401")
_ABSENT = ("NO_SUCH_BUCKET", "Bucket does not exist", "bucket does not exist")
_CHUNK = 8 * 1024 * 1024
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_known: dict[str, Location] = {}
"""Bucket → where it is."""


@dataclass(frozen=True)
class Found:
    """A file that is there; ``changed`` is the time of its last change, in seconds since the epoch."""

    path: str
    bytes: int
    changed: float


def reach(location: Location) -> Location:
    """Let this process reach the files below ``location`` by their paths from now on; returns it.

    Nothing is opened yet. Raises MissingExtra (WB-EXT-905) when the libraries for buckets are not there.
    """
    if location.remote:
        _libraries()
        _known[location.bucket] = location
    return location


def properties(location: Location) -> dict[str, str]:
    """What PyIceberg has to know to reach a location."""
    if not location.remote:
        return {}
    found = {"s3.endpoint": location.endpoint, "s3.region": _region(location)}
    return {key: value for key, value in found.items() if value}


def source(path: str) -> Any:
    """What pyarrow opens to read a file: the path of a local one, the open object of a bucket.

    Raises FileNotFoundError, and StorageError (WB-DSK-310 to 312) when the bucket cannot be read.
    """
    if not is_remote(path):
        return path
    with explained(path):
        return _system(path).open_input_file(_key(path))


@contextmanager
def writing(path: str) -> Iterator[Path]:
    """A local path to write to; when the block ends well, what is there becomes the file ``path``, whole and durably.

    Raises StorageError (WB-DSK-301, 302 for a disk, WB-DSK-310 to 312 for a bucket); then ``path`` is as it was.
    """
    if not is_remote(path):
        with replacing(Path(path)) as aside:
            yield aside
        return
    with tempfile.TemporaryDirectory(prefix="workbench-upload-") as folder:
        aside = Path(folder) / path.rpartition("/")[2]
        yield aside
        with explained(path):
            _upload(aside, path)


def remove(path: str) -> None:
    """Remove a file, if it is there. Raises StorageError (WB-DSK-310 to 312) and OSError."""
    if not is_remote(path):
        Path(path).unlink(missing_ok=True)
        return
    with explained(path), suppress(FileNotFoundError):
        _system(path).delete_file(_key(path))


def exists(path: str) -> bool:
    """Whether a file is there. Raises StorageError (WB-DSK-310 to 312)."""
    if not is_remote(path):
        return Path(path).is_file()
    with explained(path):
        return bool(_system(path).get_file_info(_key(path)).is_file)


def below(location: Location) -> Iterator[Found]:
    """Every file below a location, none when nothing is there. Raises StorageError (WB-DSK-310 to 312)."""
    if not location.remote:
        for path in location.folder.rglob("*"):
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if path.is_file():
                yield Found(str(path), status.st_size, status.st_mtime)
        return
    from pyarrow.fs import FileSelector

    reach(location)
    with explained(location.address):
        selector = FileSelector(_key(location.address), allow_not_found=True, recursive=True)
        infos = _system(location.address).get_file_info(selector)
    for info in infos:
        if info.is_file:
            yield Found(f"s3://{info.path}", info.size, info.mtime.timestamp())


def check(location: Location) -> None:
    """Raise StorageError (WB-DSK-310 to 312) when a bucket cannot be used; a folder is not looked at."""
    if not location.remote:
        return
    reach(location)
    with explained(location.address):
        if not _system(location.address).get_file_info(location.bucket).type:
            raise OSError(f"{_ABSENT[0]}: the server knows none of that name")


def teach(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Let DuckDB read those of the paths that lie in buckets; without extensions, which it would have to download."""
    if any(map(is_remote, paths)):
        connection.register_filesystem(_bridge())


def _libraries() -> None:
    try:
        import fsspec  # noqa: F401
        from pyarrow.fs import S3FileSystem  # noqa: F401
    except ImportError as error:
        raise MissingExtra(
            "WB-EXT-905",
            "what it takes to read and write in a bucket is not installed",
            cause=str(error),
            next='pip install "dataops-workbench[s3]"',
        ) from error


def _key(path: str) -> str:
    """The path as pyarrow takes it: ``bucket/key``."""
    return path.removeprefix("s3://")


def _system(path: str) -> S3FileSystem:
    bucket = _key(path).partition("/")[0]
    location = _known.get(bucket, Location(f"s3://{bucket}"))
    return _connected(location.endpoint, _region(location), os.getpid())


@cache
def _connected(endpoint: str, region: str, process: int) -> S3FileSystem:
    """One per server and process: connections do not survive a fork."""
    from pyarrow.fs import S3FileSystem

    _libraries()
    return S3FileSystem(endpoint_override=endpoint or None, region=region, allow_delayed_open=True)


def _region(location: Location) -> str:
    """Where a bucket is kept: as configured, as the environment says, or as Amazon says; any other server takes any."""
    told = location.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return told or ("us-east-1" if location.endpoint else _asked(location.bucket))


@cache
def _asked(bucket: str) -> str:
    from pyarrow.fs import resolve_s3_region

    with explained(f"s3://{bucket}"):
        return str(resolve_s3_region(bucket))


def _upload(aside: Path, path: str) -> None:
    """Make a local file an object, which appears when the last of it has arrived."""
    system = _system(path)
    with aside.open("rb") as content:
        stream = system.open_output_stream(_key(path))
        while chunk := content.read(_CHUNK):
            stream.write(chunk)
        stream.close()
    there, here = system.get_file_info(_key(path)).size, aside.stat().st_size
    if there != here:
        raise OSError(f"{there} of {here} bytes have arrived")


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turn what pyarrow says of a bucket into a StorageError; a file that is not there stays FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if not is_remote(path):
            raise
        raise _trouble(path, str(error).strip().splitlines()[0]) from error


def _trouble(path: str, cause: str) -> StorageError:
    bucket = _key(path).partition("/")[0]
    endpoint = _known[bucket].endpoint if bucket in _known else ""
    if any(mark in cause for mark in _ABSENT):
        what, code = f"there is no bucket {bucket}", "WB-DSK-311"
        mend = "make it, or set storage.warehouse in workbench.toml to one that is there"
    elif any(mark in cause for mark in _REFUSED):
        what, code = f"access to {path} was refused", "WB-DSK-312"
        mend = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for who may read and write there"
    else:
        what, code = f"{path} cannot be reached", "WB-DSK-310"
        mend = f"check that {endpoint or 'the network'} answers, then run the command again"
    return StorageError(code, what, cause=cause, kept="What was there before is unchanged.", next=mend)


def _bridge() -> Any:
    """A file system of fsspec, which is what DuckDB asks, over the buckets that this process can reach.

    Objects never change, so that each is opened once for all the readers that DuckDB has for it.
    """
    from fsspec import AbstractFileSystem

    class Buckets(AbstractFileSystem):  # type: ignore[misc]
        protocol = "s3"
        cachable = False

        def __init__(self) -> None:
            super().__init__()
            self.opened: dict[str, Any] = {}

        def object(self, path: str) -> Any:
            if path not in self.opened:
                self.opened[path] = source(path)
            return self.opened[path]

        def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
            return _Reader(self.object(path))

        def info(self, path: str, **options: Any) -> dict[str, Any]:
            return {"name": path, "size": self.object(path).size(), "type": "file"}

        def modified(self, path: str) -> datetime:
            return _NEVER

        def exists(self, path: str, **options: Any) -> bool:
            return path in self.opened or exists(path)

        def glob(self, path: str, **options: Any) -> list[str]:
            return [path]  # every path is the path of one file

    return Buckets()


class _Reader(io.RawIOBase):
    """A position in an object that others read too, each at its own."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._opened.size()}[whence]
        self._at = start + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        wanted = self._opened.size() - self._at if size < 0 else size
        data: bytes = self._opened.read_at(wanted, self._at)
        self._at += len(data)
        return data
