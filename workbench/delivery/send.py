"""The process that speaks to a receiver: reads an address and messages, and answers with a line for each."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

_TYPES = {"failure": "failure", "withheld": "warning", "late": "warning", "recovery": "success"}
_LONGEST = 300


class _Heard(logging.Handler):
    """Keeps what Apprise complains of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def main() -> None:
    """Send the messages of the order on stdin through Apprise."""
    order = json.load(sys.stdin)
    import apprise

    logger, heard = logging.getLogger("apprise"), _Heard()
    logger.addHandler(heard)
    logger.propagate = False
    asset = apprise.AppriseAsset(app_id="Workbench", app_desc="Workbench", app_url="")
    service = apprise.Apprise(asset=asset)
    known = service.add(order["url"])
    for message in order["messages"]:
        heard.lines.clear()
        error = _send(service, message, heard) if known else "Apprise knows no such address"
        sys.stdout.write(json.dumps({"id": message["id"], "error": error}) + "\n")
        sys.stdout.flush()


def _send(service: Any, message: dict[str, str], heard: _Heard) -> str:
    """Send one message; why that failed, empty when it did not."""
    body = f"{message['body']}\n\nMessage {message['id']}"
    kind = _TYPES.get(message["occasion"], "info")
    try:
        if service.notify(body=body, title=message["title"], notify_type=kind, body_format="text"):
            return ""
    except Exception as error:  # a plugin of Apprise that fails is one more receiver that did not answer
        return f"{type(error).__name__}: {error}"[:_LONGEST]
    return "; ".join(heard.lines[-2:])[:_LONGEST] or "it was refused"


if __name__ == "__main__":
    main()
