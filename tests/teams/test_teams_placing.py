"""Where steps of a cluster run, and what is said when they cannot: resources, TLS, tickets that nobody waits for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from projects import lay_out, notebook
from servers import Dask
from team import until

from workbench.execution.cluster import outpost
from workbench.execution.order import Order
from workbench.model.run import Run, State
from workbench.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WHERE = notebook('import os, workbench as wb\nwb.record("worker", os.environ["WORKER"])')
STAY = notebook(
    """
    import os, time
    from pathlib import Path
    import workbench as wb
    wb.record("worker", os.environ["WORKER"])
    here = Path(meeting)
    (here / f"{os.environ['WORKER']}-{os.getpid()}").touch()
    while here.exists() and not (here / "go").exists():
        time.sleep(0.02)
    """,
    parameters='meeting: str = ""',
)
LOUD = notebook('import workbench as wb\nprint("x" * 3_000_000)\nwb.record("said", 3)')


def run(root: Path, pipeline: str, notebooks: dict[str, Any], settings: str) -> Run:
    lay_out(root, {"p": pipeline}, notebooks, {"workbench.toml": f'name = "t"\n{settings}'})
    with Project.open(root) as project:
        return project.runs.get(project.run("p", executor="dask", max_parallel=4).id)


def test_a_step_runs_where_there_is_what_it_requires(tmp_path: Path, dask: Dask) -> None:
    dask.start_scheduler()
    dask.start_worker("plain")
    dask.start_worker("special", "--resources", "gpu=1")
    pipeline = """
        name: p
        steps:
          one: {notebook: notebooks/where.ipynb, requires: [gpu]}
          two: {notebook: notebooks/where.ipynb, requires: [gpu]}
    """
    done = run(tmp_path / "p", pipeline, {"where": WHERE}, f'[executors.dask]\naddress = "{dask.address}"\n')
    assert [step.values.get("worker") for step in done.steps] == ["special", "special"], done.steps


def test_what_no_worker_has_is_told_in_time(tmp_path: Path, dask: Dask) -> None:
    dask.start_scheduler()
    dask.start_worker("plain")
    pipeline = "name: p\nsteps: {one: {notebook: notebooks/where.ipynb, requires: [gpu]}}\n"
    settings = f'[executors.dask]\naddress = "{dask.address}"\nwait = "1s"\n'
    done = run(tmp_path / "p", pipeline, {"where": WHERE}, settings)
    error = done.steps[0].error
    assert done.state is State.FAILED
    assert error is not None
    assert error["code"] == "WB-RUN-160"
    assert "gpu" in error["cause"]


def test_a_scheduler_that_is_not_there_is_told_in_time(tmp_path: Path, dask: Dask) -> None:
    pipeline = "name: p\nsteps: {one: notebooks/where.ipynb}\n"
    settings = f'[executors.dask]\naddress = "{dask.address}"\nwait = "1s"\n'
    done = run(tmp_path / "p", pipeline, {"where": WHERE}, settings)
    error = done.steps[0].error
    assert error is not None
    assert error["code"] == "WB-RUN-161"


def test_a_large_output_comes_back_whole_on_a_cluster_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKER", "own")
    options = "options = {n_workers = 1, threads_per_worker = 1}"
    pipeline = "name: p\nsteps: {loud: notebooks/loud.ipynb}\n"
    root = tmp_path / "p"
    with socket.socket() as taken:
        with contextlib.suppress(OSError):  # what is wanted is that the usual port of dashboards is taken, by whomever
            taken.bind(("", 8787))
            taken.listen()
        done = run(root, pipeline, {"loud": LOUD}, f"[executors.dask]\n{options}\n")
    assert done.state is State.SUCCEEDED, done.steps[0].error
    with Project.open(root) as project:
        executed = project.runs.notebook(done.steps[0])
    assert executed is not None
    (cell,) = [cell for cell in json.loads(executed.read_text())["cells"] if cell["outputs"]]
    said = "".join("".join(output.get("text", "")) for output in cell["outputs"])
    assert said.count("x") == 3_000_000


def test_everything_is_encrypted_where_certificates_are_given(tmp_path: Path, dask: Dask) -> None:
    ca, certificate, key = certificates(tmp_path)
    dask.secure(ca, certificate, key)
    dask.start_scheduler()
    dask.start_worker("ann")
    assert dask.address.startswith("tls://")
    settings = (
        f'[executors.dask]\naddress = "{dask.address}"\nca = "{ca}"\ncertificate = "{certificate}"\nkey = "{key}"\n'
    )
    pipeline = "name: p\nsteps: {one: notebooks/where.ipynb}\n"
    done = run(tmp_path / "p", pipeline, {"where": WHERE}, settings)
    assert done.steps[0].values == {"worker": "ann"}, done.steps[0].error


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """An authority that vouches for itself, its certificate and its key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "workbench tests")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
        key, hashes.SHA256()
    )
    pem, secret = folder / "ca.pem", folder / "key.pem"
    pem.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return pem, pem, secret


@pytest.fixture
def errand(tmp_path: Path) -> Iterator[outpost.Errand]:
    loop = asyncio.new_event_loop()
    made = outpost.Errand(tmp_path, loop)
    outpost._errands[made.token] = made
    yield made
    made.remove()
    loop.close()


def test_f18_a_second_ticket_is_handed_nothing_and_ends(errand: outpost.Errand) -> None:
    answer = asyncio.run(outpost.serve(errand.token, "kill"))
    assert answer == {}
    errand.attend()
    errand.end()
    assert asyncio.run(outpost.serve(errand.token, "more", journal=0, log=0, wait=0.0)) == {"gone": True}


def test_a_ticket_that_waits_is_handed_its_order_and_takes_it_along(tmp_path: Path, dask: Dask) -> None:
    dask.start_scheduler()
    dask.start_worker("ann")
    meeting, root = tmp_path / "meeting", tmp_path / "p"
    meeting.mkdir()
    steps = "".join(f"  s{number}: notebooks/stay.ipynb\n" for number in range(2))
    lay_out(
        root,
        {"p": f"name: p\nparameters: {{meeting: {{type: str, default: {meeting}}}}}\nsteps:\n{steps}"},
        {"stay": STAY},
        {"workbench.toml": f'name = "t"\n[executors.dask]\naddress = "{dask.address}"\n'},
    )
    ended: list[Run] = []

    def go() -> None:
        with Project.open(root) as project:
            ended.append(project.runs.get(project.run("p", executor="dask", max_parallel=2).id))

    running = threading.Thread(target=go)
    running.start()
    until(lambda: len(list(meeting.iterdir())) == 1)
    orders = dask.folder / "ann"
    until(lambda: len(list(orders.glob("**/workbench/*/context.json"))) == 2)
    dask.start_worker("bob")
    until(lambda: any(there.name.startswith("bob") for there in meeting.iterdir()))
    (meeting / "go").touch()
    running.join()
    (done,) = ended
    assert done.state is State.SUCCEEDED, [step.error for step in done.steps]
    assert {step.values["worker"] for step in done.steps} == {"ann", "bob"}
    assert [len(step.attempts) for step in done.steps] == [1, 1], "nothing was lost on the way"
    until(lambda: not list(orders.glob("**/workbench/*/context.json")))


def test_what_was_withdrawn_before_it_began_never_begins(errand: outpost.Errand) -> None:
    errand._order = Order(
        "one", "one.ipynb", str(errand._folder), kernel="python3", cwd=".", timeout=1.0, environment={}
    )
    assert asyncio.run(outpost.serve(errand.token, "cancel")) == {}
    assert asyncio.run(outpost.serve(errand.token, "more", journal=0, log=0, wait=0.0))["withdrawn"]
    errand._handed_over.set()
    errand.attend()
    assert not errand._folder.exists()


def test_what_has_left_with_its_ticket_says_so_and_leaves_nothing(errand: outpost.Errand) -> None:
    asyncio.run(outpost.serve(errand.token, "bring", name="context.json", offset=0, data=b"{}"))
    errand.leave()
    assert asyncio.run(outpost.serve(errand.token, "more", journal=0, log=0, wait=0.0)) == {"moved": True}
    assert not errand._folder.exists()


def test_a_worker_that_does_not_see_the_data_says_so(errand: outpost.Errand, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert asyncio.run(outpost.serve(errand.token, "begin", order=b"", parcel="x", sees=nowhere)) == {"blind": True}
    assert asyncio.run(outpost.serve(errand.token, "begin", order=b"", parcel="x", sees="")) == {"missing": True}
    asyncio.run(outpost.serve(errand.token, "kill"))
    errand.end()
