"""Receivers of messages to speak to on loopback: a web hook and a mail server, well or not."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "s3cr3t-t0ken-9f8e7d"
"""What in their addresses nobody should read."""


@dataclass
class Hook:
    """A web hook; ``answer`` is the status it gives, and ``go`` lets it answer at all."""

    port: int = 0
    answer: int = 200
    go: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    got: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/{TOKEN}"


@contextmanager
def web_hook() -> Iterator[Hook]:
    """A web hook that is well."""
    hook = Hook()
    hook.go.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.reached.set()
            hook.go.wait(60)
            if hook.answer == 200:
                hook.got.append(json.loads(body))
            with suppress(OSError):
                self.send_response(hook.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        hook.port = port
        try:
            yield hook
        finally:
            hook.go.set()


@dataclass
class Mail:
    """A mail server; ``go`` lets it greet at all, ``refuse`` makes it take no recipient."""

    port: int = 0
    refuse: bool = False
    go: threading.Event = field(default_factory=threading.Event)
    got: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        where = "smtp=127.0.0.1&mode=insecure&from=wb@example.org&to=ada@example.org"
        return f"mailto://wb:{TOKEN}@127.0.0.1:{self.port}?{where}"


@contextmanager
def mail_server() -> Iterator[Mail]:
    """A mail server that is well: as much of SMTP as it takes to send one message."""
    mail = Mail()
    mail.go.set()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                mail.go.wait(60)
                self.say("220 here")
                while line := self.rfile.readline().decode().strip():
                    if not self.obey(line.upper()):
                        return

        def obey(self, line: str) -> bool:
            answers: dict[str, Callable[[], str]] = {
                "EHLO": lambda: "250-here\r\n250 AUTH PLAIN LOGIN",
                "AUTH": lambda: "235 welcome",
                "RCPT": lambda: "550 nobody" if mail.refuse else "250 ok",
                "DATA": self.take,
                "QUIT": lambda: "221 bye",
            }
            self.say(answers.get(line[:4], lambda: "250 ok")())
            return not line.startswith("QUIT")

        def take(self) -> str:
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline().decode()) != ".\r\n":
                lines.append(line)
            mail.got.append("".join(lines))
            return "250 taken"

        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with serving(Server(("127.0.0.1", 0), Handler)) as port:
        mail.port = port
        try:
            yield mail
        finally:
            mail.go.set()


@contextmanager
def serving(server: Any) -> Iterator[int]:
    """A server at work in a thread; its port."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
