"""What is tried again, how often and when: a table of causes, and a pause that grows."""

from __future__ import annotations

import pytest

from workbench.execution.walk.retry import Failure, again
from workbench.model.pipeline import Retries
from workbench.model.run import Cause

TWICE = Retries(max=2, on=("kernel_died", "ConnectionError", "storage"), backoff=10, factor=3, jitter=0)


def failed(code: str = "WB-RUN-104", told: str = "", *, began: bool = True) -> Failure:
    return Failure({"code": code}, told, began)


@pytest.mark.parametrize(
    ("failure", "cause", "named"),
    [
        (failed("WB-RUN-101", "kernel_died"), Cause.KERNEL_DIED, "kernel_died"),
        (failed("WB-RUN-104", "ValueError"), Cause.ERROR, "ValueError"),
        (failed("WB-RUN-122"), Cause.WORKER_LOST, "worker_lost"),
        (failed("WB-RUN-150"), Cause.ERROR, "error"),
        (failed("WB-DAT-320"), Cause.CONFLICT, "conflict"),
        (failed("WB-DSK-301"), Cause.STORAGE, "storage"),
        (failed("WB-DB-512"), Cause.STORAGE, "storage"),
        (failed("WB-DB-501"), Cause.CONFLICT, "conflict"),
        (failed("WB-INT-995"), Cause.START_FAILED, "start_failed"),
        (failed("WB-RUN-190"), Cause.CANCELLED, "cancelled"),
    ],
)
def test_every_failure_has_a_cause(failure: Failure, cause: Cause, named: str) -> None:
    assert (failure.cause, failure.named) == (cause, named)


@pytest.mark.parametrize(
    ("failure", "on", "tried"),
    [
        (failed("WB-RUN-101", "kernel_died"), "kernel_died", True),
        (failed("WB-RUN-101", "kernel_died"), "timeout", False),
        (failed(told="ConnectionError"), "ConnectionError", True),
        (failed(told="ConnectionResetError"), "ConnectionError", True),
        (failed(told="ConnectionResetError"), "OSError", True),
        (failed(told="ValueError"), "ConnectionError", False),
        (failed(told="ValueError"), "error", True),
        (failed(told="ReadTimeout"), "requests.exceptions.ReadTimeout", True),
        (failed(told="ReadTimeout"), "TimeoutError", False),
        (failed("WB-DSK-301"), "storage", True),
        (failed(told="print"), "len", False),
    ],
)
def test_what_a_step_names_is_tried_again_and_nothing_else(failure: Failure, on: str, tried: bool) -> None:
    assert (again(Retries(max=1, on=(on,)), failure, 1) is not None) == tried


def test_the_pause_grows_up_to_its_limit() -> None:
    dead = failed("WB-RUN-101", "kernel_died")
    retries = Retries(max=5000, on=("kernel_died",), backoff=10, factor=3, longest=100, jitter=0)
    pauses = [again(retries, dead, tries) for tries in (1, 2, 3, 4, 4999)]
    assert [pause and pause.seconds for pause in pauses] == [10, 30, 90, 100, 100]
    assert [(pause.number, pause.of) for pause in pauses if pause] == [
        (2, 5001),
        (3, 5001),
        (4, 5001),
        (5, 5001),
        (5000, 5001),
    ]


def test_the_pause_is_spread_by_its_jitter() -> None:
    retries = Retries(max=1, on=("error",), backoff=10, jitter=0.5)
    found = [again(retries, failed(), 1) for _ in range(200)]
    seconds = [one.seconds for one in found if one]
    assert len(set(seconds)) > 100
    assert all(5 <= each <= 15 for each in seconds)


def test_the_tries_come_to_an_end() -> None:
    dead = failed("WB-RUN-101", "kernel_died")
    assert [again(TWICE, dead, tries) is not None for tries in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize("code", ["WB-INT-995", "WB-RUN-122"])
def test_an_attempt_in_which_nothing_began_is_tried_once_more_unasked(code: str) -> None:
    found = again(Retries(), failed(code, began=False), 1)
    assert found is not None
    assert (found.seconds, found.number, found.of) == (0, 2, 2)
    assert again(Retries(), failed(code, began=False), 2) is None
    assert again(Retries(), failed(code, began=True), 1) is None
    assert again(Retries(), failed("WB-DSK-301", began=False), 1) is None
