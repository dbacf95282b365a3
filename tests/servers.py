"""Real servers that tests start for themselves, each on a port or a socket of its own, and end again."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.model.location import Location

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "tester",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""The environment of whoever may use the server of ``buckets``."""


@dataclass(frozen=True)
class Buckets:
    """A server that speaks the S3 protocol over HTTP, on loopback."""

    endpoint: str

    def make(self) -> Location:
        """A prefix in a new bucket."""
        from pyarrow.fs import S3FileSystem

        name = f"bucket-{uuid.uuid4().hex[:12]}"
        system = S3FileSystem(
            access_key=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            secret_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            endpoint_override=self.endpoint,
            region="eu-west-1",
            allow_bucket_creation=True,
        )
        system.create_dir(name)
        return Location(f"s3://{name}/team/warehouse", self.endpoint, "eu-west-1")


@contextmanager
def buckets() -> Iterator[Buckets]:
    """A server for buckets, as long as the block lasts; it keeps them in memory."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Buckets(f"http://{host}:{port}")
    finally:
        server.stop()
