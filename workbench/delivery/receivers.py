"""Addresses of receivers: put together when a message is sent, and struck out of whatever is kept or shown of it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from workbench.model.errors import NotFound, UsageError, did_you_mean
from workbench.model.notification import Receiver

SECRETS = "secrets"
"""The folder in ``.workbench`` whose files hold what ``${secret:NAME}`` stands for, one each."""

_REFERENCE = re.compile(r"\$\{(env|secret):([^{}]+)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}", re.ASCII)
_SHORTEST = 4
"""Shorter parts of an address are no secret, and would be struck out of ordinary words."""


def find_receiver(receivers: Iterable[Receiver], name: str) -> Receiver:
    """The receiver of that name. Raises NotFound (WB-NTF-861)."""
    known = {receiver.name: receiver for receiver in receivers}
    if name in known:
        return known[name]
    raise NotFound(
        "WB-NTF-861",
        f'there is no receiver "{name}"',
        cause=f"known: {', '.join(known)}.{did_you_mean(name, known)}" if known else "workbench.toml names none",
        next=f'add [notify.{name}] with url = "${{env:{name.upper()}_URL}}" to workbench.toml',
    )


def addresses(receiver: Receiver, state: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The whole addresses of a receiver, and everything in them that nobody should read, the longest first.

    ``state`` is the project's state folder. Raises UsageError (WB-NTF-863) for what stands for nothing.
    """
    hidden: list[str] = []

    def put(match: re.Match[str]) -> str:
        value = _environment(match[2]) if match[1] == "env" else _secret(match[2], state)
        hidden.append(value)
        return value

    urls = tuple(_REFERENCE.sub(put, url) for url in receiver.urls)
    parts = {part for url in urls for part in (url, *_parts(url))} | set(hidden)
    return urls, tuple(sorted((part for part in parts if len(part) >= _SHORTEST), key=len, reverse=True))


def strike_out(text: str, hidden: Iterable[str]) -> str:
    """``text`` with ``***`` for everything in it that is hidden."""
    for part in hidden:
        text = text.replace(part, "***")
    return text


def _environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise _missing(f"the environment variable {name} is not set", "set it where wb up and wb run are started")
    return value


def _secret(name: str, state: Path) -> str:
    path = state / SECRETS / name
    if not _NAME.fullmatch(name):
        raise _missing(f'"{name}" is no name of a secret', "letters, digits, _, . and - make one")
    mend = f"write it into .workbench/{SECRETS}/{name}, which only you may read"
    try:
        mode = path.stat().st_mode
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _missing(f"there is no secret {name}", mend) from None
    if stat.S_IMODE(mode) & 0o077:
        raise _missing(f"others may read the secret {name}", f"chmod 600 .workbench/{SECRETS}/{name}")
    if not value:
        raise _missing(f"the secret {name} is empty", mend)
    return value


def _missing(cause: str, mend: str) -> UsageError:
    return UsageError("WB-NTF-863", "the address of a receiver is not whole", cause=cause, next=mend)


def _parts(url: str) -> Iterable[str]:
    """What of an address may be told in an error of whoever was spoken to: user, password, path, values of queries."""
    try:
        split = urlsplit(url)
    except ValueError:
        return
    for part in (split.netloc, *split.netloc.rpartition("@")[0].split(":"), *split.path.split("/")):
        yield part
        yield unquote(part)
    for pair in split.query.split("&"):
        yield pair.partition("=")[2]
        yield unquote(pair.partition("=")[2])
