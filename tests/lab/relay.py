"""A network between a browser and its server that can be taken away and given back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 65536


class Relay:
    """Passes on what comes to ``port`` of loopback to another one; ``cut`` breaks all of it, until ``mend``."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """Break every connection; whoever comes now is turned away."""
        with self._lock:
            self._is_cut = True
            broken, self._open = self._open, set()
        for each in broken:
            _end(each)

    def mend(self) -> None:
        """Let them in again."""
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        """End it for good."""
        self.cut()
        _end(self._listening)

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(here,), daemon=True).start()

    def _serve(self, here: socket.socket) -> None:
        try:
            there = socket.create_connection(("127.0.0.1", self._to), timeout=10)
            there.settimeout(None)
        except OSError:
            return _end(here)
        with self._lock:
            is_cut = self._is_cut
            if not is_cut:
                self._open |= {here, there}
        if is_cut:
            _end(here)
            return _end(there)
        back = threading.Thread(target=self._pass, args=(there, here), daemon=True)
        back.start()
        self._pass(here, there)
        back.join()
        with self._lock:
            self._open -= {here, there}
        return None

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        """Pass on until either end is closed, then close both."""
        with suppress(OSError):
            while piece := source.recv(PIECE):
                target.sendall(piece)
        _end(source)
        _end(target)


@contextmanager
def relayed(port: int) -> Iterator[Relay]:
    """A relay to a port, for the block."""
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()


def _end(of: socket.socket) -> None:
    with suppress(OSError):
        of.shutdown(socket.SHUT_RDWR)
    of.close()
