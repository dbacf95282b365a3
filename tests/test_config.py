"""``workbench.toml``: defaults, every key, and every way to get it wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.config import Config, find_project, load_config
from workbench.model.cluster import Cluster
from workbench.model.delivery import Environment
from workbench.model.errors import NotFound, SpecError
from workbench.model.location import Location
from workbench.model.notification import Notify, Occasion, Receiver


@pytest.fixture(autouse=True)
def no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_ENV", raising=False)


def load(folder: Path, text: str) -> Config:
    (folder / "workbench.toml").write_text(text, encoding="utf-8")
    return load_config(folder)


def test_an_empty_file_gives_every_default(tmp_path: Path) -> None:
    folder = tmp_path / "My Project 2"
    folder.mkdir()
    config = load(folder, "")
    assert config.name == "my_project_2"
    assert config.state == folder / ".workbench"
    assert config.warehouse == Location.of(folder / ".workbench" / "warehouse")
    assert config.store == f"sqlite:///{folder}/.workbench/store.db"
    assert config.catalog == f"sqlite:///{folder.parent}/My%20Project%202/.workbench/warehouse/catalog.db"
    assert config.environments == (Environment("prod"), Environment("dev", "prod"))
    assert (config.default_environment, config.interactive_environment) == ("prod", "dev")
    assert config.max_parallel == (os.cpu_count() or 1)
    assert config.timeout == 6 * 3600
    assert config.disk_floor_mb == 200


def test_every_key_is_read(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        name = "flights"
        [storage]
        warehouse = "/data/warehouse"
        store = "postgresql+psycopg://me@host/wb"
        [environments]
        default = "dev"
        interactive = "dev_anna"
        [environments.dev_anna]
        parent = "dev"
        [environments.trial]
        [run]
        max_parallel = 3
        timeout = "1h 30m"
        disk_floor_mb = 0
        """,
    )
    assert config.name == "flights"
    assert config.warehouse == Location("/data/warehouse")
    assert config.store == "postgresql+psycopg://me@host/wb"
    assert config.environment("dev_anna") == Environment("dev_anna", "dev")
    assert config.environment("trial").parent == "prod"
    assert (config.default_environment, config.interactive_environment) == ("dev", "dev_anna")
    assert (config.max_parallel, config.timeout, config.disk_floor_mb) == (3, 5400.0, 0)


def test_data_in_a_bucket(tmp_path: Path) -> None:
    told = "[storage]\nwarehouse = 's3://acme-data/team=a/wb.1'\nendpoint = 'http://127.0.0.1:9000/'\n"
    config = load(tmp_path, told)
    assert config.warehouse == Location("s3://acme-data/team=a/wb.1", "http://127.0.0.1:9000")
    assert config.catalog == f"sqlite:///{tmp_path}/.workbench/catalog.db"
    config = load(tmp_path, told + "region = 'eu-west-1'\nstore = 'postgresql://host/wb'\n")
    assert config.warehouse.region == "eu-west-1"
    assert config.catalog == "postgresql://host/wb"
    assert load(tmp_path, told + "catalog = 'sqlite:///c.db'").catalog == f"sqlite:///{tmp_path}/c.db"


def test_a_cluster_is_reached_or_made(tmp_path: Path) -> None:
    assert load(tmp_path, "").dask == Cluster()
    told = "[executors.dask]\naddress = 'tls://host:8786'\nca = 'ca.pem'\nwait = '5s'\nfiles = ['lib/*']\n"
    reached = load(tmp_path, told + "certificate = '/etc/me.pem'\nkey = 'me.key'\n").dask
    assert (reached.address, reached.ca, reached.certificate) == (
        "tls://host:8786",
        f"{tmp_path}/ca.pem",
        "/etc/me.pem",
    )
    assert (reached.wait, reached.files) == (5.0, ("lib/*",))
    made = load(tmp_path, "[executors.dask]\ncluster = 'a.b:C'\noptions = {n_workers = 2, env = {X = '1'}}\n").dask
    assert (made.cluster, made.options) == ("a.b:C", {"n_workers": 2, "env": {"X": "1"}})
    assert load(tmp_path, "[run]\nexecutor = 'dask'").executor == "dask"


@pytest.mark.parametrize(
    ("text", "code", "place", "said"),
    [
        ("name = ", "WB-CFG-602", ":1:8: ", "not valid TOML"),
        ("nmae = 'x'", "WB-CFG-624", ":1:1: ", 'Did you mean "name"?'),
        ("\n[storage]\n  warehous = 'x'", "WB-CFG-624", ":3:3: ", 'Did you mean "warehouse"?'),
        ("[strage]", "WB-CFG-624", ":1:2: ", 'Did you mean "storage"?'),
        ("storage = 3", "WB-CFG-625", ":1:11: ", "expected a mapping"),
        ("name = 3", "WB-CFG-625", ":1:8: ", "must be a text"),
        ("name = 'My Project'", "WB-CFG-604", ":1:8: ", "not a valid name"),
        ("name = '../x'", "WB-CFG-604", ":1:8: ", "not a valid name"),
        ("[run]\nmax_parallel = 0", "WB-CFG-625", ":2:16: ", "at least 1"),
        ("[run]\nmax_parallel = true", "WB-CFG-625", ":2:16: ", "whole number"),
        ("[run]\ntimeout = '6 hours'", "WB-CFG-625", ":2:11: ", "a duration such as"),
        ("[run]\ntimeout = 60", "WB-CFG-625", ":2:11: ", "must be a duration"),
        ("[storage]\nstore = 'mysql://x/y'", "WB-CFG-604", ":2:9: ", "store's address"),
        ("[storage]\nstore = 'sqlite://'", "WB-CFG-604", ":2:9: ", "store's address"),
        ("[storage]\ncatalog = ''", "WB-CFG-604", ":2:11: ", "catalog's address"),
        ("[storage]\nwarehouse = 's3://'", "WB-CFG-604", ":2:13: ", "address of a bucket"),
        ("[storage]\nwarehouse = 's3://id:secret@bucket/x'", "WB-CFG-604", ":2:13: ", "from the environment"),
        ("[storage]\nwarehouse = 's3://bucket/x y'", "WB-CFG-604", ":2:13: ", "address of a bucket"),
        ("[storage]\nwarehouse = 's3://bucket/x/'", "WB-CFG-604", ":2:13: ", "address of a bucket"),
        ("[storage]\nwarehouse = 's3://bucket/../x'", "WB-CFG-604", ":2:13: ", "address of a bucket"),
        ("[storage]\nregion = 'eu-west-1'", "WB-CFG-604", ":2:1: ", "goes with a warehouse in a bucket"),
        ("[storage]\nwarehouse='s3://abc'\nendpoint='ftp://x'", "WB-CFG-604", ":3:10: ", "address of a server"),
        ("[storage]\nwarehouse='s3://abc'\nendpoint='http://a:b@x'", "WB-CFG-604", ":3:10: ", "address of a server"),
        ("[executors.dsk]", "WB-CFG-624", ":1:2: ", 'Did you mean "dask"?'),
        ("[executors.dask]\nadress = 'x'", "WB-CFG-624", ":2:1: ", 'Did you mean "address"?'),
        ("[executors.dask]\naddress = 'host:8786'", "WB-CFG-604", ":2:11: ", "address of a scheduler"),
        ("[executors.dask]\naddress = 'tcp://me:pw@h:1'", "WB-CFG-604", ":2:11: ", "address of a scheduler"),
        ("[executors.dask]\naddress = 'tls://h:1'", "WB-CFG-604", ":2:11: ", "needs the file ca"),
        ("[executors.dask]\naddress='tcp://h:1'\ncluster='a:B'", "WB-CFG-604", ":3:1: ", "is not made"),
        ("[executors.dask]\ncluster='LocalCluster'", "WB-CFG-604", ":2:9: ", "names no class"),
        ("[executors.dask]\nwait = 5", "WB-CFG-625", ":2:8: ", "must be a duration"),
        ("[environments]\ndefault = 'prd'", "WB-CFG-604", ":2:11: ", 'Did you mean "prod"?'),
        ("[environments.Anna]", "WB-CFG-604", ":1:2: ", "not a valid name"),
        ("[environments.a]\nparent = 'b'", "WB-CFG-604", ":2:10: ", 'no environment "b"'),
        ("[environments.a]\nparent='b'\n[environments.b]\nparent='a'", "WB-CFG-604", ":2:8: ", "a → b → a"),
        ("[environments.prod]", "WB-CFG-604", ":1:2: ", "prod has no parent"),
        ("[environments]\ndev_anna = 'prod'", "WB-CFG-625", ":2:12: ", "expected a mapping"),
        ("[environments.a]\nparnt = 'prod'", "WB-CFG-624", ":2:1: ", 'Did you mean "parent"?'),
    ],
)
def test_a_fault_names_its_place_and_the_mend(tmp_path: Path, text: str, code: str, place: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        load(tmp_path, text)
    assert caught.value.code == code
    assert caught.value.what.startswith("workbench.toml" + place)
    assert said in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(SpecError, match="UTF-8"):
        load_config(tmp_path)


def test_the_variable_overrides_both_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ENV", "dev")
    config = load(tmp_path, "[environments]\ninteractive = 'prod'")
    assert (config.default_environment, config.interactive_environment) == ("dev", "dev")
    monkeypatch.setenv("WORKBENCH_ENV", "def")
    with pytest.raises(NotFound, match='Did you mean "dev"') as caught:
        load_config(tmp_path)
    assert caught.value.code == "WB-CFG-603"


def test_a_project_is_found_from_below(tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").touch()
    below = tmp_path / "notebooks" / "deep"
    below.mkdir(parents=True)
    assert find_project(below) == tmp_path


def test_no_project_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        find_project(tmp_path)
    assert caught.value.code == "WB-CFG-601"
    with pytest.raises(NotFound):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("6h", 21600), ("1h30m", 5400), (" 1h 2m 3s ", 3723), ("2d", 172800)],
)
def test_durations(tmp_path: Path, text: str, seconds: float) -> None:
    (tmp_path / "workbench.toml").write_text(f'[run]\ntimeout = "{text}"\n')
    assert load_config(tmp_path).timeout == seconds


@pytest.mark.parametrize("text", ["", "5", "5 min", "-3s", "0s", "\u0661s"])
def test_what_is_no_duration_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "workbench.toml").write_text(f'[run]\ntimeout = "{text}"\n', encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_config(tmp_path)
    assert caught.value.code == "WB-CFG-625"
    assert "workbench.toml:2:11" in caught.value.what


def test_who_is_told_of_what(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        [notify]
        on = ["failure", "late"]
        to = "team"
        late_after = "45m"
        [notify.ops]
        url = "${env:OPS_URL}"
        [notify.team]
        url = ["mailto://a:${secret:mail}@example.org", "${env:CHAT_URL}"]
        """,
    )
    assert config.notify == Notify((Occasion.FAILURE, Occasion.LATE), ("team",), 2700.0)
    assert config.receivers == (
        Receiver("ops", ("${env:OPS_URL}",)),
        Receiver("team", ("mailto://a:${secret:mail}@example.org", "${env:CHAT_URL}")),
    )
    assert load(tmp_path, "").notify == Notify(tuple(Occasion))


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ('[notify.ops]\nurl = "json://example.org/t0ken"', "WB-CFG-604", "is a secret"),
        ('[notify.ops]\nurl = ["${env:A}", "json://x"]', "WB-CFG-604", "is a secret"),
        ('[notify.ops]\nurl = "${file:/etc/passwd}"', "WB-CFG-604", "is a secret"),
        ("[notify.ops]\nurl = 3", "WB-CFG-625", "a text or a list"),
        ("[notify.ops]", "WB-CFG-626", '"url" is missing'),
        ('[notify.ops]\nurls = "${env:A}"', "WB-CFG-624", 'unknown key "urls"'),
        ('[notify.Ops]\nurl = "${env:A}"', "WB-CFG-604", "not a valid name"),
        ('[notify]\nto = ["opps"]\n[notify.ops]\nurl = "${env:A}"', "WB-CFG-604", 'Did you mean "ops"'),
        ('[notify]\non = ["failures"]', "WB-CFG-604", 'Did you mean "failure"'),
        ('[notify]\nlate_after = "soon"', "WB-CFG-625", "a duration"),
    ],
)
def test_who_is_told_wrongly(tmp_path: Path, text: str, code: str, told: str) -> None:
    with pytest.raises(SpecError, match=told) as caught:
        load(tmp_path, text)
    assert caught.value.code == code
    assert "t0ken" not in str(caught.value)
