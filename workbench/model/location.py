"""Where data files lie: a folder of a machine, or a prefix in a bucket that speaks the S3 protocol."""

from __future__ import annotations

from pathlib import Path

from workbench.model.frozen import dataclass

_S3 = "s3://"


@dataclass(frozen=True)
class Location:
    """A place for files; ``address`` is an absolute folder, or ``s3://bucket`` with a prefix or without.

    ``endpoint`` is the URL of a server other than Amazon's, ``region`` where the bucket is kept; both are empty for a
    folder. Credentials are never part of it.
    """

    address: str
    endpoint: str = ""
    region: str = ""

    @staticmethod
    def of(folder: Path) -> Location:
        """The location of a local folder."""
        return Location(str(folder.absolute()))

    @property
    def remote(self) -> bool:
        """Whether it is a bucket."""
        return is_remote(self.address)

    @property
    def bucket(self) -> str:
        """The name of the bucket, empty for a folder."""
        return self.address.removeprefix(_S3).partition("/")[0] if self.remote else ""

    @property
    def folder(self) -> Path:
        """The local folder; meaningless for a bucket."""
        return Path(self.address)

    def at(self, *parts: str) -> str:
        """The path of what lies below: joined by ``/``."""
        return "/".join((self.address, *parts))

    def __str__(self) -> str:
        return self.address


def is_remote(path: str) -> bool:
    """Whether a file of this path lies in a bucket."""
    return path.startswith(_S3)
