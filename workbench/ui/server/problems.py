"""How an error goes over HTTP: a status, and a problem document (RFC 9457) that holds the same as ``--json``."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypedDict

from workbench.model.errors import (
    Conflict,
    Denied,
    Interrupted,
    MissingExtra,
    NotFound,
    StepFailed,
    StorageError,
    UsageError,
    Withheld,
    WorkbenchError,
)
from workbench.ui import codec, run_shapes

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[WorkbenchError], HTTPStatus] = {
    MissingExtra: HTTPStatus.NOT_IMPLEMENTED,
    UsageError: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    Denied: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    StepFailed: HTTPStatus.CONFLICT,
    Withheld: HTTPStatus.CONFLICT,
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    Interrupted: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each kind of error; of the kinds that an error is, the first one here counts."""
STATUS_OF_CODE = {
    "WB-WEB-802": HTTPStatus.METHOD_NOT_ALLOWED,
    "WB-WEB-806": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "WB-DB-501": HTTPStatus.SERVICE_UNAVAILABLE,
    "WB-DSK-301": HTTPStatus.INSUFFICIENT_STORAGE,
    "WB-DSK-303": HTTPStatus.INSUFFICIENT_STORAGE,
}
"""Where the kind says too little: the store is busy for a while, a disk is full."""


class Problem(TypedDict):
    """What the answer to a request that failed holds; ``detail`` is a sentence, ``error`` as ``--json`` has it."""

    type: str
    title: str
    status: int
    detail: str
    error: run_shapes.Fault


def status(error: WorkbenchError) -> int:
    """The HTTP status of an error; 500 only for a fault of ours."""
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    kinds = (found for kind, found in STATUS.items() if isinstance(error, kind))
    return next(kinds, HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(error: WorkbenchError) -> Problem:
    """The document that tells of an error."""
    return {
        "type": f"urn:workbench:error:{error.code}",
        "title": error.what,
        "status": int(status(error)),
        "detail": str(error).partition("\n")[0],
        "error": codec.error(error)["error"],
    }
