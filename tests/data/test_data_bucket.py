"""A warehouse in a bucket: whole objects, what is swept, and what is said when the bucket cannot be used."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from data_bench import Bench, Tables, read, rows
from servers import CREDENTIALS

from workbench import files
from workbench.data.stage import stage
from workbench.model.dataset import Mode
from workbench.model.errors import MissingExtra, StorageError
from workbench.model.location import Location
from workbench.quality import checks
from workbench.quality.compiler import evaluate
from workbench.quality.profile import measure

FRAME = pd.DataFrame({"id": [1, 2, 3], "origin": ["JFK", "LGA", None]})


@pytest.fixture
def kind() -> str:
    return "bucket"


def objects(location: Location) -> set[str]:
    return {found.path for found in files.below(location)}


def test_a_staged_object_is_whole_and_matches_its_digest(tables: Tables, location: Location) -> None:
    (file,) = tables.stage(FRAME).files
    assert file.path.startswith(f"{location}/clean/flights/data/")
    content = files.source(file.path).readall()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.digest, file.bytes)


def test_a_write_that_fails_leaves_no_object(location: Location) -> None:
    files.reach(location)
    path = location.at("clean", "flights", "data", "x.parquet")
    with pytest.raises(ZeroDivisionError), files.writing(path) as aside:
        aside.write_bytes(b"half of it")
        raise ZeroDivisionError
    assert objects(location) == set()
    assert not aside.exists()


def test_checks_and_profile_read_in_place(tables: Tables) -> None:
    snapshot = tables.write(FRAME)
    paths = [file.path for file in snapshot.files]
    results = evaluate([checks.not_null("id"), checks.not_null("origin")], paths, snapshot.schema)
    assert [result.outcome for result in results] == ["pass", "fail"]
    assert measure("clean.flights", paths, snapshot.schema).rows == 3


def test_the_sweep_takes_old_orphans_only(tables: Tables, location: Location) -> None:
    live = tables.write(FRAME)
    (orphan,) = tables.stage(FRAME).files
    held = {file.path for file in live.files}
    assert tables.warehouse.sweep(held, 3600) == ()
    assert tables.warehouse.sweep(held, -60) == (orphan.path,)
    assert orphan.path not in objects(location)
    assert rows(live)[0] == {"id": 1, "origin": "JFK"}


def test_the_same_content_leaves_no_second_object(bench: Bench, location: Location) -> None:
    bench.publish(bench.tables.stage(FRAME))
    before = {path for path in objects(location) if path.endswith(".parquet")}
    bench.publish(bench.tables.stage(FRAME))
    assert {path for path in objects(location) if path.endswith(".parquet")} == before


def test_no_credential_is_kept_anywhere(bench: Bench, location: Location, tmp_path: Path) -> None:
    bench.publish(bench.tables.stage(FRAME))
    secret = CREDENTIALS["AWS_SECRET_ACCESS_KEY"].encode()
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    kept += [files.source(path).readall() for path in objects(location)]
    assert kept
    assert not [content for content in kept if secret in content]


def test_a_lost_or_damaged_object_is_named(tables: Tables, location: Location) -> None:
    snapshot = tables.write(FRAME)
    (file,) = snapshot.files
    content = files.source(file.path).readall()
    with files.writing(file.path) as aside:
        aside.write_bytes(content[:-20])
    for as_ in ("pandas", "duckdb"):
        with pytest.raises(StorageError, match="WB-DAT-311") as caught:
            read(snapshot, as_=as_)
        assert file.path in str(caught.value)
    files.remove(file.path)
    files.remove(file.path)
    for as_ in ("pandas", "duckdb"):
        with pytest.raises(StorageError, match="WB-DAT-310"):
            read(snapshot, as_=as_)


def test_a_bucket_that_is_not_there_is_named(location: Location) -> None:
    nowhere = Location("s3://nothing-of-that-name/x", location.endpoint, location.region)
    files.reach(nowhere)
    with pytest.raises(StorageError, match=r"WB-DSK-311.*nothing-of-that-name"):
        stage(pa.table({"a": [1]}), "clean.flights", mode=Mode.APPEND, warehouse=nowhere)
    with pytest.raises(StorageError, match="WB-DSK-311"):
        files.check(nowhere)


def test_a_server_that_does_not_answer_is_named(location: Location) -> None:
    silent = files.reach(Location("s3://silent-bucket", "http://127.0.0.1:9", "eu-west-1"))
    with pytest.raises(StorageError, match=r"WB-DSK-310.*silent-bucket"):
        stage(pa.table({"a": [1]}), "clean.flights", mode=Mode.APPEND, warehouse=silent)


class Refusing(BaseHTTPRequestHandler):
    """Answers as a server does to whoever may not."""

    def _answer(self) -> None:
        text = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text if self.command != "HEAD" else b"")

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_refused_access_names_who_decides(location: Location, refusing: str) -> None:
    closed = files.reach(Location("s3://closed-bucket/x", refusing, "eu-west-1"))
    with pytest.raises(StorageError, match=r"WB-DSK-312.*closed-bucket") as caught:
        stage(pa.table({"a": [1]}), "clean.flights", mode=Mode.APPEND, warehouse=closed)
    assert "AWS_PROFILE" in caught.value.next
    with pytest.raises(StorageError, match="WB-DSK-312"):
        files.exists(closed.at("x"))


def test_what_buckets_need_is_an_extra(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtra, match="WB-EXT-905") as caught:
        files.reach(location)
    assert "dataops-workbench[s3]" in caught.value.next
